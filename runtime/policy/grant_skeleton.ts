import { DEFAULT_LIMITS, type Limits } from "../core/documents/grant.ts";
import type { Manifest, PermissionRequest } from "../core/documents/manifest.ts";
import { replaceUnprintable } from "../core/printable.ts";
import { LIMIT_KEYS } from "./ceiling.ts";
import { parseNetAddress } from "./net/address.ts";
import { envFinding, sysFinding } from "./permissions/names.ts";
import { schemaLine } from "./schema/policy_schemas.ts";
import { pathFinding } from "./permissions/paths.ts";

/**
 * Writes a grant file for an admin to look through: everything the manifest asks for, with the
 * publisher's reasons as comments. What can be granted as it stands is active; what is wide, says
 * no value or would be unsafe stands there commented out, to be decided by hand.
 *
 * @param manifest verified; its texts are still the publisher's, so they are written so that no
 * comment can end early.
 * @param orders who may order the script.
 * @returns YAML that `parseGrant` reads.
 */
export function writeGrantSkeleton(manifest: Manifest, orders: readonly string[]): string {
  const script = `${manifest.publisher}/${manifest.name}`;
  return [
    schemaLine("grant").trimEnd(),
    `# What ${script} ${manifest.version} asks for. Grant no more than you understand.`,
    ...(manifest.description ? [comment("", manifest.description)] : []),
    `script: ${script}`,
    orders.length > 0
      ? `orders: [${orders.join(", ")}]`
      : "orders: [] # name at least one orderer of fleet.yaml",
    ...permissionLines(manifest.requests),
    ...capabilityLines(manifest.capabilities),
    ...limitLines({ ...DEFAULT_LIMITS, ...defined(manifest.limits ?? {}) }),
    ...(manifest.life === "fresh" ? [] : [`life: ${manifest.life}`]),
    "",
  ].join("\n");
}

const LISTS = ["net", "read", "write", "env", "sys"] as const;

function permissionLines(requests: readonly PermissionRequest[]): string[] {
  if (requests.length === 0) return ["# It asks for no permission.", "permissions: {}"];
  const body = LISTS.flatMap((kind) => {
    const asked = requests.filter((request) => request.permission === kind);
    if (asked.length === 0) return [];
    const active = asked.some(grantable);
    return [
      active ? `  ${kind}:` : `  # ${kind}:`,
      ...asked.flatMap((request) => [
        comment("    ", request.reason),
        grantable(request)
          ? `    - ${JSON.stringify(request.value)}`
          : `    # - ${request.value === undefined ? EXAMPLES[kind] : flat(request.value)}`,
      ]),
    ];
  });
  const unsafe = requests.filter((r) => r.permission === "run" || r.permission === "ffi");
  const unsafeLines = unsafe.length === 0 ? [] : [
    "  # unsafe:",
    ...unsafe.map(({ permission, value, reason }) =>
      `    # - { permission: ${permission}, value: ${JSON.stringify(flat(value ?? ""))}, ` +
      `reason: ${JSON.stringify(flat(reason))} }`
    ),
  ];
  const any = requests.some(grantable);
  const head = any ? "permissions:" : "permissions: {} # take {} away to grant what follows";
  return [head, ...body, ...unsafeLines];
}

/** An example where the manifest leaves the value to the admin. */
const EXAMPLES: Record<(typeof LISTS)[number], string> = {
  net: '"192.168.1.20:631"',
  read: "/srv/example",
  write: "/srv/example",
  env: "NAME",
  sys: "hostname",
};

/** Whether a request can be granted as it stands, without the word `unsafe`. */
function grantable({ permission, value }: PermissionRequest): boolean {
  if (value === undefined) return false;
  switch (permission) {
    case "net":
      return "ok" in parseNetAddress(value);
    case "read":
    case "write":
      return pathFinding(value, permission) === undefined;
    case "env":
      return envFinding(value) === undefined;
    case "sys":
      return sysFinding(value) === undefined;
    default:
      return false;
  }
}

function capabilityLines(capabilities: Manifest["capabilities"]): string[] {
  if (capabilities.length === 0) return [];
  const any = capabilities.some((name) => SETTINGS[name] === undefined);
  return [
    any ? "capabilities:" : "capabilities: {} # take {} away to grant what follows",
    ...capabilities.map((name) => {
      const settings = SETTINGS[name];
      return settings === undefined ? `  ${name}: {}` : `  # ${name}: ${settings}`;
    }),
  ];
}

/** An example for what no grant gives before an admin has decided where it ends. */
const SETTINGS: Partial<Record<Manifest["capabilities"][number], string>> = {
  browser: '{ urls: ["https://shop.example"] }',
};

function limitLines(limits: Limits): string[] {
  return [
    "limits:",
    ...(Object.keys(LIMIT_KEYS) as (keyof Limits)[]).map((name) =>
      `  ${LIMIT_KEYS[name].key}: ${LIMIT_KEYS[name].format(limits[name])}`
    ),
  ];
}

function defined(limits: NonNullable<Manifest["limits"]>): Partial<Limits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

function comment(indent: string, text: string): string {
  return `${indent}# ${flat(text)}`;
}

/** One line without anything a terminal or YAML could take for more than text. */
function flat(text: string): string {
  return replaceUnprintable(text, () => "\n").replace(/\n+/g, " ").trim();
}

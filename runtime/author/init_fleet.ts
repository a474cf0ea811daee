import type { PublicKey } from "../core/documents/common.ts";
import { sealDocument } from "../core/dsse.ts";
import { AuthorError } from "./errors.ts";
import { writeNewKey, type WrittenKey } from "./key_file.ts";
import { instantOf } from "../core/instant.ts";
import { policySchemaTexts } from "./policy_schema_files.ts";
import {
  acceptYaml,
  FLEET_GITIGNORE,
  fleetYaml,
  HELLO_GRANT,
  HELLO_MANIFEST,
  HELLO_MODULE,
} from "./templates.ts";

/** How long the first root of a fleet is good for. */
const ROOT_LIFETIME_MS = 365 * 24 * 3_600_000;

/** Keys of a new fleet, by the names of their files. */
const FLEET_KEYS = ["root", "accept", "operator", "publisher"] as const;
type FleetKey = (typeof FLEET_KEYS)[number];

/** A fleet folder that was made. */
export interface NewFleet {
  readonly dir: string;
  readonly fleet: string;
  readonly keys: Readonly<Record<FleetKey, WrittenKey>>;
  /** Relative to the folder. */
  readonly files: readonly string[];
}

/**
 * Makes a fleet folder that works at once: keys, a policy that accepts the example script of an
 * example publisher, that script, and the fleet's first root for the day when lists are signed.
 *
 * @param dir Absolute; made when it is missing.
 * @param options.fleet The fleet's name, of a–z, 0–9 and -.
 * @param options.now Milliseconds since the epoch.
 * @throws {AuthorError} fleet_exists – when any of its folders is there: nothing is replaced
 */
export async function initFleet(
  dir: string,
  options: { fleet: string; now: number },
): Promise<NewFleet> {
  const { fleet, now } = options;
  await requireFree(dir);
  const folders = [
    "keys",
    "policy",
    "policy/grants",
    "policy/schema",
    "policy/signed",
    "scripts/hello",
  ];
  for (const folder of folders) {
    await Deno.mkdir(`${dir}/${folder}`, { recursive: true });
    await setMode(`${dir}/${folder}`, folder === "keys" ? 0o700 : 0o755);
  }
  const keys = {} as Record<FleetKey, WrittenKey>;
  for (const name of FLEET_KEYS) keys[name] = await writeNewKey(`${dir}/keys/${name}.pem`);
  const named = { operator: keys.operator.publicKey, publisher: keys.publisher.publicKey };
  const files: Record<string, string | Uint8Array> = {
    ".gitignore": FLEET_GITIGNORE,
    "policy/fleet.yaml": fleetYaml(fleet, named),
    "policy/accept.yaml": acceptYaml(named),
    "policy/grants/hello.yaml": HELLO_GRANT,
    ...schemaFiles(),
    "policy/signed/root.1.json": firstRoot(fleet, keys, now),
    "scripts/hello/manifest.yaml": HELLO_MANIFEST,
    "scripts/hello/mod.ts": HELLO_MODULE,
  };
  for (const [name, content] of Object.entries(files)) {
    if (name === ".gitignore" && await exists(`${dir}/${name}`)) continue;
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(`${dir}/${name}`, bytes, { createNew: true });
    // A policy that others may write is refused, whatever the umask was.
    await setMode(`${dir}/${name}`, 0o644);
  }
  return { dir, fleet, keys, files: Object.keys(files) };
}

/** What editors check the policy by. */
function schemaFiles(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(policySchemaTexts()).map(([name, text]) => [`policy/schema/${name}`, text]),
  );
}

function firstRoot(fleet: string, keys: Record<FleetKey, WrittenKey>, now: number): Uint8Array {
  const only = (key: FleetKey): { keys: PublicKey[]; threshold: number } => ({
    keys: [keys[key].publicKey],
    threshold: 1,
  });
  return sealDocument("root", {
    fleet,
    version: 1,
    epoch: 1,
    issued: instantOf(now),
    expires: instantOf(now + ROOT_LIFETIME_MS),
    roles: { root: only("root"), accept: only("accept") },
    orderers: { operator: only("operator") },
  }, [keys.root.signer]);
}

async function requireFree(dir: string): Promise<void> {
  for (const name of ["keys", "policy", "scripts/hello"]) {
    if (!await exists(`${dir}/${name}`)) continue;
    throw new AuthorError(
      "fleet_exists",
      `Cannot make a fleet in "${dir}" as it has a folder "${name}" already`,
      "choose another folder: writ init DIR",
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function setMode(path: string, mode: number): Promise<void> {
  if (Deno.build.os !== "windows") await Deno.chmod(path, mode);
}

import type { ScriptName } from "../../core/documents/common.ts";
import type { Grant, Life, Limits } from "../../core/documents/grant.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { beyondCeiling, LIMIT_KEYS } from "../ceiling.ts";
import { denoFlags } from "../deno_flags.ts";
import { parseNetAddress } from "../net/address.ts";
import { formatSize } from "../units.ts";

/** One thing a script can do, as the policy says it and in words. */
export interface ExplainedRule {
  /** The key in the grant file: `net`, `read`, `unsafe` … */
  readonly rule: string;
  readonly value: string;
  readonly words: string;
  readonly unsafe: boolean;
}

/** All that a grant means. The shape of `writ policy explain --json`. */
export interface Explanation {
  readonly script: ScriptName;
  /** What of the script may run; empty for a grant alone. */
  readonly accepted: readonly string[];
  /** What is forbidden of it, with the reason. */
  readonly denied: readonly string[];
  /** Who may order it. */
  readonly orders: readonly { readonly orderer: string; readonly words: string }[];
  readonly permissions: readonly ExplainedRule[];
  readonly capabilities: readonly ExplainedRule[];
  readonly serve: readonly ExplainedRule[];
  readonly limits: Limits;
  readonly life: Life;
  /** The lowest isolation level it runs at. */
  readonly isolation: 0 | 1 | 2 | 3;
  /** What the ceiling does not allow; the script does not run while this is not empty. */
  readonly beyondCeiling: readonly string[];
  /** The very flags of the cell. */
  readonly flags: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  /** Those flags of `allow` that are there because of `unsafe`. */
  readonly unsafeFlags: readonly string[];
}

/**
 * Explains what one grant allows, rule by rule, with the flags that enforce it.
 *
 * @param policy where the grant stands, for who may order it and what of it is accepted.
 * @throws {PolicyError} bad_value, needs_unsafe, overlap, duplicate – when the grant cannot become flags
 *
 * @example
 * ```ts
 * import { explain } from "./explain.ts";
 * import { parseGrant } from "../files/grant_file.ts";
 * import assert from "node:assert/strict";
 *
 * const grant = parseGrant('permissions: { net: ["192.168.1.20:631"] }', "print.yaml");
 * assert.equal(
 *   explain(grant).permissions[0]?.words,
 *   "can talk to 192.168.1.20 port 631; can also listen there",
 * );
 * ```
 */
export function explain(grant: Grant, policy?: PolicyInForce): Explanation {
  const { allow, deny, unsafe } = denoFlags(grant.permissions);
  return {
    script: grant.script,
    accepted: policy ? acceptedWords(policy, grant.script) : [],
    denied: policy ? deniedWords(policy, grant.script) : [],
    orders: grant.orders.map((orderer) => ({ orderer, words: ordererWords(orderer, policy) })),
    permissions: permissionRules(grant),
    capabilities: capabilityRules(grant),
    serve: serveRules(grant),
    limits: grant.limits,
    life: grant.life ?? "fresh",
    isolation: grant.minLevel ?? 0,
    beyondCeiling: policy
      ? beyondCeiling(grant, policy.ceiling).map(({ segments, message }) =>
        `${segments.slice(0, 2).join(".")} ${message}`
      )
      : [],
    flags: { allow, deny },
    unsafeFlags: unsafe,
  };
}

function permissionRules({ permissions }: Grant): ExplainedRule[] {
  const safe = (rule: string, value: string, words: string): ExplainedRule => ({
    rule,
    value,
    words,
    unsafe: false,
  });
  return [
    ...(permissions.net ?? []).map(({ address, internal }) =>
      safe("net", address, netWords(address, internal))
    ),
    ...(permissions.read ?? []).map((path) =>
      safe("read", path, `can read ${path} and everything below`)
    ),
    ...(permissions.write ?? []).map((path) =>
      safe("write", path, `can write, create and delete ${path} and everything below`)
    ),
    ...(permissions.env ?? []).map((name) =>
      safe("env", name, `can see the environment variable ${name}`)
    ),
    ...(permissions.sys ?? []).map((name) =>
      safe("sys", name, `can ask the system for ${SYS_WORDS[name] ?? name}`)
    ),
    ...(permissions.unsafe ?? []).map(({ permission, value, reason }) => ({
      rule: "unsafe",
      value: value === "" ? permission : `${permission} ${value}`,
      words: `${UNSAFE_WORDS[permission](value)} (reason: ${reason})`,
      unsafe: true,
    })),
  ];
}

function netWords(address: string, internal: boolean): string {
  const parsed = parseNetAddress(address);
  if (!("ok" in parsed)) return `can talk to ${address}`;
  const { host, port, ip } = parsed.ok;
  const where = ip
    ? ""
    : internal
    ? ", wherever the name leads inside this network"
    : ", as long as the name leads outside this network";
  return `can talk to ${host} port ${port}${where}; can also listen there`;
}

function capabilityRules({ capabilities }: Grant): ExplainedRule[] {
  return Object.entries(capabilities ?? {}).map(([name, settings]) => ({
    rule: "capability",
    value: name,
    words: `is lent ${CAPABILITY_WORDS[name] ?? name}` +
      (settings?.quotaBytes ? `, at most ${formatSize(settings.quotaBytes)}` : ""),
    unsafe: false,
  }));
}

function serveRules({ serve }: Grant): ExplainedRule[] {
  return (serve ?? []).map((callers) => ({
    rule: "serve",
    value: callers,
    words: `answers requests from ${SERVE_WORDS[callers]}`,
    unsafe: false,
  }));
}

function ordererWords(orderer: string, policy: PolicyInForce | undefined): string {
  const role = policy?.orderers.get(orderer);
  if (!role) return orderer;
  return `${orderer}: ${role.threshold} of ${role.keys.length} ${
    role.keys.length === 1 ? "key" : "keys"
  }`;
}

function acceptedWords(policy: PolicyInForce, script: ScriptName): string[] {
  return policy.accept.filter((entry) => entry.script === script).map((entry) =>
    "sha256" in entry ? `exactly ${entry.sha256}` : `versions ${entry.range}` +
      (entry.minSequence === undefined ? "" : ` from sequence ${entry.minSequence} on`)
  );
}

function deniedWords(policy: PolicyInForce, script: ScriptName): string[] {
  const keys = new Set(policy.publishers.get(script.split("/")[0]!)?.keys.map((k) => k.key));
  return policy.deny.flatMap((entry) => {
    const because = entry.reason === undefined ? "" : ` (reason: ${entry.reason})`;
    if ("sha256" in entry) return [`exactly ${entry.sha256}${because}`];
    if ("key" in entry) return keys.has(entry.key) ? [`signed by ${entry.key}${because}`] : [];
    return entry.script === script ? [`versions ${entry.range ?? "*"}${because}`] : [];
  });
}

/** Every limit with its key and its value in words. */
export function limitWords(limits: Limits): [key: string, words: string][] {
  return (Object.keys(LIMIT_KEYS) as (keyof Limits)[]).map((name) => {
    const { key, format } = LIMIT_KEYS[name];
    return [key, format(limits[name])];
  });
}

const SYS_WORDS: Record<string, string> = {
  hostname: "the host's name",
  osRelease: "the system's release",
  osUptime: "how long the system is up",
  loadavg: "the system's load",
  systemMemoryInfo: "the system's memory",
  cpus: "the system's processors",
};

const CAPABILITY_WORDS: Record<string, string> = {
  dir: "a private scratch directory",
  store: "a private key-value store",
  blobs: "stored documents",
  peers: "calls to the same script on other agents",
  channel: "message channels to its other instances",
  browser: "the browser",
  scanner: "the virus scanner",
};

const SERVE_WORDS = {
  loopback: "this machine",
  peers: "other agents of the fleet",
  public: "anybody who can reach this machine",
};

const UNSAFE_WORDS:
  & Record<string, (value: string) => string>
  & {
    readonly [K in NonNullable<Grant["permissions"]["unsafe"]>[number]["permission"]]: (
      value: string,
    ) => string;
  } = {
    run: (v) => v ? `can start ${v}, which nothing bounds` : "can start any program",
    ffi: (v) => v ? `can load native code from ${v}` : "can load any native code",
    read: (v) => v ? `can read ${v}` : "can read every file",
    write: (v) => v ? `can write ${v}` : "can write every file",
    net: (v) => v ? `can talk to ${v}, internal addresses included` : "can talk to anything",
    env: (v) => v ? `can see ${v} of the environment` : "can see the whole environment",
    sys: (v) => v ? `can ask the system for ${v}` : "can ask the system for anything",
  };

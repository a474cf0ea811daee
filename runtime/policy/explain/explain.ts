import type { ScriptName } from "../../core/documents/common.ts";
import type { Grant, Life, Limits } from "../../core/documents/grant.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { beyondCeiling, LIMIT_KEYS } from "../ceiling.ts";
import { denoFlags } from "../deno_flags.ts";
import { summaryOf } from "./summary.ts";
import { capabilityRules, type ExplainedRule, permissionRules, serveRules } from "./rule_words.ts";

export type { ExplainedRule } from "./rule_words.ts";

/** All that a grant means. The shape of `writ policy explain --json`. */
export interface Explanation {
  readonly script: ScriptName;
  /** What it all comes to, in one sentence. */
  readonly summary: string;
  /** What stands above all rules: that nothing runs here, or only until some time. */
  readonly notes: readonly string[];
  /** Whose signatures its releases need; empty for a grant alone. */
  readonly signers: readonly string[];
  /** What of the script may run; empty for a grant alone. */
  readonly accepted: readonly string[];
  /** What is forbidden of it, with the reason. */
  readonly denied: readonly string[];
  /** Who may order it. */
  readonly orders: readonly { readonly orderer: string; readonly words: string }[];
  readonly permissions: readonly ExplainedRule[];
  readonly capabilities: readonly ExplainedRule[];
  readonly serve: readonly ExplainedRule[];
  /** What the script itself is told; the agent makes nothing of it. */
  readonly settings: NonNullable<Grant["settings"]>;
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
    summary: summaryOf(grant.permissions, grant),
    notes: policy ? noteWords(policy) : [],
    signers: policy ? signerWords(policy, grant.script) : [],
    accepted: policy ? acceptedWords(policy, grant.script) : [],
    denied: policy ? deniedWords(policy, grant.script) : [],
    orders: grant.orders.map((orderer) => ({ orderer, words: ordererWords(orderer, policy) })),
    permissions: permissionRules(grant.permissions),
    capabilities: capabilityRules(grant.capabilities),
    serve: serveRules(grant.serve),
    settings: grant.settings ?? {},
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

function noteWords({ auditMode, expires }: PolicyInForce): string[] {
  return [
    ...(auditMode ? ["NOTHING RUNS HERE: audit-mode only records"] : []),
    ...(expires === undefined
      ? []
      : [`the policy is good until ${new Date(expires).toISOString()}`]),
  ];
}

function signerWords(policy: PolicyInForce, script: ScriptName): string[] {
  const publisher = policy.publishers.get(script.split("/")[0]!);
  if (!publisher) return ["nobody: its publisher is not listed"];
  const states = publisher.keys.map(({ state }) => state);
  const active = states.filter((state) => state === "active").length;
  const others = states.length - active;
  return [
    `${publisher.threshold} of ${active} active ${active === 1 ? "key" : "keys"}` +
    (others > 0 ? `, ${others} retired or revoked` : ""),
  ];
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

import type { Grant, Permissions } from "../../core/documents/grant.ts";
import { parseNetAddress } from "../net/address.ts";
import { permissionRules } from "./rule_words.ts";

/**
 * Says in one sentence what a grant allows, and that it allows nothing else; what is unsafe is said
 * first, and then nothing bounds it.
 *
 * @example
 * ```ts
 * import { summaryOf } from "./summary.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   summaryOf({ net: [{ address: "192.168.1.20:631", internal: false }] }),
 *   "can talk to 192.168.1.20 port 631 and nothing else; can also listen there",
 * );
 * assert.equal(summaryOf({}), "can touch nothing: no network, no file, no variable");
 * ```
 */
export function summaryOf(
  permissions: Permissions,
  { capabilities, serve }: Pick<Grant, "capabilities" | "serve"> = {},
): string {
  const { net = [], read = [], write = [], env = [], sys = [], unsafe = [] } = permissions;
  const lent = Object.keys(capabilities ?? {});
  const can = [
    ...(net.length > 0 ? [`talk to ${list(net.map(({ address }) => hostWords(address)))}`] : []),
    ...(read.length > 0 ? [`read ${list(read)}`] : []),
    ...(write.length > 0 ? [`write ${list(write)}`] : []),
    ...(env.length > 0 ? [`see ${list(env)} of the environment`] : []),
    ...(sys.length > 0 ? [`ask the system for ${list(sys)}`] : []),
    ...(lent.length > 0 ? [`use ${list(lent)} of the agent`] : []),
  ];
  const listens = net.length > 0 ? "; can also listen there" : "";
  const answers = serve === undefined ? "" : "; answers requests";
  if (unsafe.length > 0) {
    const words = permissionRules({ unsafe }).map((rule) => rule.words);
    const also = can.length > 0 ? `; can also ${list(can)}` : "";
    return `UNSAFE: ${words.join("; ")}${also}${listens}${answers}`;
  }
  if (can.length === 0) {
    return `can touch nothing: no network, no file, no variable${answers}`;
  }
  return `can ${list(can)} and nothing else${listens}${answers}`;
}

function hostWords(address: string): string {
  const parsed = parseNetAddress(address);
  return "ok" in parsed ? `${parsed.ok.host} port ${parsed.ok.port}` : address;
}

/** `a`, `a and b`, `a, b and c`. */
function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

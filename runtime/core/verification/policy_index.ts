import type { AcceptEntry, DenyEntry } from "../documents/acceptlist.ts";
import type { Digest, PublicKey, ScriptName } from "../documents/common.ts";
import type { PolicyInForce } from "../policy_in_force.ts";

type ByScript<T> = ReadonlyMap<ScriptName, readonly T[]>;

/** What a policy denies, by what an entry names. */
export interface DenyIndex {
  readonly keys: ReadonlyMap<PublicKey, DenyEntry>;
  readonly hashes: ReadonlyMap<Digest, DenyEntry>;
  readonly scripts: ByScript<Extract<DenyEntry, { script: ScriptName }>>;
}

// By the lists themselves, which nobody changes once they are in a policy.
const accepts = new WeakMap<readonly AcceptEntry[], ByScript<AcceptEntry>>();
const denies = new WeakMap<readonly DenyEntry[], DenyIndex>();

/** The accept entries for one script, in the policy's sequence: a list may hold ten thousand. */
export function acceptEntriesOf({ accept }: PolicyInForce, script: ScriptName) {
  let index = accepts.get(accept);
  if (!index) accepts.set(accept, index = Map.groupBy(accept, (entry) => entry.script));
  return index.get(script) ?? [];
}

/** The deny entries, to be looked up by key, hash or script. */
export function denyIndexOf({ deny }: PolicyInForce): DenyIndex {
  let index = denies.get(deny);
  if (!index) denies.set(deny, index = makeDenyIndex(deny));
  return index;
}

function makeDenyIndex(deny: readonly DenyEntry[]): DenyIndex {
  return {
    keys: new Map(deny.flatMap((entry) => "key" in entry ? [[entry.key, entry]] : [])),
    hashes: new Map(deny.flatMap((entry) => "sha256" in entry ? [[entry.sha256, entry]] : [])),
    scripts: Map.groupBy(deny.filter((entry) => "script" in entry), (entry) => entry.script),
  };
}

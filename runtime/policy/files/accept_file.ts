import { isMap } from "yaml";
import type {
  AcceptEntry,
  DenyEntry,
  Publisher,
  PublisherKey,
} from "../../core/documents/acceptlist.ts";
import type { KeyId } from "../../core/documents/common.ts";
import { LIMITS } from "../../core/limits.ts";
import { closed, count, listOf, mapOf, oneOf } from "../yaml/decoders.ts";
import { type Decoder, either, refine } from "../yaml/decoder.ts";
import { Place } from "../yaml/place.ts";
import type { PolicyFile } from "../yaml/policy_file.ts";
import {
  digest,
  instant,
  keyId,
  name,
  publicKey,
  range,
  reason,
  scriptName,
  writtenKeys,
} from "./values.ts";

/** What `accept.yaml` says. */
export interface AcceptFile {
  readonly publishers: ReadonlyMap<string, Publisher>;
  readonly accept: readonly AcceptEntry[];
  readonly deny: readonly DenyEntry[];
  readonly labels: ReadonlyMap<KeyId, readonly string[]>;
  /** As written; required in a signed list. */
  readonly expires?: string;
}

const sequence = count(0, Number.MAX_SAFE_INTEGER);

const statedKey = refine(
  closed(
    { key: publicKey },
    { state: oneOf(["active", "retired", "revoked"]), "max-sequence": sequence },
  ),
  (entry, place): PublisherKey | undefined => {
    const state = entry.state ?? "active";
    const maxSequence = entry["max-sequence"];
    if (maxSequence !== undefined && state !== "retired") {
      return place.mistake({
        code: "bad_value",
        message: `must not have max-sequence, which is for retired keys: this one is ${state}`,
      });
    }
    return { key: entry.key, state, ...(maxSequence !== undefined && { maxSequence }) };
  },
);

/** A key alone is active; a mapping also says its state. */
const publisherKey: Decoder<PublisherKey> = either(
  (place) => {
    if (isMap(place.node)) return statedKey(place);
    const key = publicKey(place);
    return key && { key, state: "active" };
  },
  [publicKey, statedKey],
);

const keysAndThreshold = closed(
  { keys: listOf(publisherKey, 1) },
  { threshold: count(1, LIMITS.SIGNATURES) },
);

/** Keys and a threshold that some of them can reach. */
const publisher: Decoder<Publisher> = refine(keysAndThreshold, (entry, place) => {
  const { keys, threshold = 1 } = entry;
  if (keys.length < writtenKeys(place)) return undefined;
  const distinct = new Set(keys.map((k) => k.key)).size;
  const usable = new Set(keys.filter((k) => k.state !== "revoked").map((k) => k.key)).size;
  const keyPlace = place.below("keys", place.file.find([...place.segments, "keys"]));
  if (distinct < keys.length) {
    return keyPlace.mistake({ code: "duplicate", message: "must not name the same key twice" });
  }
  if (keys.length > LIMITS.SIGNATURES) {
    return keyPlace.mistake({
      code: "bad_value",
      message: `must be at most ${LIMITS.SIGNATURES} keys: got ${keys.length}`,
    });
  }
  if (threshold > distinct) {
    return place.below("threshold", place.file.find([...place.segments, "threshold"])).mistake({
      code: "threshold",
      message: `must be at most the ${distinct} keys there are: got ${threshold}`,
    });
  }
  if (threshold > usable) {
    place.warn({
      code: "threshold",
      message:
        `can never be met: ${usable} of ${distinct} keys are not revoked, ${threshold} needed`,
    });
  }
  return { keys, threshold };
});

const byHash = closed({ script: scriptName, sha256: digest }, {});
const byRange = refine(
  closed({ script: scriptName, range }, { "min-sequence": sequence }),
  ({ script, range, "min-sequence": minSequence }): AcceptEntry => ({
    script,
    range,
    ...(minSequence !== undefined && { minSequence }),
  }),
);

/** By hash, or by range. */
const acceptEntry: Decoder<AcceptEntry> = either(
  (place) => has(place, "sha256") ? byHash(place) : byRange(place),
  [byHash, byRange],
);

const denyKey = closed({ key: publicKey, reason }, {});
const denyHash = closed({ sha256: digest, reason }, {});
const denyScript = closed({ script: scriptName, reason }, { range });

/** By key, by hash, or by script; always with a reason. */
const denyEntry: Decoder<DenyEntry> = either(
  (place) =>
    has(place, "key")
      ? denyKey(place)
      : has(place, "sha256")
      ? denyHash(place)
      : denyScript(place) as DenyEntry | undefined,
  [denyKey, denyHash, denyScript],
);

/** `accept.yaml` as it is written where it is the whole policy. */
export const acceptYaml = closed({ publishers: mapOf(name, publisher) }, {
  accept: listOf(acceptEntry),
  deny: listOf(denyEntry),
  labels: mapOf(keyId, listOf(name, 1)),
  expires: instant,
});

/**
 * Decodes a parsed `accept.yaml`; mistakes are collected in `file`.
 *
 * @param narrowing whether a signed list is in force, so that only `deny` may stand here.
 */
export function decodeAccept(file: PolicyFile, narrowing = false): AcceptFile | undefined {
  if (!file.root) return undefined;
  const place = new Place(file, file.root);
  const deny = listOf(denyEntry);
  if (narrowing) {
    const signed: Decoder<never> = (at) =>
      at.mistake({
        code: "only_narrows",
        message: "comes from the signed accept-list: only deny may stand here",
      });
    const only = closed({}, {
      deny,
      publishers: signed,
      accept: signed,
      labels: signed,
      expires: signed,
    })(place);
    return only && { ...EMPTY_ACCEPT, deny: only.deny ?? [] };
  }
  const rules = acceptYaml(place);
  return rules && {
    publishers: rules.publishers,
    accept: rules.accept ?? [],
    deny: rules.deny ?? [],
    labels: rules.labels ?? new Map(),
    ...(rules.expires !== undefined && { expires: rules.expires }),
  };
}

/** What holds where there is no `accept.yaml`. */
export const EMPTY_ACCEPT: AcceptFile = {
  publishers: new Map(),
  accept: [],
  deny: [],
  labels: new Map(),
};

function has(place: Place, key: string): boolean {
  return isMap(place.node) && place.node.has(key);
}

import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeBase64, encodeBase64 } from "../../../runtime/core/base64.ts";
import { canonicalBytes, parseCanonical } from "../../../runtime/core/canonical_json.ts";
import { digestOf } from "../../../runtime/core/digest.ts";
import type { Digest } from "../../../runtime/core/documents/common.ts";
import { type DocumentKind, ENVELOPE_BYTES, openEnvelope } from "../../../runtime/core/dsse.ts";
import { VerificationError } from "../../../runtime/core/errors.ts";
import { verifyAcceptList } from "../../../runtime/core/verification/accept_list.ts";
import { checkAccepted } from "../../../runtime/core/verification/accepted.ts";
import { verifyAdvert } from "../../../runtime/core/verification/advert.ts";
import { verifyManifest } from "../../../runtime/core/verification/manifest.ts";
import { verifyOrder } from "../../../runtime/core/verification/order.ts";
import { verifyRelease } from "../../../runtime/core/verification/release.ts";
import { checkRequests } from "../../../runtime/core/verification/requests.ts";
import { verifyRootChain } from "../../../runtime/core/verification/root_chain.ts";
import { allowing } from "../allowed.ts";
import { FuzzFleet } from "../fuzz_fleet.ts";
import { mutatedBytes } from "../mutate.ts";
import { mutatedJson } from "../mutate_json.ts";
import { probe, type Target } from "../target.ts";

const KINDS = ["root", "acceptlist", "manifest", "order", "advert", "release"] as const;
const fleet = new FuzzFleet();

/** What verifies a kind, and on success uses it as an agent does. Answers the payload's digest. */
const VERIFY: Record<DocumentKind, (bytes: Uint8Array) => Digest> = {
  root: (bytes) => {
    const { root } = fleet.documents;
    return verifyRootChain(root, [bytes], fleet.now).digest;
  },
  acceptlist: (bytes) => {
    const { list, digest } = verifyAcceptList(bytes, {
      root: fleet.documents.root,
      now: fleet.now,
    });
    const policy = fleet.policyFrom(list);
    verify(fleet.seal("order", fleet.documents.order), policy);
    return digest;
  },
  manifest: (bytes) => {
    const { policy } = fleet;
    const verified = verifyManifest(bytes, { policy });
    allowing([VerificationError], () => {
      checkAccepted(verified, { policy, order: fleet.documents.order });
      checkRequests(verified.manifest, policy.grants.get("acme/hello")!, policy.ceiling);
    });
    return verified.digest;
  },
  order: (bytes) => verify(bytes, fleet.policy).digest,
  advert: (bytes) => {
    verifyAdvert(bytes, { fleet: "demo", now: fleet.now });
    return digestOf(openEnvelope("advert", bytes).payload);
  },
  release: (bytes) => {
    verifyRelease(bytes, { root: fleet.documents.root, newest: 1, now: fleet.now });
    return digestOf(openEnvelope("release", bytes).payload);
  },
};

function verify(bytes: Uint8Array, policy: FuzzFleet["policy"]) {
  return verifyOrder(bytes, { policy, agent: fleet.agent, now: fleet.now, seen: () => false });
}

/** Bytes of signed documents, changed anywhere. */
export const envelopes: Target = {
  name: "envelopes",
  what:
    "Changed bytes of signed documents: VerificationError, or the very payload that was signed.",
  open: () => {
    const good = new Map(KINDS.map((kind) => [kind, fleet.seal(kind, documentOf(kind))]));
    for (const [kind, bytes] of good) VERIFY[kind](bytes);
    const words = ['"payload":"', '"keyid":', "}", ",", "eyJ", "=", " ", "\\u0041", ...KINDS];
    const changed = fc.oneof(
      ...KINDS.map((kind) =>
        fc.record({
          kind: fc.constant(kind),
          bytes: fc.oneof(
            mutatedBytes([good.get(kind)!], words),
            mutatedPayload(good.get(kind)!),
            mutatedJson(parseCanonical(good.get(kind)!)).map(canonicalBytes),
          ),
        })
      ),
    );
    return probe(changed, ({ kind, bytes }) => {
      const digest = allowing([VerificationError], () => VERIFY[kind](bytes));
      if (digest === undefined) return;
      assert.equal(
        digest,
        digestOf(openEnvelope(kind, good.get(kind)!).payload),
        "accepted a change",
      );
    });
  },
};

/** Documents that say something else, signed by who may and by who may not. */
export const documents: Target = {
  name: "documents",
  what: "Any JSON as a signed document: VerificationError, always so when a stranger signed.",
  open: () => {
    const values = fc.oneof(
      ...KINDS.map((kind) =>
        fc.record({ kind: fc.constant(kind), value: mutatedJson(documentOf(kind)) })
      ),
      fc.record({ kind: fc.constantFrom(...KINDS), value: fc.jsonValue({ maxDepth: 3 }) }),
    );
    return probe(values, ({ kind, value }) => {
      const payload = canonicalBytes(value);
      if (payload.length * 2 > ENVELOPE_BYTES[kind]) return;
      const digest = allowing([VerificationError], () => VERIFY[kind](fleet.seal(kind, value)));
      if (digest !== undefined) assert.equal(digest, digestOf(payload));
      const foreign = fleet.seal(kind, value, fleet.stranger);
      // A root that names the stranger is signed by its own role, but never by the one before it.
      assert.equal(allowing([VerificationError], () => VERIFY[kind](foreign)), undefined);
    });
  },
};

function documentOf(kind: DocumentKind): unknown {
  return kind === "root" ? { ...fleet.documents.root, version: 2 } : fleet.documents[kind];
}

/** The envelope with other bytes under the old signatures. */
function mutatedPayload(envelope: Uint8Array): fc.Arbitrary<Uint8Array> {
  const fields = parseCanonical(envelope) as { payload: string };
  return mutatedBytes([decodeBase64(fields.payload)!], ['"', "{", "1", "null", ","])
    .map((payload) => canonicalBytes({ ...fields, payload: encodeBase64(payload) }));
}

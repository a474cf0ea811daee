/**
 * Documents that two readers could read differently, signed by whoever must sign them: each kind
 * through the step that verifies it, each spoilt form beside the good one.
 */
import { encodeBase64 } from "../../runtime/core/base64.ts";
import {
  canonicalBytes,
  canonicalText,
  parseCanonical,
} from "../../runtime/core/canonical_json.ts";
import {
  type DocumentKind,
  ENVELOPE_BYTES,
  payloadType,
  preAuthEncoding,
  sealDocument,
  sealPayload,
} from "../../runtime/core/dsse.ts";
import type { VerificationCode } from "../../runtime/core/errors.ts";
import { generateSigner, keyId, type Signer } from "../../runtime/core/key.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { verifyAcceptList } from "../../runtime/core/verification/accept_list.ts";
import { verifyAdvert } from "../../runtime/core/verification/advert.ts";
import { verifyManifest } from "../../runtime/core/verification/manifest.ts";
import { verifyOrder } from "../../runtime/core/verification/order.ts";
import { verifyRelease } from "../../runtime/core/verification/release.ts";
import { verifyRootChain } from "../../runtime/core/verification/root_chain.ts";
import { assertRefused } from "../core/assert_refused.ts";
import { makeFleet, NOW, roleOf, utf8 } from "../core/fixtures.ts";

/** A kind of document of which two keys must sign. */
interface Subject {
  document: object;
  verify(bytes: Uint8Array): unknown;
}

const fleet = makeFleet();
const BOTH = [generateSigner(), generateSigner()] as const;
const role = roleOf(BOTH, 2);
const rules = { root: role, accept: role, releases: role };
const policy = fleet.policy({
  publishers: {
    acme: { keys: role.keys.map((key) => ({ key, state: "active" })), threshold: 2 },
  },
}, { orderers: { operator: role } });

const SUBJECTS: Record<DocumentKind, Subject> = {
  root: {
    document: fleet.root({ version: 2, roles: rules }),
    verify: (bytes) => verifyRootChain(fleet.root({ roles: rules }), [bytes], NOW),
  },
  acceptlist: {
    document: fleet.list(),
    verify: (bytes) => verifyAcceptList(bytes, { root: fleet.root({ roles: rules }), now: NOW }),
  },
  manifest: {
    document: fleet.manifest(),
    verify: (bytes) => verifyManifest(bytes, { policy }),
  },
  order: {
    document: fleet.order(),
    verify: (bytes) =>
      verifyOrder(bytes, { policy, agent: fleet.agent, now: NOW, seen: () => false }),
  },
  advert: {
    document: fleet.advert({ key: BOTH[0].publicKey }),
    verify: (bytes) => verifyAdvert(bytes, { fleet: "demo", now: NOW }),
  },
  release: {
    document: fleet.release(),
    verify: (bytes) =>
      verifyRelease(bytes, { root: fleet.root({ roles: rules }), newest: 1, now: NOW }),
  },
};
const KINDS = Object.keys(SUBJECTS) as DocumentKind[];
/** Those that two must sign; an agent's advert is its own. */
const OF_TWO = KINDS.filter((kind) => kind !== "advert");

/** Plays one attack on each kind: the good document is accepted, the spoilt one refused. */
async function refuse(
  t: Deno.TestContext,
  code: VerificationCode,
  spoil: (kind: DocumentKind, document: object) => Uint8Array,
  kinds = KINDS,
): Promise<void> {
  for (const kind of kinds) {
    await t.step(kind, () => {
      const { document, verify } = SUBJECTS[kind];
      verify(sealDocument(kind, document, BOTH));
      assertRefused(code, () => verify(spoil(kind, document)));
    });
  }
}

/** Ways to write JSON that is not what RFC 8785 writes, but that some reader takes for it. */
const FORMS: Record<string, (canonical: string) => string> = {
  "a duplicate key": (text) => `{"fleet":"evil",${text.slice(1)}`,
  "a duplicate key, escaped": (text) => `{"\\u0066leet":"evil",${text.slice(1)}`,
  "a duplicate payload": (text) => `{"payload":"e30=",${text.slice(1)}`,
  "a space": (text) => `{ ${text.slice(1)}`,
  "a byte order mark": (text) => `\ufeff${text}`,
  "a line break after it": (text) => `${text}\n`,
  "a second value after it": (text) => `${text}{}`,
  "a zero byte after it": (text) => `${text}\0`,
  "a key out of sequence": (text) => `${text.slice(0, -1)},"a":1}`,
  "a key named __proto__": (text) => `{"__proto__":{},${text.slice(1)}`,
  "a number in a second spelling": (text) => `{"a":1.0,${text.slice(1)}`,
  "65 levels of nesting": (text) => `{"a":${"[".repeat(65)}${"]".repeat(65)},${text.slice(1)}`,
  "nothing at all": () => "",
};

Deno.test("a signed payload that is not canonical is refused", async (t) => {
  for (const [name, form] of Object.entries(FORMS)) {
    await t.step(
      name,
      (t) =>
        refuse(
          t,
          "not_canonical",
          (kind, document) => sealPayload(kind, utf8(form(canonicalText(document))), BOTH),
        ),
    );
  }
});

Deno.test("an envelope that is not canonical is refused", async (t) => {
  for (const [name, form] of Object.entries(FORMS)) {
    await t.step(name, (t) =>
      refuse(t, "bad_envelope", (kind, document) => {
        const sealed = new TextDecoder().decode(sealDocument(kind, document, BOTH));
        return utf8(form(sealed));
      }));
  }
});

Deno.test("a signed payload that is not UTF-8 is refused", (t) =>
  refuse(t, "not_canonical", (kind, document) => {
    const payload = canonicalBytes(document);
    payload[2] = 0xff;
    return sealPayload(kind, payload, BOTH);
  }));

Deno.test("a signed payload with an unknown field is refused", (t) =>
  refuse(
    t,
    "bad_schema",
    (kind, document) => sealDocument(kind, { ...document, unknown: 1 }, BOTH),
  ));

Deno.test("a signed list or root with a key of small order is refused", async (t) => {
  const neutral = `ed25519:AQ${"A".repeat(41)}` as const;
  const root = { ...SUBJECTS.root.document, orderers: { hub: { keys: [neutral], threshold: 1 } } };
  const acceptlist = { ...SUBJECTS.acceptlist.document, deny: [{ key: neutral }] };
  for (const [kind, document] of Object.entries({ root, acceptlist })) {
    await t.step(kind, () => {
      const { document: good, verify } = SUBJECTS[kind as DocumentKind];
      verify(sealDocument(kind as DocumentKind, good, BOTH));
      const spoilt = sealDocument(kind as DocumentKind, document, BOTH);
      assertRefused("low_order_key", () => verify(spoilt));
    });
  }
});

Deno.test("a signed payload that is no object is refused", async (t) => {
  for (const value of [null, [], "", 0, true]) {
    await t.step(
      JSON.stringify(value),
      (t) => refuse(t, "bad_schema", (kind) => sealDocument(kind, value, BOTH)),
    );
  }
});

Deno.test("a document of another kind is refused", (t) =>
  refuse(
    t,
    "wrong_kind",
    (kind, document) => sealDocument(kind === "root" ? "order" : "root", document, BOTH),
  ));

Deno.test("a document of another kind under this kind's name is refused", (t) =>
  refuse(t, "threshold", (kind, document) => {
    const other = kind === "root" ? "order" : "root";
    const sealed = parseCanonical(sealDocument(other, document, BOTH)) as object;
    return canonicalBytes({ ...sealed, payloadType: payloadType(kind) });
  }));

Deno.test("one key that signs twice counts once", (t) =>
  refuse(
    t,
    "threshold",
    (kind, document) => sealDocument(kind, document, [BOTH[0], BOTH[0]]),
    OF_TWO,
  ));

Deno.test("one key that signs under two names counts once", (t) =>
  refuse(
    t,
    "threshold",
    (kind, document) =>
      signedAs(kind, document, [[BOTH[0], keyId(BOTH[0].publicKey)], [
        BOTH[0],
        keyId(BOTH[1].publicKey),
      ]]),
    OF_TWO,
  ));

Deno.test("two signatures under one name are refused", (t) =>
  refuse(t, "bad_envelope", (kind, document) => {
    const name = keyId(BOTH[0].publicKey);
    return signedAs(kind, document, [[BOTH[0], name], [BOTH[1], name]]);
  }));

Deno.test("17 signatures are refused, also where two of them would do", (t) =>
  refuse(t, "too_many_signatures", (kind, document) => {
    const others = Array.from({ length: LIMITS.SIGNATURES - 2 }, generateSigner);
    const most = [...BOTH, ...others];
    SUBJECTS[kind].verify(sealDocument(kind, document, most));
    const named = most.map((signer) => [signer, keyId(signer.publicKey)] as const);
    return signedAs(kind, document, [...named, [BOTH[0], "one more"]]);
  }));

Deno.test("no signature is refused", (t) =>
  refuse(t, "bad_envelope", (kind, document) => signedAs(kind, document, [])));

Deno.test("an endless document is refused before it is read", (t) =>
  refuse(t, "too_large", (kind, document) => {
    const sealed = sealDocument(kind, document, BOTH);
    const endless = new Uint8Array(ENVELOPE_BYTES[kind] + 1).fill(0x20);
    endless.set(sealed);
    return endless;
  }));

/** An envelope in which each key signs under the name it is given. */
function signedAs(
  kind: DocumentKind,
  document: object,
  signers: readonly (readonly [Signer, string])[],
): Uint8Array {
  const payload = canonicalBytes(document);
  const message = preAuthEncoding(payloadType(kind), payload);
  return canonicalBytes({
    payload: encodeBase64(payload),
    payloadType: payloadType(kind),
    signatures: signers.map(([signer, keyid]) => ({
      keyid,
      sig: encodeBase64(signer.sign(message)),
    })),
  });
}

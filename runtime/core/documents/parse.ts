import * as v from "valibot";
import { isSameJson, parseCanonical } from "../canonical_json.ts";
import type { DocumentKind } from "../dsse.ts";
import { VerificationError } from "../errors.ts";
import { parsePublicKey } from "../key.ts";
import { type Advert, advertSchema } from "./advert.ts";
import { type AcceptList, acceptListSchema } from "./acceptlist.ts";
import type { PublicKey } from "./common.ts";
import { type Manifest, manifestSchema } from "./manifest.ts";
import { type Order, orderSchema } from "./order.ts";
import { type Release, releaseSchema } from "./release.ts";
import { type Root, rootSchema } from "./root.ts";

/** What the payload of each kind of envelope says. */
export interface Documents {
  root: Root;
  acceptlist: AcceptList;
  manifest: Manifest;
  order: Order;
  advert: Advert;
  release: Release;
}

const SCHEMAS: { readonly [K in DocumentKind]: v.GenericSchema<unknown, Documents[K]> } = {
  root: rootSchema,
  acceptlist: acceptListSchema,
  manifest: manifestSchema,
  order: orderSchema,
  advert: advertSchema,
  release: releaseSchema,
};

/**
 * Reads a payload: canonical JSON, then a closed schema, then every public key in it.
 *
 * What the schema did not carry over would be text that was signed and is not looked at (its
 * library drops a record's `constructor` key, for one), so the result is compared with what came
 * in.
 *
 * @param payload The exact bytes that were signed; verify them before, where somebody is to be
 * believed.
 * @throws {VerificationError} not_canonical – when the payload is not canonical JSON
 * @throws {VerificationError} bad_schema – when a field is unknown, missing or of the wrong shape
 * @throws {VerificationError} low_order_key – when it lists a public key of small order
 */
export function parseDocument<K extends DocumentKind>(kind: K, payload: Uint8Array): Documents[K] {
  const value = parseCanonical(payload);
  const result = v.safeParse(SCHEMAS[kind], value, { abortEarly: true });
  if (!result.success) throw badSchema(kind, describe(result.issues[0]));
  if (!isSameJson(result.output, value)) {
    throw badSchema(kind, "it has a key that no document may have");
  }
  const document = result.output as Documents[K];
  for (const key of publicKeysOf(kind, document)) parsePublicKey(key);
  return document;
}

/** Every public key a document makes known. */
function* publicKeysOf(kind: DocumentKind, document: unknown): Generator<PublicKey> {
  if (kind === "root") {
    const { roles, orderers } = document as Root;
    for (const role of [...Object.values(roles), ...Object.values(orderers)]) yield* role!.keys;
  } else if (kind === "acceptlist") {
    const { publishers, deny } = document as AcceptList;
    for (const publisher of Object.values(publishers)) {
      for (const { key } of publisher.keys) yield key;
    }
    for (const entry of deny) if ("key" in entry) yield entry.key;
  } else if (kind === "advert") {
    const { key, relays } = document as Advert;
    yield* [key, ...relays];
  }
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = issue.path?.map((item) => String(item.key)).join(".");
  return path ? `${path}: ${issue.message}` : issue.message;
}

function badSchema(kind: DocumentKind, found: string): VerificationError {
  return new VerificationError(
    "bad_schema",
    `Cannot read the ${kind} as its fields are not as they must be: ${found}`,
  );
}

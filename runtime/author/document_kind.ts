import { type DocumentKind, payloadType } from "../core/dsse.ts";

const DOCUMENT_KINDS: readonly DocumentKind[] = [
  "manifest",
  "order",
  "acceptlist",
  "root",
  "advert",
  "release",
];

/** A field that only one kind of payload has. */
const TELLING_FIELD: Readonly<Record<DocumentKind, string>> = {
  manifest: "module",
  order: "audience",
  acceptlist: "accept",
  root: "roles",
  advert: "addresses",
  release: "targets",
};

/** What a file of ours seems to be; whether it is well made is another question. */
export type SeenDocument =
  | { readonly form: "envelope"; readonly kind: DocumentKind }
  | { readonly form: "payload"; readonly kind: DocumentKind; readonly value: unknown };

/** Tells a signed document, or the payload of one, by its fields; `undefined` for anything else. */
export function seeDocument(bytes: Uint8Array): SeenDocument | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  if ("payloadType" in value) {
    const kind = DOCUMENT_KINDS.find((kind) => value.payloadType === payloadType(kind));
    return kind && { form: "envelope", kind };
  }
  const kind = DOCUMENT_KINDS.find((kind) => TELLING_FIELD[kind] in value);
  return kind && { form: "payload", kind, value };
}

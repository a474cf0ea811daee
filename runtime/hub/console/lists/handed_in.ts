import { parseDocument } from "../../../core/documents/parse.ts";
import { openEnvelope } from "../../../core/dsse.ts";
import { HubError } from "../../errors.ts";
import { isUnsigned, type SignedDocument, signedDocument } from "../../lists/signed_documents.ts";
import type { Form } from "../environment.ts";

/**
 * The signed documents of a form, pasted or as files, as they are taken: roots by their versions, as
 * a browser sends files in an order of its own, and then accept-lists.
 *
 * @throws {HubError} bad_request – there is none; as `signedDocument()`
 * @throws {VerificationError} – a root is not written as one
 */
export async function handedIn(form: Form): Promise<SignedDocument[]> {
  const documents = (await documentsOf(form)).map(signedDocument);
  if (documents.length === 0) {
    throw new HubError("bad_request", "Cannot take a document as none was handed in");
  }
  const lists = documents.filter(({ kind }) => kind === "acceptlist");
  const roots = documents.filter(({ kind }) => kind === "root")
    .map((document) => ({ document, version: rootVersion(document) }))
    .sort((a, b) => a.version - b.version);
  return [...roots.map(({ document }) => document), ...lists];
}

/**
 * The signed accept-list of a form that has nothing else.
 *
 * @throws {HubError} bad_request – it has something else
 */
export async function handedInList(form: Form): Promise<Uint8Array> {
  const [only, another] = await handedIn(form);
  if (only?.kind === "acceptlist" && !another) return only.envelope;
  throw new HubError(
    "bad_request",
    "Cannot hand in more than one accept-list ring by ring: all agents follow a root at once, " +
      "so hand it in before, or together with a list for all of them",
  );
}

/**
 * The payload of the accept-list of a form that has nothing else, signed or not.
 *
 * @throws {HubError} bad_request – it has something else
 */
export async function listToCompare(form: Form): Promise<Uint8Array> {
  const [only, another] = await documentsOf(form);
  if (only && !another) {
    if (isUnsigned(only)) return only;
    const { kind, envelope } = signedDocument(only);
    if (kind === "acceptlist") return openEnvelope(kind, envelope).payload;
  }
  throw new HubError("bad_request", "Cannot compare what is not one accept-list: choose the list");
}

async function documentsOf(form: Form): Promise<Uint8Array[]> {
  const files = await Promise.all(form.files.map((file) => file.bytes()));
  const pasted = form.text("document").trim();
  return pasted === "" ? files : [...files, new TextEncoder().encode(pasted)];
}

function rootVersion({ envelope }: SignedDocument): number {
  return parseDocument("root", openEnvelope("root", envelope).payload).version;
}

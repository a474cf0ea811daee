import { seeDocument } from "../../author/document_kind.ts";
import { canonicalBytes } from "../../core/canonical_json.ts";
import { openEnvelope } from "../../core/dsse.ts";

/**
 * The envelope at `path`, when what was signed there is the very document that is to be signed
 * again: a second key's signature joins the first one's, and does not take its place.
 *
 * @param bytes A document of ours, signed or not.
 * @param path Absolute.
 */
export async function signedBefore(
  bytes: Uint8Array,
  path: string,
): Promise<Uint8Array | undefined> {
  const document = seeDocument(bytes);
  if (document?.form !== "payload") return undefined;
  const envelope = await Deno.readFile(path).catch(() => undefined);
  const seen = envelope && seeDocument(envelope);
  if (!envelope || seen?.form !== "envelope" || seen.kind !== document.kind) return undefined;
  const { payload } = openEnvelope(seen.kind, envelope);
  return payload.toHex() === canonicalBytes(document.value).toHex() ? envelope : undefined;
}

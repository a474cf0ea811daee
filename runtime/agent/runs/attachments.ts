import { Digester } from "../../core/digest.ts";
import type { Attachment } from "../../core/documents/order.ts";
import type { AttachmentSource } from "../../sandbox/mod.ts";
import { readAt } from "../../sandbox/read_at.ts";
import type { ContentStore } from "../content/content_store.ts";
import { AgentError } from "../errors.ts";

const CHUNK_BYTES = 1 << 18;

/** The opened documents of one order. */
export interface OpenAttachments extends Disposable {
  readonly sources: readonly AttachmentSource[];
}

/** Which documents an orderer may attach. */
export type IsOwned = (sha256: Attachment["sha256"]) => boolean;

/**
 * Requires that every attachment is the orderer's and stored with the length the order says.
 *
 * @throws {AgentError} attachment_missing – one is not.
 */
export async function requireAttachments(
  attachments: readonly Attachment[],
  blobs: ContentStore,
  isOwned: IsOwned,
): Promise<void> {
  const absent = await missingAttachments(attachments, blobs, isOwned);
  for (const attachment of absent) throw missing(attachment);
}

/**
 * The attachments that are not stored with the length the order says. What only another orderer
 * uploaded is missing, too.
 */
export async function missingAttachments(
  attachments: readonly Attachment[],
  blobs: ContentStore,
  isOwned: IsOwned,
): Promise<Attachment[]> {
  const lengths = await Promise.all(attachments.map(({ sha256 }) => blobs.length(sha256)));
  return attachments.filter(({ sha256, length }, i) => lengths[i] !== length || !isOwned(sha256));
}

/**
 * Opens the attachments of an order and hashes each once more. The descriptors stay open for the
 * whole run, so what the script reads is the file that was hashed.
 *
 * @throws {AgentError} attachment_missing – one is missing or spoilt.
 */
export async function openAttachments(
  attachments: readonly Attachment[],
  blobs: ContentStore,
): Promise<OpenAttachments> {
  const files: Deno.FsFile[] = [];
  const close = () => files.forEach((file) => file.close());
  try {
    const sources: AttachmentSource[] = [];
    for (const attachment of attachments) {
      const file = await blobs.open(attachment.sha256);
      if (!file) throw missing(attachment);
      files.push(file);
      await requireContent(attachment, file);
      sources.push({
        name: attachment.name,
        length: attachment.length,
        mediaType: attachment.mediaType ?? "application/octet-stream",
        read: (offset, length) => Promise.resolve(readAt(file, offset, length)),
      });
    }
    return { sources, [Symbol.dispose]: close };
  } catch (error) {
    close();
    throw error;
  }
}

async function requireContent(attachment: Attachment, file: Deno.FsFile): Promise<void> {
  const hash = new Digester();
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let count; (count = await file.read(chunk)) !== null;) hash.update(chunk.subarray(0, count));
  if (hash.length !== attachment.length || hash.digest() !== attachment.sha256) {
    throw missing(attachment);
  }
}

function missing({ name, sha256, length }: Attachment): AgentError {
  return new AgentError(
    "attachment_missing",
    `Cannot find attachment "${name}" among the blobs: ${sha256} of ${length} bytes`,
  );
}

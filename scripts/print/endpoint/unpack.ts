import { inflated } from "../inflated.ts";
import { STATUS } from "../ipp/status.ts";
import { IppRefusal } from "./refusal.ts";

/** How a document may be packed. */
export const COMPRESSIONS = ["none", "gzip"] as const;

/**
 * A document as it was before it was packed. How long it gets is bounded by whoever reads it: what
 * is not taken is not unpacked.
 *
 * @param compression Any but `none`.
 * @throws {IppRefusal} compressionNotSupported
 */
export function unpack(
  document: ReadableStream<Uint8Array>,
  compression: string,
): ReadableStream<Uint8Array> {
  if (compression !== "gzip") {
    throw new IppRefusal(STATUS.compressionNotSupported, "documents come plain, or as gzip");
  }
  return inflated(document, "gzip");
}

import { encodeFrame, TO_CELL } from "./frame.ts";
import type { AttachmentSource } from "./run_request.ts";

/** Largest piece of an attachment in one answer: what the honest worker asks for. */
const MAX_CHUNK_BYTES = 256 << 10;
/** Calls of one run that may wait at the same time: one for each attachment that an order can have. */
const MAX_CALLS = 64;

/**
 * Answers one call of a script on the agent: `attachment.read` with `{index, offset, length}`.
 *
 * @param message From the cell; every field is checked.
 * @param underWay Calls of this run under way, this one included.
 * @returns The reply frame; a read that fails is told to the script.
 * @throws {RangeError} for a call that the honest worker never makes
 */
export async function answerCall(
  message: Record<string, unknown>,
  attachments: readonly AttachmentSource[],
  underWay: number,
): Promise<Uint8Array> {
  const { id, method, params } = message;
  if (underWay > MAX_CALLS) throw new RangeError(`more than ${MAX_CALLS} calls at once`);
  if (!Number.isSafeInteger(id)) throw new RangeError("a call without an id");
  if (method !== "attachment.read" || typeof params !== "object" || params === null) {
    throw new RangeError("a call of a method that does not exist");
  }
  const { index, offset, length } = params as Record<string, unknown>;
  const source = isCount(index) ? attachments[index] : undefined;
  if (source === undefined) throw new RangeError("a read of an attachment that does not exist");
  const inside = isCount(offset) && isCount(length) && length <= MAX_CHUNK_BYTES &&
    offset + length <= source.length;
  if (!inside) throw new RangeError("a read outside an attachment");
  try {
    const bytes = await source.read(offset, length);
    return encodeFrame(TO_CELL.REPLY, JSON.stringify({ id }) + "\n", bytes);
  } catch {
    // What failed on the agent's disk is not the script's to know.
    const error = `Cannot read attachment "${source.name}"`;
    return encodeFrame(TO_CELL.REPLY, JSON.stringify({ id, error }) + "\n");
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

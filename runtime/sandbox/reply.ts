import { type CapabilityAnswer, CapabilityError } from "./capability_host.ts";
import { encodeFrame, TO_CELL } from "./frame.ts";

/** The answer to a call of a script. */
export function replyFrame(id: number, { value, body }: CapabilityAnswer): Uint8Array {
  const head = JSON.stringify({ id, value }) + "\n";
  return body ? encodeFrame(TO_CELL.REPLY, head, body) : encodeFrame(TO_CELL.REPLY, head);
}

/** A call that is not answered: a {@linkcode CapabilityError} is told as it is, all else as `otherwise`. */
export function refusalFrame(id: number, error: unknown, otherwise: string): Uint8Array {
  const { code, message } = error instanceof CapabilityError
    ? error
    : { code: "failed", message: otherwise };
  return encodeFrame(TO_CELL.REPLY, JSON.stringify({ id, error: { code, message } }) + "\n");
}

/** A call of what is over by now: the script went on, or the client did not wait. */
export function goneFrame(id: number): Uint8Array {
  const gone = new CapabilityError("unavailable", "Cannot answer the call as what made it is over");
  return refusalFrame(id, gone, "");
}

import { CodedError } from "../core/coded_error.ts";

/** Why a message of another party was refused, or could not be had. */
export type PeerCode =
  /** The text is no agent id, or one with a slip of the pen in it. */
  | "bad_id"
  /** The message carries no signature of ours. */
  | "unsigned"
  /** A field of the signature is too long, malformed, or not written canonically. */
  | "bad_field"
  /** The signature covers other things than it must. */
  | "not_covered"
  /** The key that signed is nobody's who may speak here. */
  | "unknown_key"
  /** The signature is not by the key it names, or not over this message. */
  | "bad_signature"
  /** The message is for another agent. */
  | "wrong_recipient"
  /** Its time is over. */
  | "expired"
  /** It was made in the future, beyond the allowed clock difference. */
  | "not_yet_valid"
  /** It was seen before. */
  | "replayed"
  /** The content has another digest than the signature covers. */
  | "digest_mismatch"
  /** Nobody answers, or not as the pinned certificate demands. */
  | "unreachable"
  /** The blob is not what it was said to be, or cannot be cut into chunks. */
  | "bad_blob"
  /** A chunk list that is malformed, or not the one asked for. */
  | "bad_chunk_list"
  /** A chunk has another digest than its list says: who sent it is banned. */
  | "bad_chunk"
  /** Nobody who was asked has the rest of the blob. */
  | "nobody_has_it"
  /** No space is left on the disk. */
  | "disk_full"
  /** A frame of a socket is forged or changed, or is none that may come now. */
  | "bad_frame"
  /** A frame of a socket came again, out of turn, or after one that never came. */
  | "out_of_sequence"
  /** A message is longer than the side that gets it takes. */
  | "too_long"
  /** The other side of a socket sent more than it was given room for. */
  | "flooded"
  /** More waits to be sent than may. */
  | "queue_full"
  /** The other side of a socket said nothing within the time for it. */
  | "silent"
  /** The connection under a socket is gone, and neither side had closed it. */
  | "cut_off"
  /** The socket is closed. */
  | "closed"
  /** As many sockets are open as may be. */
  | "no_place";

/**
 * A message that is not believed. `code` is stable and safe to show to anyone; `message` is for
 * the local operator and the log only.
 */
export class PeerError extends CodedError<PeerCode> {
  override readonly name = "PeerError";
  /** The code that an unproven answer gives as its reason to refuse, if it gives one. */
  readonly refusal: string | undefined;

  constructor(
    code: PeerCode,
    message: string,
    { refusal, ...options }: ErrorOptions & { refusal?: string } = {},
  ) {
    super(code, message, options);
    this.refusal = refusal;
  }
}

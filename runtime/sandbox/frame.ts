import { CodedError } from "../core/coded_error.ts";

/** Kinds of frames the agent writes. Untagged: a script can read them, so they hold no secret but the first. */
export const TO_CELL = {
  TAG: 1,
  LOAD: 2,
  RUN: 3,
  ABORT: 4,
  REPLY: 5,
  PART: 6,
  FETCH: 7,
  LEAVE: 8,
} as const;

/** Kinds of frames the harness writes, each behind the cell's secret tag. */
export const FROM_CELL = {
  READY: 1,
  LOADED: 2,
  LOAD_ERROR: 3,
  RESULT: 4,
  ERROR: 5,
  LOG: 6,
  PROGRESS: 7,
  EVENT: 8,
  BEAT: 9,
  CALL: 10,
  VIOLATION: 11,
  EXIT: 12,
} as const;

/** Bytes of the tag in front of every frame from the cell. */
export const TAG_BYTES = 16;
/** Bytes between the tag and the body: the kind, and the length as u32 big-endian. */
export const HEADER_BYTES = 5;
/** All that stands in front of the body of a frame from the cell. */
const FRONT_BYTES = TAG_BYTES + HEADER_BYTES;

/** A frame from the cell: trusted to come from the harness, its content is still a stranger's. */
export interface Frame {
  kind: number;
  body: Uint8Array;
}

/** What came out of the cell is not a frame of ours: forged or torn, or longer than it may be. */
export class FrameError extends CodedError<"untagged" | "too_long"> {
  override readonly name = "FrameError";
}

const encoder = new TextEncoder();

/** A frame to the cell: kind, length as u32 big-endian, body. */
export function encodeFrame(kind: number, ...parts: (Uint8Array | string)[]): Uint8Array {
  const bodies = parts.map((part) => typeof part === "string" ? encoder.encode(part) : part);
  const length = bodies.reduce((sum, body) => sum + body.length, 0);
  const frame = new Uint8Array(HEADER_BYTES + length);
  frame[0] = kind;
  new DataView(frame.buffer).setUint32(1, length);
  let offset = HEADER_BYTES;
  for (const body of bodies) {
    frame.set(body, offset);
    offset += body.length;
  }
  return frame;
}

/**
 * Cuts the cell's stdout into frames. The tag and the length are checked before a body is kept, so
 * a forged header costs no memory.
 */
export class FrameDecoder {
  readonly #tag: Uint8Array;
  /** The beginning of a header that the last chunk cut. */
  #head = new Uint8Array(0);
  /** A frame whose header was whole and whose body was cut; filled piece by piece. */
  #frame: Uint8Array | undefined;
  #filled = 0;
  /** Longest body accepted from here on; lowered as a run uses up its output. */
  maxBody: number;

  constructor(tag: Uint8Array, maxBody: number) {
    this.#tag = tag;
    this.maxBody = maxBody;
  }

  /**
   * Time and memory are in proportion to the bytes, however small the chunks are.
   *
   * @param chunk Bytes as they came; kept only as far as a frame is incomplete.
   * @returns The frames that are now whole, in order; their bodies may lie in `chunk`.
   * @throws {FrameError} untagged – bytes in front of a frame are not the tag
   * @throws {FrameError} too_long – a header announces more than `maxBody`
   */
  *push(chunk: Uint8Array): Generator<Frame> {
    let bytes = chunk;
    if (this.#frame) {
      const frame = this.#frame;
      const piece = bytes.subarray(0, frame.length - this.#filled);
      frame.set(piece, this.#filled);
      this.#filled += piece.length;
      if (this.#filled < frame.length) return;
      this.#frame = undefined;
      yield { kind: frame[TAG_BYTES]!, body: frame.subarray(FRONT_BYTES) };
      bytes = bytes.subarray(piece.length);
    } else if (this.#head.length > 0) {
      bytes = new Uint8Array(this.#head.length + chunk.length);
      bytes.set(this.#head);
      bytes.set(chunk, this.#head.length);
      this.#head = new Uint8Array(0);
    }
    while (bytes.length > 0) {
      this.#checkTag(bytes);
      if (bytes.length < FRONT_BYTES) {
        this.#head = bytes.slice();
        return;
      }
      const end = FRONT_BYTES + this.#lengthOf(bytes);
      if (bytes.length < end) {
        this.#frame = new Uint8Array(end);
        this.#frame.set(bytes);
        this.#filled = bytes.length;
        return;
      }
      yield { kind: bytes[TAG_BYTES]!, body: bytes.subarray(FRONT_BYTES, end) };
      bytes = bytes.subarray(end);
    }
  }

  #lengthOf(bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset + TAG_BYTES);
    const length = view.getUint32(1);
    if (length <= this.maxBody) return length;
    throw new FrameError("too_long", `a frame of ${length} bytes, at most ${this.maxBody}`);
  }

  #checkTag(bytes: Uint8Array): void {
    const end = Math.min(TAG_BYTES, bytes.length);
    for (let i = 0; i < end; i++) {
      if (bytes[i] !== this.#tag[i]) {
        throw new FrameError("untagged", "output that is not a frame of the harness");
      }
    }
  }
}

/** Kinds of frames the agent writes. Untagged: a script can read them, so they hold no secret but the first. */
export const TO_CELL = { TAG: 1, LOAD: 2, RUN: 3, ABORT: 4, REPLY: 5 } as const;

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
const HEADER_BYTES = 5;

/** A frame from the cell: trusted to come from the harness, its content is still a stranger's. */
export interface Frame {
  kind: number;
  body: Uint8Array;
}

/** What came out of the cell is not a frame of ours. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  /** `untagged`: forged or torn. `too_long`: a length above what the run may still put out. */
  readonly code: "untagged" | "too_long";

  constructor(code: FrameError["code"], message: string) {
    super(message);
    this.code = code;
  }
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
  #pending = new Uint8Array(0);
  /** Longest body accepted from here on; lowered as a run uses up its output. */
  maxBody: number;

  constructor(tag: Uint8Array, maxBody: number) {
    this.#tag = tag;
    this.maxBody = maxBody;
  }

  /**
   * @param chunk Bytes as they came; kept only as far as a frame is incomplete.
   * @returns The frames that are now whole, in order; their bodies lie in `chunk`.
   * @throws {FrameError} untagged – bytes in front of a frame are not the tag
   * @throws {FrameError} too_long – a header announces more than `maxBody`
   */
  *push(chunk: Uint8Array): Generator<Frame> {
    let bytes = chunk;
    if (this.#pending.length > 0) {
      bytes = new Uint8Array(this.#pending.length + chunk.length);
      bytes.set(this.#pending);
      bytes.set(chunk, this.#pending.length);
    }
    let start = 0;
    while (start < bytes.length) {
      this.#checkTag(bytes, start);
      const body = start + TAG_BYTES + HEADER_BYTES;
      if (bytes.length < body) break;
      const view = new DataView(bytes.buffer, bytes.byteOffset + start + TAG_BYTES);
      const length = view.getUint32(1);
      if (length > this.maxBody) {
        throw new FrameError("too_long", `a frame of ${length} bytes, at most ${this.maxBody}`);
      }
      if (bytes.length < body + length) break;
      start = body + length;
      yield { kind: view.getUint8(0), body: bytes.subarray(body, start) };
    }
    this.#pending = bytes.slice(start);
  }

  #checkTag(bytes: Uint8Array, start: number): void {
    const end = Math.min(TAG_BYTES, bytes.length - start);
    for (let i = 0; i < end; i++) {
      if (bytes[start + i] !== this.#tag[i]) {
        throw new FrameError("untagged", "output that is not a frame of the harness");
      }
    }
  }
}

import { PeerError } from "../errors.ts";
import { SOCKET_LIMITS } from "./limits.ts";

/** What one frame says, once it is opened. */
export type Frame =
  /** The first of each side: how much it takes. */
  | { readonly kind: "open"; readonly queueBytes: number; readonly messageBytes: number }
  | { readonly kind: "message"; readonly message: string | Uint8Array }
  /** Room that became free again. */
  | { readonly kind: "credit"; readonly bytes: number }
  | { readonly kind: "ping" }
  | { readonly kind: "pong" }
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

const OPEN = 0;
const BYTES = 1;
const TEXT = 2;
const CREDIT = 3;
const PING = 4;
const PONG = 5;
const CLOSE = 6;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** One byte of kind, then what the kind says. */
export function writeFrame(frame: Frame): Uint8Array {
  switch (frame.kind) {
    case "open":
      return numbers(OPEN, frame.queueBytes, frame.messageBytes);
    case "message":
      return typeof frame.message === "string"
        ? withKind(TEXT, encoder.encode(frame.message))
        : withKind(BYTES, frame.message);
    case "credit":
      return numbers(CREDIT, frame.bytes);
    case "ping":
      return new Uint8Array([PING]);
    case "pong":
      return new Uint8Array([PONG]);
    case "close": {
      const reason = encoder.encode(frame.reason);
      if (reason.length > SOCKET_LIMITS.REASON_BYTES) {
        throw new RangeError(
          `Cannot close a socket for a reason of ${reason.length} bytes, at most ` +
            `${SOCKET_LIMITS.REASON_BYTES}`,
        );
      }
      return withKind(CLOSE, new Uint8Array([frame.code >> 8, frame.code & 0xff, ...reason]));
    }
  }
}

/** @throws {PeerError} bad_frame – it is none of these */
export function readFrame(content: Uint8Array): Frame {
  const rest = content.subarray(1);
  const { length } = rest;
  const view = new DataView(rest.buffer, rest.byteOffset, length);
  switch (content[0]) {
    case OPEN:
      if (length !== 8) break;
      return { kind: "open", queueBytes: view.getUint32(0), messageBytes: view.getUint32(4) };
    case BYTES:
      return { kind: "message", message: rest };
    case TEXT:
      return { kind: "message", message: textOf(rest) };
    case CREDIT:
      if (length !== 4) break;
      return { kind: "credit", bytes: view.getUint32(0) };
    case PING:
      if (length === 0) return { kind: "ping" };
      break;
    case PONG:
      if (length === 0) return { kind: "pong" };
      break;
    case CLOSE:
      if (length < 2 || length > 2 + SOCKET_LIMITS.REASON_BYTES) break;
      return { kind: "close", code: view.getUint16(0), reason: textOf(rest.subarray(2)) };
  }
  throw new PeerError("bad_frame", "Cannot read a frame as it is of no known form");
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new PeerError("bad_frame", "Cannot read a frame as its text is no UTF-8", { cause });
  }
}

function numbers(kind: number, ...values: number[]): Uint8Array {
  const bytes = new Uint8Array(1 + 4 * values.length);
  bytes[0] = kind;
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(1 + 4 * i, value));
  return bytes;
}

function withKind(kind: number, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + rest.length);
  bytes[0] = kind;
  bytes.set(rest, 1);
  return bytes;
}

import { PeerError } from "../errors.ts";
import type { PeerSocket } from "../socket/mod.ts";
import { END } from "./call_head.ts";
import { RELAY_LIMITS } from "./limits.ts";

/** Sends a body in pieces, as fast as the other side takes them. */
export async function sendBody(
  socket: PeerSocket,
  body: ReadableStream<Uint8Array>,
): Promise<void> {
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += RELAY_LIMITS.PIECE_BYTES) {
      await socket.send(chunk.subarray(at, at + RELAY_LIMITS.PIECE_BYTES));
    }
  }
  await socket.send(END);
}

/** What {@linkcode ComingBody} is told of a body before it comes. */
export interface BodyRules {
  /** What its head says; no other length is taken. */
  length?: number;
  onWhole?(): void;
}

/**
 * A body as it comes, piece by piece, as it is read. Who cancels it ends the socket, since what
 * follows is in the way of everything after it.
 */
export class ComingBody {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Whether all of it was read. */
  isWhole = false;

  constructor(socket: PeerSocket, { length, onWhole = () => {} }: BodyRules = {}) {
    let came = 0;
    this.stream = new ReadableStream({
      pull: async (controller) => {
        const { done, value } = await socket.messages.next();
        if (done) throw new PeerError("cut_off", "Cannot read a body to its end as it is cut off");
        if (typeof value !== "string") {
          came += value.length;
          if (length !== undefined && came > length) throw wrongLength(length);
          return controller.enqueue(value);
        }
        if (value !== END) throw new PeerError("bad_field", "Cannot read a body as it has no end");
        if (length !== undefined && came < length) throw wrongLength(length);
        this.isWhole = true;
        controller.close();
        onWhole();
      },
      cancel: () => socket.close(),
    }, { highWaterMark: 0 });
  }
}

/** The length that the fields of a message give its body, if they do. */
export function lengthIn(headers: Headers): { length?: number } {
  const text = headers.get("content-length");
  return text !== null && /^\d{1,15}$/.test(text) ? { length: Number(text) } : {};
}

function wrongLength(length: number): PeerError {
  return new PeerError("too_long", `Cannot read a body as it has not the ${length} bytes it says`);
}

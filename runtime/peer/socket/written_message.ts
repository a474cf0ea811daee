import { writeFrame } from "./frame.ts";

/** A message as it is sealed, written once for however many sockets it is sent over. */
export class WrittenMessage {
  readonly content: Uint8Array;

  /** @throws {TypeError} – a text with half a character in it */
  constructor(message: string | Uint8Array) {
    if (typeof message === "string" && !message.isWellFormed()) {
      throw new TypeError("Cannot send a text as half of a character in it has no bytes");
    }
    this.content = writeFrame({ kind: "message", message });
  }
}

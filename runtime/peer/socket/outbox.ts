import { PeerError } from "../errors.ts";
import { costOf } from "./inbox.ts";
import type { Frame } from "./frame.ts";
import { WrittenMessage } from "./written_message.ts";

interface Unsent {
  readonly content: Uint8Array;
  readonly cost: number;
  readonly sent: PromiseWithResolvers<void>;
}

/** Messages that wait until the other side has room for them, in their sequence. */
export class Outbox {
  readonly #write: (content: Uint8Array) => void;
  readonly #most: number;
  #unsent: Unsent[] = [];
  #unsentBytes = 0;
  #credit = 0;
  #queueBytes = 0;
  #messageBytes = 0;
  #over: PeerError | undefined;

  /** @param most Bytes of messages that may wait. */
  constructor(write: (content: Uint8Array) => void, most: number) {
    this.#write = write;
    this.#most = most;
  }

  /** Learns what the other side takes. */
  open({ queueBytes, messageBytes }: Frame & { kind: "open" }): void {
    if (queueBytes < costOf(messageBytes)) throw badCredit("its queue holds no message");
    this.#queueBytes = queueBytes;
    this.#messageBytes = messageBytes;
    this.#credit = queueBytes;
  }

  /** @throws {PeerError} bad_frame – more room than there ever was */
  credit(bytes: number): void {
    this.#credit += bytes;
    if (this.#credit > this.#queueBytes) throw badCredit("it gives back more than was taken");
    this.#flush();
  }

  /**
   * Resolves when the other side has room for the message and it is on its way.
   *
   * @throws {TypeError} – a text with half a character in it
   * @throws {PeerError} too_long – the other side takes no message of that length
   * @throws {PeerError} queue_full – too many wait already
   * @throws {PeerError} the one that the socket ended with, or closed
   */
  async send(message: string | Uint8Array | WrittenMessage): Promise<void> {
    if (this.#over) throw this.#over;
    const { content } = message instanceof WrittenMessage ? message : new WrittenMessage(message);
    const bytes = content.length - 1;
    if (bytes > this.#messageBytes) {
      throw new PeerError(
        "too_long",
        `Cannot send a message of ${bytes} bytes as the other side takes at most ` +
          `${this.#messageBytes}`,
      );
    }
    const cost = costOf(bytes);
    if (this.#unsentBytes + cost > this.#most) {
      throw new PeerError(
        "queue_full",
        `Cannot send a message as ${this.#unsentBytes} bytes wait already`,
      );
    }
    const sent = Promise.withResolvers<void>();
    this.#unsent.push({ content, cost, sent });
    this.#unsentBytes += cost;
    this.#flush();
    await sent.promise;
  }

  end(error: PeerError): void {
    this.#over ??= error;
    for (const { sent } of this.#unsent.splice(0)) sent.reject(error);
    this.#unsentBytes = 0;
  }

  #flush(): void {
    while (this.#unsent.length > 0 && this.#unsent[0]!.cost <= this.#credit) {
      const { content, cost, sent } = this.#unsent.shift()!;
      this.#unsentBytes -= cost;
      this.#credit -= cost;
      this.#write(content);
      sent.resolve();
    }
  }
}

function badCredit(found: string): PeerError {
  return new PeerError("bad_frame", `Cannot believe what the other side takes as ${found}`);
}

import type { KeyId } from "../../core/documents/common.ts";
import { PeerError } from "../errors.ts";
import { Inbox, type SocketMessage } from "../socket/inbox.ts";
import type { RelayEnd } from "./relay_end.ts";

/** What waits at one end of a pipe before the other has to. */
const QUEUE_BYTES = 1 << 20;

/** Two ends in this process, for a relay that itself wants to reach an agent behind it. */
export function localPipe(self: KeyId): [RelayEnd, RelayEnd] {
  const [a, b] = [new PipeEnd(self), new PipeEnd(self)];
  a.other = b;
  b.other = a;
  return [a, b];
}

class PipeEnd implements RelayEnd {
  readonly peer: KeyId;
  readonly messages: Inbox;
  other!: PipeEnd;
  #waiting = 0;
  #isOver = false;
  #taken = Promise.withResolvers<void>();

  constructor(peer: KeyId) {
    this.peer = peer;
    this.messages = new Inbox((cost) => {
      this.#waiting -= cost;
      this.#taken.resolve();
      this.#taken = Promise.withResolvers();
    });
  }

  async send(message: string | Uint8Array): Promise<void> {
    await this.other.#take(message);
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.messages.end();
    this.#taken.resolve();
    this.other.close();
  }

  async #take(message: string | Uint8Array): Promise<void> {
    while (this.#waiting >= QUEUE_BYTES && !this.#isOver) await this.#taken.promise;
    if (this.#isOver) throw new PeerError("closed", "Cannot send as the pipe is closed");
    this.#waiting += message.length;
    this.messages.put(message as SocketMessage, message.length);
  }
}

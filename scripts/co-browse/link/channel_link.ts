import type { Channel } from "writ";
import type { Link, Receiver } from "./link.ts";

/** The most characters that wait for one peer; who takes less is gone. */
const WAITING_CHARS = 32_000_000;

/**
 * Has every agent on a channel talk to a receiver of its own. Resolves when the channel ends.
 *
 * @param accept Answers nothing for an agent that this one has no business with.
 */
export async function serveChannel(
  channel: Channel,
  accept: (peer: string, link: Link) => Receiver | undefined,
): Promise<void> {
  const receivers = new Map<string, Receiver>();
  for await (const event of channel) {
    const { type, peer } = event;
    if (type === "message") {
      receivers.get(peer)?.take(event.data);
      continue;
    }
    receivers.get(peer)?.lost();
    receivers.delete(peer);
    if (type === "joined") {
      const link = new ChannelLink(channel, peer, () => {
        receivers.get(peer)?.lost();
        receivers.delete(peer);
      });
      const receiver = accept(peer, link);
      if (receiver) receivers.set(peer, receiver);
    }
  }
  for (const receiver of receivers.values()) receiver.lost();
}

class ChannelLink implements Link {
  waiting = 0;
  readonly #channel: Channel;
  readonly #peer: string;
  readonly #cut: () => void;
  #isClosed = false;

  /** @param cut Called when the peer takes too little: what is left out would spoil what follows. */
  constructor(channel: Channel, peer: string, cut: () => void) {
    this.#channel = channel;
    this.#peer = peer;
    this.#cut = cut;
  }

  send(text: string): void {
    if (this.#isClosed) return;
    if (this.waiting > WAITING_CHARS) {
      this.#isClosed = true;
      return this.#cut();
    }
    this.waiting += text.length;
    this.#channel.send(text, { to: this.#peer })
      // A peer that is gone is told of as an event.
      .catch(() => {})
      .finally(() => this.waiting -= text.length);
  }

  close(): void {
    this.#isClosed = true;
  }
}

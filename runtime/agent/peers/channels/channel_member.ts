import type { ChannelEvent, OpenChannel } from "../../../capabilities/channel.ts";
import type { KeyId } from "../../../core/documents/common.ts";
import { PeerError } from "../../../peer/mod.ts";

/** What an event counts besides its message, so that small ones are bounded too. */
const OVERHEAD = 64;

/** What a member needs of the channel that it is one of. */
export interface MemberChannel {
  readonly peers: readonly KeyId[];
  send(message: string | Uint8Array, to: KeyId | undefined): Promise<number>;
  leave(member: ChannelMember): void;
}

/** Bounds of what waits for one who has a channel open. */
export interface MemberBounds {
  readonly queueBytes: number;
  /** How long nothing may be taken while the queue is full. */
  readonly slowMs: number;
}

/** One run or request that has a channel open, and what it has not taken yet. */
export class ChannelMember implements OpenChannel {
  readonly #channel: MemberChannel;
  readonly #bounds: MemberBounds;
  readonly #waiting: { event: ChannelEvent; cost: number }[] = [];
  #cost = 0;
  #taken = Promise.withResolvers<void>();
  #came = Promise.withResolvers<void>();
  #over: { error?: PeerError } | undefined;

  constructor(channel: MemberChannel, bounds: MemberBounds) {
    this.#channel = channel;
    this.#bounds = bounds;
  }

  get peers(): readonly KeyId[] {
    return this.#channel.peers;
  }

  /**
   * Resolves when there is room for the event, or nobody wants it any more. Who takes nothing for
   * too long is left behind: others have the channel open, too.
   */
  async put(event: ChannelEvent): Promise<void> {
    const cost = OVERHEAD + (event.type === "message" ? event.message.length : 0);
    while (!this.#over && this.#cost > 0 && this.#cost + cost > this.#bounds.queueBytes) {
      const timer = setTimeout(() => this.#fail(), this.#bounds.slowMs);
      await this.#taken.promise;
      clearTimeout(timer);
    }
    if (this.#over) return;
    this.#waiting.push({ event, cost });
    this.#cost += cost;
    this.#came.resolve();
    this.#came = Promise.withResolvers();
  }

  async next(): Promise<ChannelEvent | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#over?.error) throw this.#over.error;
      if (this.#over) return undefined;
      await this.#came.promise;
    }
    const { event, cost } = this.#waiting.shift()!;
    this.#cost -= cost;
    this.#taken.resolve();
    this.#taken = Promise.withResolvers();
    return event;
  }

  async send(message: string | Uint8Array, to: KeyId | undefined): Promise<number> {
    if (this.#over) throw new PeerError("closed", "Cannot send on a channel that is closed");
    return await this.#channel.send(message, to);
  }

  close(): void {
    this.#end({});
  }

  #fail(): void {
    const message = `Cannot keep a channel as nothing was taken for ${this.#bounds.slowMs} ms`;
    this.#end({ error: new PeerError("flooded", message) });
  }

  #end(over: { error?: PeerError }): void {
    if (this.#over) return;
    this.#over = over;
    this.#waiting.length = 0;
    this.#taken.resolve();
    this.#came.resolve();
    this.#channel.leave(this);
  }
}

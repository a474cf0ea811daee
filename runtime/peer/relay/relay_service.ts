import type { KeyId } from "../../core/documents/common.ts";
import { PeerError } from "../errors.ts";
import type { PeerSocket } from "../socket/mod.ts";
import { RateLimit } from "../swarm/rate_limit.ts";
import { RELAY_LIMITS } from "./limits.ts";
import { RELAY_ENDS, type RelayEnd } from "./relay_end.ts";
import { readRelayFrame, writeRelayFrame } from "./relay_frame.ts";

/** What an admin lets an agent relay. */
export interface RelayBounds {
  /** Agents that are reached through it, at the same time. */
  readonly slots: number;
  /** Bytes in a second, to and from each of them. */
  readonly rateBytes: number;
  /** Bytes of one way, both directions together; then it is closed. */
  readonly wayBytes: number;
  /** How long one way may be open, milliseconds; default: an hour. */
  readonly wayMs?: number;
}

/** An agent that is reached through this one. */
interface Link {
  readonly socket: PeerSocket;
  readonly ways: Map<number, Way>;
  readonly rate: RateLimit;
  last: number;
}

/** One caller's way to it. */
interface Way {
  readonly caller: RelayEnd;
  bytes: number;
  waiting: number;
}

/**
 * Passes frames between agents that nobody can reach and those who want to. The two ends have keys
 * that it has not: it can keep frames back, and that shows.
 */
export class RelayService {
  readonly #bounds: RelayBounds;
  readonly #links = new Map<KeyId, Link>();

  constructor(bounds: RelayBounds) {
    this.#bounds = bounds;
  }

  /** Whether there is a place for the connection of this agent; one that it has makes room. */
  hasPlace(agent: KeyId): boolean {
    return this.#links.has(agent) || this.#links.size < this.#bounds.slots;
  }

  /** Whether a caller may have a way to this agent. */
  hasWay(agent: KeyId, caller: KeyId): boolean {
    const ways = [...this.#links.get(agent)?.ways.values() ?? []];
    const own = ways.filter((way) => way.caller.peer === caller).length;
    return this.#links.has(agent) && ways.length < RELAY_LIMITS.TUNNELS_OF_ONE_AGENT &&
      own < RELAY_LIMITS.TUNNELS_OF_ONE_CALLER;
  }

  /** Keeps the connection of an agent that wants to be reached. The newest counts. */
  async keep(socket: PeerSocket): Promise<void> {
    if (!this.hasPlace(socket.peer)) return socket.close(RELAY_ENDS.refused, "no place");
    this.#links.get(socket.peer)?.socket.close(RELAY_ENDS.replaced, "connected anew");
    const rate = new RateLimit(this.#bounds.rateBytes);
    const link: Link = { socket, ways: new Map(), rate, last: 0 };
    this.#links.set(socket.peer, link);
    try {
      for await (const message of socket.messages) await this.#fromAgent(link, message);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      socket.close(RELAY_ENDS.nonsense, error.code);
    } finally {
      if (this.#links.get(socket.peer) === link) this.#links.delete(socket.peer);
      for (const { caller } of link.ways.values()) caller.close();
    }
  }

  /** Makes a way to an agent for a caller, for as long as both want. */
  async pass(agent: KeyId, caller: RelayEnd): Promise<void> {
    const link = this.#links.get(agent);
    if (!link || !this.hasWay(agent, caller.peer)) {
      return caller.close(RELAY_ENDS.refused, "no way");
    }
    const id = ++link.last;
    const way: Way = { caller, bytes: 0, waiting: 0 };
    link.ways.set(id, way);
    const timer = setTimeout(
      () => caller.close(RELAY_ENDS.late, "open too long"),
      this.#bounds.wayMs ?? RELAY_LIMITS.TUNNEL_MS,
    );
    try {
      await link.socket.send(writeRelayFrame({ kind: "open", way: id }));
      for await (const bytes of caller.messages) {
        if (typeof bytes === "string" || this.#isSpent(way, bytes.length)) break;
        await link.rate.take(bytes.length);
        await link.socket.send(writeRelayFrame({ kind: "data", way: id, bytes }));
      }
    } catch {
      // One of the two is gone; the other is told.
    } finally {
      clearTimeout(timer);
      caller.close();
      link.ways.delete(id);
      link.socket.send(writeRelayFrame({ kind: "close", way: id })).catch(() => {});
    }
  }

  /** Lets an agent go: those who reached it, and its own ways to others. */
  drop(agent: KeyId): void {
    this.#links.get(agent)?.socket.close(RELAY_ENDS.refused, "not known any more");
    for (const { ways } of this.#links.values()) {
      for (const { caller } of ways.values()) {
        if (caller.peer === agent) caller.close(RELAY_ENDS.refused, "not known any more");
      }
    }
  }

  /** Lets everybody go. */
  [Symbol.dispose](): void {
    for (const { socket } of this.#links.values()) socket.close();
  }

  async #fromAgent(link: Link, message: string | Uint8Array): Promise<void> {
    const frame = readRelayFrame(message);
    const way = link.ways.get(frame.way);
    // Its caller may just have gone.
    if (!way) return;
    if (frame.kind !== "data" || this.#isSpent(way, frame.bytes.length)) return way.caller.close();
    await link.rate.take(frame.bytes.length);
    // Not waited for: a caller who takes nothing must not hold up the others.
    way.waiting += frame.bytes.length;
    if (way.waiting > RELAY_LIMITS.WAITING_BYTES) {
      return way.caller.close(RELAY_ENDS.slow, "too slow");
    }
    way.caller.send(frame.bytes).then(
      () => way.waiting -= frame.bytes.length,
      () => way.caller.close(),
    );
  }

  #isSpent(way: Way, bytes: number): boolean {
    way.bytes += bytes;
    return way.bytes > this.#bounds.wayBytes;
  }
}

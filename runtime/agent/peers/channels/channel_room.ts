import type { ChannelEvent } from "../../../capabilities/channel.ts";
import type { ChannelRules } from "../../../core/documents/channel.ts";
import type { KeyId } from "../../../core/documents/common.ts";
import { PeerError } from "../../../peer/mod.ts";
import type { PeerSocket } from "../../../peer/socket/mod.ts";
import { RateLimit } from "../../../peer/swarm/rate_limit.ts";
import { ChannelMember } from "./channel_member.ts";
import { Redialer } from "../redialer.ts";

/** How long a script here takes nothing before it is left behind. */
const SLOW_MS = 10_000;
/** The same for a peer: longer, so that it can leave its slow script behind itself. */
const SLOW_PEER_MS = 15_000;

/** Why a channel's socket is closed. */
const REPLACED = 4001;
const TOO_SLOW = 4002;

/** A peer that is connected. */
interface Link {
  readonly socket: PeerSocket;
  /** Who called. */
  readonly by: "us" | "peer";
  /** Whether it was said that it joined. */
  isTold: boolean;
  /** Settled when all that it sent was handed on, and that it left. */
  readonly over: Promise<void>;
}

/** What a {@linkcode ChannelRoom} works with. */
export interface ChannelRoomOptions {
  readonly self: KeyId;
  readonly rules: ChannelRules;
  /** Other agents that the policy lets take part, at this moment. */
  candidates(): readonly KeyId[];
  connect(peer: KeyId, signal: AbortSignal): Promise<PeerSocket>;
  /** Told when nobody here has the channel open any more. */
  onEmpty(): void;
}

/**
 * One channel of one script, on this agent: those who have it open here, and a socket to each agent
 * where somebody has, too. Messages of one peer stay in their sequence; who takes them slowly slows
 * down who sends them.
 */
export class ChannelRoom {
  readonly #options: ChannelRoomOptions;
  readonly #members = new Set<ChannelMember>();
  readonly #links = new Map<KeyId, Link>();
  /** Peers that were let in and have not proven themselves yet. */
  readonly #expected = new Set<KeyId>();
  readonly #redialer: Redialer;
  readonly #out: RateLimit;
  /** Resolves when what was sent last may flow. */
  #turn: Promise<void> = Promise.resolve();
  readonly #in: RateLimit;

  constructor(options: ChannelRoomOptions) {
    this.#options = options;
    this.#out = new RateLimit(options.rules.rateBytes);
    this.#in = new RateLimit(options.rules.rateBytes);
    this.#redialer = new Redialer({
      wanted: () =>
        options.candidates().filter((peer) => !this.#links.has(peer) && !this.#expected.has(peer)),
      room: () => options.rules.members - this.#links.size,
      dial: async (peer, signal) => this.#add(await options.connect(peer, signal), "us"),
    });
  }

  /** Agents that are connected. */
  get peers(): readonly KeyId[] {
    return [...this.#links.keys()];
  }

  /** Opens the channel for one more run or request. */
  join(): ChannelMember {
    const { queueBytes } = this.#options.rules;
    const member = new ChannelMember(this, { queueBytes, slowMs: SLOW_MS });
    this.#members.add(member);
    for (const [peer, { isTold }] of this.#links) {
      if (isTold) member.put({ type: "joined", peer });
    }
    this.#redialer.look();
    return member;
  }

  /** Looks again who may take part: the policy has changed. */
  recheck(): void {
    const candidates = new Set(this.#options.candidates());
    for (const [peer, { socket }] of this.#links) if (!candidates.has(peer)) socket.close();
    this.#redialer.look();
  }

  /**
   * Whether a peer that calls is let in. Where both call at the same moment, the call of the one
   * with the smaller id counts, on both sides.
   */
  admits(peer: KeyId): boolean {
    const { self, rules, candidates } = this.#options;
    const isCalled = this.#redialer.isDialing(peer) || this.#links.get(peer)?.by === "us";
    if (isCalled && self < peer) return false;
    const isNew = !this.#links.has(peer);
    return candidates().includes(peer) && !(isNew && this.#links.size >= rules.members);
  }

  /** Takes the socket of a peer that has called, once it has proven itself. */
  async expect(peer: KeyId, socket: Promise<PeerSocket>): Promise<void> {
    this.#expected.add(peer);
    try {
      this.#add(await socket, "peer");
    } catch {
      // It called and did not come.
    } finally {
      this.#expected.delete(peer);
      if (this.#members.size > 0) this.#redialer.look();
    }
  }

  /** Sends to one, or to all at once; who takes nothing for too long is cut off. */
  async send(message: string | Uint8Array, to: KeyId | undefined): Promise<number> {
    const cost = message.length * (to === undefined ? this.#links.size : 1);
    // One after another: of two that wait for a timer, the later one must not be the first to go.
    await (this.#turn = this.#turn.then(() => this.#out.take(cost)));
    if (to === undefined) {
      const links = [...this.#links.values()];
      const went = await Promise.all(links.map(({ socket }) => sendInTime(socket, message)));
      return went.filter(Boolean).length;
    }
    const link = this.#links.get(to);
    if (link && await sendInTime(link.socket, message)) return 1;
    throw new PeerError("closed", `Cannot send on a channel that ${to} does not have open`);
  }

  leave(member: ChannelMember): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#redialer[Symbol.dispose]();
    for (const { socket } of this.#links.values()) socket.close();
    this.#options.onEmpty();
  }

  /** Closes it for all. */
  close(): void {
    for (const member of this.#members) member.close();
  }

  #add(socket: PeerSocket, by: Link["by"]): void {
    const before = this.#links.get(socket.peer);
    if (this.#members.size === 0 || (before && !this.#replaces(before, socket, by))) {
      return socket.close(REPLACED, "connected already");
    }
    before?.socket.close(REPLACED, "connected anew");
    const told = Promise.withResolvers<void>();
    const link: Link = { socket, by, isTold: false, over: told.promise };
    this.#links.set(socket.peer, link);
    this.#redialer.reached(socket.peer);
    this.#pump(link, before).finally(told.resolve);
  }

  /** Who calls anew has lost the old one; of two that crossed, both sides keep the same. */
  #replaces(before: Link, { peer }: PeerSocket, by: Link["by"]): boolean {
    return before.by === by || (by === "us") === (this.#options.self < peer);
  }

  /** Hands on what a peer sends, as fast as everybody here takes it. */
  async #pump(link: Link, before: Link | undefined): Promise<void> {
    const { socket: { peer, messages } } = link;
    await before?.over;
    link.isTold = true;
    await this.#tell({ type: "joined", peer });
    try {
      for await (const message of messages) {
        await this.#in.take(message.length);
        await this.#tell({ type: "message", peer, message });
      }
    } catch {
      // However it ended, the peer is gone.
    }
    if (this.#links.get(peer) === link) this.#links.delete(peer);
    await this.#tell({ type: "left", peer });
    if (this.#members.size > 0) this.#redialer.look();
  }

  async #tell(event: ChannelEvent): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.put(event)));
  }
}

async function sendInTime(socket: PeerSocket, message: string | Uint8Array): Promise<boolean> {
  const timer = setTimeout(() => socket.close(TOO_SLOW, "too slow"), SLOW_PEER_MS);
  try {
    await socket.send(message);
    return true;
  } catch (error) {
    if (error instanceof PeerError && error.code === "too_long") throw error;
    return false;
  } finally {
    clearTimeout(timer);
  }
}

import type { Channels, OpenChannel } from "../../capabilities/channel.ts";
import type { ChannelSettings } from "../../core/documents/channel.ts";
import type { Digest, KeyId, PublicKey, ScriptName } from "../../core/documents/common.ts";
import type { CallClient } from "../../peer/mod.ts";
import type { Question } from "../../peer/membership/mod.ts";
import type { PeerEntry } from "../../policy/mod.ts";
import type { OpenPeering, PeeringOptions } from "./open_peering.ts";
import type { PullOptions } from "./swarm_service.ts";

/**
 * All that an agent has to do with the others of its fleet. What that takes is loaded when there is
 * somebody to talk to: an agent that stands alone does without.
 */
export class Peering implements AsyncDisposable, Channels {
  readonly #options: PeeringOptions;
  #opening: Promise<OpenPeering> | undefined;
  #open: OpenPeering | undefined;

  constructor(options: PeeringOptions) {
    this.#options = options;
  }

  /**
   * Begins to gossip as soon as the policy lists anybody to begin with. Called again when the
   * policy has changed.
   */
  begin(): void {
    const { rules, table, log } = this.#options;
    this.#open?.channels.recheck();
    this.#open?.relaying.begin();
    this.#open?.local.adjust();
    const { peers = [], mdns, hub } = rules();
    const meets = hub?.rendezvous || hub?.relay;
    const isAlone = peers.length === 0 && !mdns && !meets && table.isEmpty;
    if (this.#opening || isAlone) return;
    this.#load().catch((error) => log("error", "peers cannot be had", { error: String(error) }));
  }

  /** Whether an agent other than this belongs to the fleet, by the policy. */
  isPeer(agent: KeyId): boolean {
    const { rules } = this.#options;
    const { peers = [], policy } = rules();
    return agent !== this.#options.agent &&
      (policy.labels.has(agent) || peers.some(({ id }) => id === agent));
  }

  /** Agents that are known, blobs that are offered, and bytes of chunks. */
  get figures(): { known: number; blobs: number; sent: number; received: number } {
    if (!this.#open) return { known: 0, blobs: 0, sent: 0, received: 0 };
    const { network, swarm } = this.#open;
    const known = network.membership.view.all.length;
    return { known, blobs: swarm.offered.length, ...swarm.traffic };
  }

  /** Agents whose addresses only their adverts tell; that they belong here, the policy says. */
  get found(): readonly PeerEntry[] {
    return this.#open?.network.found ?? [];
  }

  /** What calls to an address go through: a client that pins its certificate, or a relay. */
  async clientFor(url: string, ca: Digest | undefined): Promise<CallClient | undefined> {
    return await (await this.#load()).network.clientFor(url, ca);
  }

  /** As `SwarmService.share()`. */
  async share(sha256: Digest): Promise<Digest> {
    return await (await this.#load()).swarm.share(sha256);
  }

  /** As `SwarmService.pull()`. */
  async pull(list: Digest, options: PullOptions): Promise<void> {
    await (await this.#load()).swarm.pull(list, options);
  }

  /** As `ChannelService.open()`. */
  async open(script: ScriptName, name: string, settings: ChannelSettings): Promise<OpenChannel> {
    return (await this.#load()).channels.open(script, name, settings);
  }

  async list(list: Digest): Promise<Uint8Array | undefined> {
    return (await this.#load()).swarm.list(list);
  }

  async have(list: Digest, since: number, signal: AbortSignal) {
    return await (await this.#load()).swarm.have(list, since, signal);
  }

  async chunk(list: Digest, index: number, peer: string, signal: AbortSignal) {
    return await (await this.#load()).swarm.chunk(list, index, peer, signal);
  }

  /** As `ChannelService.answer()`. */
  async channel(
    request: Request,
    key: PublicKey,
    channel: { script: ScriptName; name: string },
  ): Promise<Response | "not_now" | undefined> {
    return (await this.#load()).channels.answer(request, key, channel);
  }

  /** As `Relaying.keep()`. */
  async keepRelayed(request: Request, key: PublicKey): Promise<Response | undefined> {
    return (await this.#load()).relaying.keep(request, key);
  }

  /** As `Relaying.pass()`. */
  async passOn(
    request: Request,
    key: PublicKey,
    agent: KeyId,
  ): Promise<Response | "not_now" | undefined> {
    return (await this.#load()).relaying.pass(request, key, agent);
  }

  /** As `Relaying.calls()`. */
  async calls(request: Request, key: PublicKey): Promise<Response> {
    return (await this.#load()).relaying.calls(request, key);
  }

  async exchange(adverts: readonly Uint8Array[], from: KeyId): Promise<Uint8Array[]> {
    return (await this.#load()).network.exchange(adverts, from);
  }

  async pass(
    question: Question,
    from: KeyId,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    return await (await this.#load()).network.pass(question, from, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = await this.#opening?.catch(() => undefined);
    open?.channels[Symbol.dispose]();
    open?.relaying[Symbol.dispose]();
    await open?.documents[Symbol.asyncDispose]();
    await open?.local[Symbol.asyncDispose]();
    await open?.network[Symbol.asyncDispose]();
    open?.rendezvous[Symbol.dispose]();
  }

  #load(): Promise<OpenPeering> {
    return this.#opening ??= (async () => {
      const { openPeering } = await import("./open_peering.ts");
      this.#open = openPeering(this.#options);
      return this.#open;
    })();
  }
}

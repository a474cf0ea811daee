import {
  admitsChannel,
  channelRules,
  type ChannelSettings,
} from "../../../core/documents/channel.ts";
import type { KeyId, PublicKey, ScriptName } from "../../../core/documents/common.ts";
import { keyId, type Signer } from "../../../core/key.ts";
import { PeerError } from "../../../peer/mod.ts";
import { acceptSocket, SocketPlaces, type SocketSettings } from "../../../peer/socket/mod.ts";
import type { Rules } from "../../trust/load_rules.ts";
import type { ChannelMember } from "./channel_member.ts";
import type { Connect } from "../peer_sockets.ts";
import { ChannelRoom } from "./channel_room.ts";

/** Channels that are open at the same time, and those of one script. */
const MOST_ROOMS = 64;
const MOST_OF_ONE_SCRIPT = 16;
/** Peers' calls at the same time; each may cost memory that Deno does not bound. */
const PLACES = { total: 128, perPeer: 32 };
/** A peer that is gone without a word is noticed by then. */
const IDLE_MS = 15_000;
/** From the first byte to the last of a handshake. */
const HANDSHAKE_MS = 3_000;

/** What a {@linkcode ChannelService} works with. */
export interface ChannelServiceOptions {
  readonly signer: Signer;
  rules(): Rules;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly connect: Connect;
}

/** Where a channel of a script is asked for. */
export function channelPath(script: ScriptName, name: string): string {
  return `/v1/channels/${script}/${name}`;
}

/** All channels that scripts have open on this agent. */
export class ChannelService {
  readonly #options: ChannelServiceOptions;
  readonly #self: KeyId;
  readonly #places = new SocketPlaces(PLACES);
  /** By script and name. */
  readonly #rooms = new Map<string, ChannelRoom>();

  constructor(options: ChannelServiceOptions) {
    this.#options = options;
    this.#self = keyId(options.signer.publicKey);
  }

  /**
   * Opens a channel for a run or request of a script.
   *
   * @throws {PeerError} no_place – as many are open as may be
   */
  open(script: ScriptName, name: string, settings: ChannelSettings): ChannelMember {
    const path = channelPath(script, name);
    const room = this.#rooms.get(path) ?? this.#makeRoom(script, name, settings);
    return room.join();
  }

  /**
   * Answers a peer that asks for a channel. The grant here decides, whatever the one over there
   * says, and somebody here must have it open.
   *
   * @param key Signed the request; its nonce was never seen.
   * @returns `undefined` when there is no such channel for this peer; `"not_now"` when there would
   *   be one if somebody here had it open, or it had room.
   * @throws {PeerError} bad_field, no_place – as `acceptSocket()`
   */
  answer(
    request: Request,
    key: PublicKey,
    { script, name }: { script: ScriptName; name: string },
  ): Response | "not_now" | undefined {
    const settings = this.#settingsOf(script);
    if (!settings || !this.#candidates(script, name).includes(keyId(key))) return undefined;
    const room = this.#rooms.get(channelPath(script, name));
    if (!room?.admits(keyId(key))) return "not_now";
    const { signer, now } = this.#options;
    const { response, socket } = acceptSocket(request, key, {
      signer,
      places: this.#places,
      now: now(),
      ...socketSettings(settings),
    });
    void room.expect(keyId(key), socket);
    return response;
  }

  /** The policy has changed: who may no longer take part is let go. */
  recheck(): void {
    for (const room of this.#rooms.values()) room.recheck();
  }

  [Symbol.dispose](): void {
    for (const room of [...this.#rooms.values()]) room.close();
  }

  #makeRoom(script: ScriptName, name: string, settings: ChannelSettings): ChannelRoom {
    const path = channelPath(script, name);
    const own = [...this.#rooms.keys()].filter((room) => room.startsWith(channelPath(script, "")));
    if (this.#rooms.size >= MOST_ROOMS || own.length >= MOST_OF_ONE_SCRIPT) {
      throw new PeerError("no_place", `Cannot open a channel as ${script} has ${own.length}`);
    }
    const { connect } = this.#options;
    const room = new ChannelRoom({
      self: this.#self,
      rules: channelRules(settings),
      candidates: () => this.#candidates(script, name),
      connect: (peer, signal) => connect(peer, path, { ...socketSettings(settings), signal }),
      onEmpty: () => this.#rooms.delete(path),
    });
    this.#rooms.set(path, room);
    return room;
  }

  /** Agents that the policy knows and that the grant of the script admits. */
  #candidates(script: ScriptName, name: string): KeyId[] {
    const settings = this.#settingsOf(script);
    if (!settings) return [];
    const { peers = [], policy } = this.#options.rules();
    const labels = new Map<KeyId, readonly string[]>(policy.labels);
    for (const { id, labels: listed } of peers) {
      labels.set(id, [...labels.get(id) ?? [], ...listed]);
    }
    labels.delete(this.#self);
    return [...labels].filter(([, own]) => admitsChannel(settings, name, own)).map(([id]) => id);
  }

  #settingsOf(script: ScriptName): ChannelSettings | undefined {
    return this.#options.rules().policy.grants.get(script)?.capabilities?.channel;
  }
}

function socketSettings(settings: ChannelSettings): SocketSettings {
  const { messageBytes, queueBytes } = channelRules(settings);
  // A message counts a little more than its bytes.
  const queue = Math.max(queueBytes, messageBytes + 1_024);
  return { messageBytes, queueBytes: queue, idleMs: IDLE_MS, handshakeMs: HANDSHAKE_MS };
}

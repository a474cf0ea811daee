import type { KeyId, PublicKey } from "../../../core/documents/common.ts";
import { keyId, type Signer } from "../../../core/key.ts";
import type { CallCarrier } from "../../../peer/mod.ts";
import { parseRelayedUrl } from "../../../core/relayed_url.ts";
import { acceptSocket, type PeerSocket, SocketPlaces } from "../../../peer/socket/mod.ts";
import {
  CALLS_PATH,
  localPipe,
  RELAY_SOCKET,
  type RelayBounds,
  RelayedClient,
  type RelayEnd,
  RelayService,
  serveCalls,
} from "../../../peer/relay/mod.ts";
import type { Log } from "../../log.ts";
import type { Rules } from "../../trust/load_rules.ts";
import type { Connect } from "../peer_sockets.ts";
import { RelayConnections } from "./relay_connections.ts";

/** Sockets of callers at the same time; each may cost memory that Deno does not bound. */
const PLACES = { total: 256, perPeer: 32 };

/** What {@linkcode Relaying} works with. */
export interface RelayingOptions {
  readonly signer: Signer;
  rules(): Rules;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly connect: Connect;
  /** Hubs that this agent is to be reached through. */
  hubs(): readonly KeyId[];
  /** Answers what comes through a relay, as the server does. */
  answer(request: Request): Promise<Response>;
  readonly log: Log;
}

/** All that an agent has to do with relays: it may be one, and be reached through others. */
export class Relaying implements Disposable {
  readonly #options: RelayingOptions;
  readonly #self: KeyId;
  readonly #places = new SocketPlaces(PLACES);
  readonly #connections: RelayConnections;
  #service: { readonly bounds: RelayBounds; readonly relays: RelayService } | undefined;

  constructor(options: RelayingOptions) {
    const { signer, rules, connect, answer, hubs, log } = options;
    this.#options = options;
    this.#self = keyId(signer.publicKey);
    this.#connections = new RelayConnections({
      relays: () => [...rules().relays ?? [], ...hubs()],
      connect,
      answer,
      log,
    });
  }

  /** Keys of the relays that this agent is reached through, for its advert. */
  get keys(): readonly PublicKey[] {
    return this.#connections.keys;
  }

  /** Connects to relays; called again when the policy has changed. */
  begin(): void {
    const { relay } = this.#options.rules();
    if (this.#service && JSON.stringify(this.#service.bounds) !== JSON.stringify(relay)) {
      this.#service.relays[Symbol.dispose]();
      this.#service = undefined;
    }
    if (relay && !this.#service) this.#service = { bounds: relay, relays: new RelayService(relay) };
    this.#connections.look();
  }

  /**
   * Answers an agent that wants to be reached through this one.
   *
   * @returns `undefined` when the policy has this agent be no relay, or all places are taken
   */
  keep(request: Request, key: PublicKey): Response | undefined {
    const relays = this.#service?.relays;
    if (!relays?.hasPlace(keyId(key))) return undefined;
    return this.#accept(request, key, (socket) => relays.keep(socket));
  }

  /**
   * Answers a peer that wants to reach an agent through this one.
   *
   * @returns `undefined` when the policy has this agent be no relay; `"not_now"` when that agent is
   *   not connected, or all ways are taken
   */
  pass(request: Request, key: PublicKey, agent: KeyId): Response | "not_now" | undefined {
    const relays = this.#service?.relays;
    if (!relays) return undefined;
    if (!relays.hasWay(agent, keyId(key))) return "not_now";
    return this.#accept(request, key, (socket) => relays.pass(agent, socket));
  }

  /** Answers a peer whose calls come through a socket. */
  calls(request: Request, key: PublicKey): Response {
    return this.#accept(request, key, (socket) => serveCalls(socket, this.#options.answer));
  }

  /** A way to an agent that this one itself relays for. */
  ownWay(agent: KeyId): RelayEnd | undefined {
    const relays = this.#service?.relays;
    if (!relays?.hasWay(agent, this.#self)) return undefined;
    const [near, far] = localPipe(this.#self);
    void relays.pass(agent, far);
    return near;
  }

  /** What carries calls to an address behind a relay. */
  carry(origin: string): CallCarrier | undefined {
    const address = parseRelayedUrl(origin);
    if (!address) return undefined;
    const { connect } = this.#options;
    const never = new AbortController().signal;
    return new RelayedClient((signal = never) => connect(address.agent, CALLS_PATH, { signal }));
  }

  [Symbol.dispose](): void {
    this.#connections[Symbol.dispose]();
    this.#service?.relays[Symbol.dispose]();
  }

  #accept(
    request: Request,
    key: PublicKey,
    then: (socket: PeerSocket) => Promise<void>,
  ): Response {
    const { signer, now, log } = this.#options;
    const { response, socket } = acceptSocket(request, key, {
      signer,
      places: this.#places,
      now: now(),
      ...RELAY_SOCKET,
    });
    socket.then(then).catch((error) => log("debug", "socket ended", { error: String(error) }));
    return response;
  }
}

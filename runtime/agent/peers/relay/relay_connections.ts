import type { KeyId, PublicKey } from "../../../core/documents/common.ts";
import type { Wire } from "../../../peer/socket/wire.ts";
import { cameBy } from "../../../peer/socket/accept_socket.ts";
import type { PeerSocket } from "../../../peer/socket/mod.ts";
import { readUpgrade, RELAY_PATH, RELAY_SOCKET, serveRelayLink } from "../../../peer/relay/mod.ts";
import type { Log } from "../../log.ts";
import { Redialer } from "../redialer.ts";
import type { Connect } from "../peer_sockets.ts";

/** What {@linkcode RelayConnections} work with. */
export interface RelayConnectionsOptions {
  /** Agents that this one is to be reached through, at this moment. */
  relays(): readonly KeyId[];
  readonly connect: Connect;
  /** Answers what comes through a relay, as the server does. */
  answer(request: Request): Promise<Response>;
  log: Log;
}

/** Connections that an agent nobody can reach keeps to its relays. */
export class RelayConnections implements Disposable {
  readonly #options: RelayConnectionsOptions;
  readonly #sockets = new Map<KeyId, PeerSocket>();
  readonly #redialer: Redialer;

  constructor(options: RelayConnectionsOptions) {
    this.#options = options;
    const { relays, connect } = options;
    this.#redialer = new Redialer({
      wanted: () => relays().filter((relay) => !this.#sockets.has(relay)),
      room: () => relays().length,
      dial: async (relay, signal) => {
        this.#keep(await connect(relay, RELAY_PATH, { ...RELAY_SOCKET, signal }));
      },
    });
  }

  /** Keys of the relays that this agent can be reached through now. */
  get keys(): readonly PublicKey[] {
    return [...this.#sockets.values()].map(({ key }) => key);
  }

  /** Connects; called again when the policy has changed. */
  look(): void {
    const wanted = new Set(this.#options.relays());
    for (const [relay, socket] of this.#sockets) if (!wanted.has(relay)) socket.close();
    this.#redialer.look();
  }

  [Symbol.dispose](): void {
    this.#redialer[Symbol.dispose]();
    for (const socket of this.#sockets.values()) socket.close();
  }

  async #keep(socket: PeerSocket): Promise<void> {
    const { peer } = socket;
    this.#sockets.set(peer, socket);
    this.#options.log("info", "reached through a relay", { relay: peer });
    await serveRelayLink(socket, (upgrade, wire) => void this.#answer(upgrade, wire));
    this.#sockets.delete(peer);
    this.#options.log("warn", "no longer reached through a relay", { relay: peer });
    this.#redialer.look();
  }

  /** An upgrade that came through a relay is admitted like any other. */
  async #answer(upgrade: Uint8Array, wire: Wire): Promise<void> {
    try {
      const { status } = await this.#options.answer(cameBy(readUpgrade(upgrade), wire));
      if (status !== 101) wire.close();
    } catch {
      wire.close();
    }
  }
}

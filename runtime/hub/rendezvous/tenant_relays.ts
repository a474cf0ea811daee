import type { KeyId } from "../../core/documents/common.ts";
import { RelayService } from "../../peer/relay/mod.ts";
import type { PeerSocket } from "../../peer/socket/mod.ts";
import type { Standing } from "../agents/agent_record.ts";
import { HUB_LIMITS } from "../limits.ts";

/** What {@linkcode TenantRelays} work with. */
export interface TenantRelaysOptions {
  /** Where an agent stands now. */
  standing(tenant: string, agent: KeyId): Promise<Standing | undefined>;
}

/** Passes frames between the agents of one tenant, and knows of no way from one to another. */
export class TenantRelays implements Disposable {
  readonly #options: TenantRelaysOptions;
  readonly #relays = new Map<string, RelayService>();

  constructor(options: TenantRelaysOptions) {
    this.#options = options;
  }

  /** As `RelayService.hasPlace()`. */
  hasPlace(tenant: string, agent: KeyId): boolean {
    return this.#of(tenant).hasPlace(agent);
  }

  /** As `RelayService.hasWay()`. */
  hasWay(tenant: string, agent: KeyId, caller: KeyId): boolean {
    return this.#of(tenant).hasWay(agent, caller);
  }

  /** Keeps the connection of an agent that wants to be reached, until it ends. */
  async keep(tenant: string, socket: PeerSocket): Promise<void> {
    const kept = this.#of(tenant).keep(socket);
    await Promise.all([kept, this.recheck(tenant, socket.peer)]);
  }

  /** Makes a way to an agent, for as long as both want. */
  async pass(tenant: string, agent: KeyId, caller: PeerSocket): Promise<void> {
    const passed = this.#of(tenant).pass(agent, caller);
    await Promise.all([passed, this.recheck(tenant, caller.peer)]);
  }

  /**
   * Lets an agent go that may not have been told of here any more. Also asked once a connection of
   * it is kept, as that may have been decided while the connection was made.
   */
  async recheck(tenant: string, agent: KeyId): Promise<void> {
    const isApproved = await this.#options.standing(tenant, agent)
      .then((standing) => standing === "approved", () => false);
    if (!isApproved) this.#relays.get(tenant)?.drop(agent);
  }

  /** Lets everybody go. */
  [Symbol.dispose](): void {
    for (const relay of this.#relays.values()) relay[Symbol.dispose]();
  }

  #of(tenant: string): RelayService {
    const relay = this.#relays.get(tenant) ?? new RelayService(HUB_LIMITS.RELAY);
    this.#relays.set(tenant, relay);
    return relay;
  }
}

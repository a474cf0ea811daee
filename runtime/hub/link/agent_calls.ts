import type { KeyId } from "../../core/documents/common.ts";
import { keyId, type Signer } from "../../core/key.ts";
import { PeerError, type SignedCall, verifyRequest } from "../../peer/mod.ts";
import type { AgentRow } from "../agents/agent_record.ts";
import { rowOf } from "../agents/agent_row.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import { HubError } from "../errors.ts";
import { RecentNonces } from "./recent_nonces.ts";

/** A call by an agent that the hub knows. */
export interface AgentCall {
  readonly call: SignedCall;
  readonly agent: AgentRow;
}

/** Signed calls of agents: each proves the key, and the key says which agent it is. */
export class AgentCalls {
  readonly #options: { database: HubDatabase; signer: Signer; now(): number };
  readonly #nonces = new RecentNonces();
  readonly #id: KeyId;

  constructor(options: { database: HubDatabase; signer: Signer; now(): number }) {
    this.#options = options;
    this.#id = keyId(options.signer.publicKey);
  }

  /**
   * Whoever holds a key; it need not be an agent's yet. Such a call may be made again, as what it
   * asks for is the same each time; nonces of strangers would take the place of agents'.
   *
   * @throws {PeerError} – the codes of `verifyRequest()`
   */
  proven(request: Request): SignedCall {
    const now = this.#options.now();
    return verifyRequest(request, { recipient: this.#id, now, isKnown: () => true });
  }

  /**
   * An agent of a tenant, also one that was revoked.
   *
   * @throws {PeerError} – as {@linkcode proven}, replayed, and no_place
   * @throws {PeerError} unknown_key – nobody of that tenant has it
   */
  async known(tenant: string, request: Request): Promise<AgentCall> {
    const call = this.proven(request);
    const agent = await this.#find(tenant, keyId(call.key));
    this.#nonces.take(call, this.#options.now());
    return { call, agent };
  }

  /**
   * An agent of a tenant.
   *
   * @throws {PeerError} – as {@linkcode known}
   * @throws {HubError} forbidden – it was revoked
   */
  async admit(tenant: string, request: Request): Promise<AgentCall> {
    const { call, agent } = await this.known(tenant, request);
    if (agent.standing !== "revoked") return { call, agent };
    throw new HubError("forbidden", `Cannot answer ${agent.id} as it was revoked`);
  }

  async #find(tenant: string, id: KeyId): Promise<AgentRow> {
    try {
      return await rowOf(this.#options.database, tenant, id);
    } catch (error) {
      if (!(error instanceof HubError && error.code === "not_found")) throw error;
      const message = `Cannot answer a call as no agent of "${tenant}" has its key`;
      throw new PeerError("unknown_key", message, { cause: error });
    }
  }
}

import type { KeyId } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import { PeerError } from "../../peer/mod.ts";
import type { SwarmAddress } from "../../peer/swarm/mod.ts";
import { AgentError } from "../errors.ts";
import type { Source } from "../sources/source.ts";
import type { Rules } from "../trust/load_rules.ts";
import { askNeighbour } from "./ask_neighbour.ts";
import type { Peering } from "./peering.ts";

/** Neighbours that are asked. */
const NEIGHBOURS = 4;
/** What is named by its hash, and so can be had of anybody. */
const NAMED_BY_HASH = "v1/modules/";

/** Another agent as a source of scripts. */
class PeerSource implements Source {
  readonly name: string;
  readonly #address: SwarmAddress;
  readonly #hasAll: boolean;

  constructor(address: SwarmAddress, hasAll: boolean) {
    this.name = address.url;
    this.#address = address;
    this.#hasAll = hasAll;
  }

  async read(
    path: string,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    if (!this.#hasAll && !path.startsWith(NAMED_BY_HASH)) return undefined;
    try {
      return await askNeighbour(this.#address, path, maxBytes, signal);
    } catch (cause) {
      const code = cause instanceof PeerError && cause.code === "unreachable"
        ? "source_unreachable"
        : "source_answer";
      throw new AgentError(code, `Cannot read "${path}" from another agent`, { cause });
    }
  }
}

/** Whom other agents are asked as. */
export interface PeerSourceOptions {
  readonly signer: Signer;
  /** This agent, which does not ask itself. */
  readonly agent: KeyId;
  readonly peers: Pick<Peering, "found" | "clientFor">;
}

/**
 * The rules with some neighbours as the last of their sources: for modules that no other has, and
 * for everything where there is no other.
 */
export function withPeerSources(
  rules: () => Rules,
  { signer, agent: self, peers }: PeerSourceOptions,
): () => Rules {
  return () => {
    const current = rules();
    const hasAll = current.sources.length === 0;
    const neighbours = [...current.peers ?? [], ...peers.found].filter(({ id }) => id !== self);
    const more = neighbours.slice(0, NEIGHBOURS).map(({ id, url, ca }) => {
      const client = () => peers.clientFor(url, ca);
      return new PeerSource({ signer, agent: id, url, client }, hasAll);
    });
    return more.length === 0 ? current : { ...current, sources: [...current.sources, ...more] };
  };
}

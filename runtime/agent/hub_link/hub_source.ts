import type { Signer } from "../../core/key.ts";
import { PeerError } from "../../peer/mod.ts";
import type { HubEntry } from "../../policy/mod.ts";
import { AgentError } from "../errors.ts";
import type { Source } from "../sources/source.ts";
import type { Rules } from "../trust/load_rules.ts";
import type { HubClient } from "./hub_client.ts";

/** What an agent asks its hub with. */
export interface HubCaller {
  readonly signer: Signer;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The hub as one more source of scripts: what it gives is hashed and judged like any other's. */
class HubSource implements Source, Disposable {
  readonly name: string;
  readonly #open: () => Promise<HubClient>;
  #client: Promise<HubClient> | undefined;

  constructor(hub: HubEntry, caller: HubCaller) {
    this.name = hub.url;
    // Loaded when the first script is wanted of it.
    this.#open = async () => {
      const { HubClient } = await import("./hub_client.ts");
      return new HubClient({ hub, ...caller });
    };
  }

  async read(
    path: string,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const client = await (this.#client ??= this.#open());
    try {
      return await client.get(`source/${path}`, maxBytes, signal);
    } catch (cause) {
      signal?.throwIfAborted();
      const code = cause instanceof PeerError && cause.code === "unreachable"
        ? "source_unreachable"
        : "source_answer";
      throw new AgentError(code, `Cannot read "${path}" from the hub`, { cause });
    }
  }

  [Symbol.dispose](): void {
    this.#client?.then((client) => client[Symbol.dispose](), () => {});
  }
}

/** The rules with the hub as the last of their sources, where they name one. */
export function withHubSource(rules: () => Rules, caller: HubCaller): () => Rules {
  let before: Rules | undefined;
  let after: Rules | undefined;
  let source: { readonly key: string; readonly hub: HubSource } | undefined;
  return () => {
    const current = rules();
    if (before === current) return after!;
    before = current;
    const { hub } = current;
    const key = JSON.stringify(hub);
    if (source?.key !== key) {
      source?.hub[Symbol.dispose]();
      source = hub && { key, hub: new HubSource(hub, caller) };
    }
    return after = source ? { ...current, sources: [...current.sources, source.hub] } : current;
  };
}

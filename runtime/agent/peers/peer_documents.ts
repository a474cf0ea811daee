import { type DocumentKind, ENVELOPE_BYTES } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import { shuffled } from "../../peer/mod.ts";
import type { SwarmAddress } from "../../peer/swarm/mod.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { type DocumentFolder, keepAcceptList, keepRoots } from "../trust/keep_documents.ts";
import type { Rules } from "../trust/load_rules.ts";
import type { TrustStore } from "../trust/trust_store.ts";
import { walkRoots } from "../trust/update_trust.ts";
import { askNeighbour } from "./ask_neighbour.ts";

/** From one look to the next, at random up to twice as long, milliseconds. */
const LOOK_MS = 60_000;
/** The same for the first: what is new may be why this agent starts. */
const FIRST_LOOK_MS = 1_000;
/** Neighbours of whom it is remembered what they did wrong. */
const REMEMBERED = 100;

/** What {@linkcode PeerDocuments} work with. */
export interface PeerDocumentsOptions {
  rules(): Rules;
  readonly trust: TrustStore;
  /** Loads the rules anew, when a new document lies in their folder. */
  reload(): Promise<unknown>;
  /** Agents that can be asked. */
  neighbours(): readonly SwarmAddress[];
  readonly log: Log;
}

/**
 * Roots and accept-lists from other agents: whoever has a newer one gives it, and it is verified as
 * from an enemy. An older one, one that is signed by nobody entitled, or another under the same
 * version changes nothing.
 */
export class PeerDocuments implements AsyncDisposable {
  readonly #options: PeerDocumentsOptions;
  readonly #stopping = new AbortController();
  /** Why the last document of a neighbour was refused: said once. */
  readonly #refused = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: PeerDocumentsOptions) {
    this.#options = options;
  }

  /** Asks one neighbour after another, for as long as the agent runs. */
  begin(pauseMs: number = FIRST_LOOK_MS): void {
    this.#timer = setTimeout(() => {
      this.#looking = this.look().finally(() => {
        if (!this.#stopping.signal.aborted) this.begin(LOOK_MS);
      });
    }, pauseMs * (1 + Math.random()));
    Deno.unrefTimer(this.#timer);
  }

  /** Asks one neighbour, whom chance chooses. Does nothing where the rules come from no list. */
  async look(): Promise<void> {
    const { rules, trust, neighbours, reload, log } = this.#options;
    const folder = rules().signedFolder;
    const [neighbour] = shuffled(neighbours(), Math.random);
    if (folder === undefined || !neighbour) return;
    const place = { folder, trust };
    const newRoots = await this.#taking(neighbour, () => this.#newRoots(neighbour, place));
    const newList = await this.#taking(neighbour, () => this.#newList(neighbour, place));
    if (!newRoots && !newList) return;
    await reload().catch((error) => log("error", "policy refused", { error: messageOf(error) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopping.abort(new DOMException("the agent stops", "AbortError"));
    await this.#looking;
  }

  async #newRoots(from: SwarmAddress, place: DocumentFolder): Promise<boolean> {
    const { trust, folder } = place;
    const { root } = await walkRoots(folder, trust.root(), trust.now());
    const envelopes: Uint8Array[] = [];
    for (let version = root.version + 1; envelopes.length < LIMITS.ROOT_CHAIN; version++) {
      const envelope = await this.#get(from, "root", `v1/roots/${version}`);
      if (!envelope) break;
      envelopes.push(envelope);
    }
    return await keepRoots(envelopes, place);
  }

  async #newList(from: SwarmAddress, place: DocumentFolder): Promise<boolean> {
    const { epoch = 0, version = 0 } = place.trust.acceptList() ?? {};
    const path = `v1/acceptlists/newest?epoch=${epoch}&version=${version}`;
    const envelope = await this.#get(from, "acceptlist", path);
    return envelope !== undefined && await keepAcceptList(envelope, place);
  }

  async #get(
    from: SwarmAddress,
    kind: DocumentKind,
    path: string,
  ): Promise<Uint8Array | undefined> {
    return await askNeighbour(from, path, ENVELOPE_BYTES[kind], this.#stopping.signal);
  }

  /** What one neighbour does wrong changes nothing, and is said once. */
  async #taking({ agent, url }: SwarmAddress, take: () => Promise<boolean>): Promise<boolean> {
    try {
      return await take();
    } catch (error) {
      const found = messageOf(error);
      const { signal } = this.#stopping;
      if (!signal.aborted && this.#refused.get(agent) !== found) {
        this.#options.log("warn", "document of a peer not taken", {
          peer: agent,
          url,
          error: found,
        });
      }
      if (this.#refused.size >= REMEMBERED) this.#refused.clear();
      this.#refused.set(agent, found);
      return false;
    }
  }
}

import * as v from "valibot";
import type { KeyId } from "../../core/documents/common.ts";
import { parseHostileJson } from "../../core/hostile_json.ts";
import type { Signer } from "../../core/key.ts";
import {
  EXCHANGE_BYTES,
  EXCHANGE_PATH,
  exchangeSchema,
  readAdvert,
  RESOLVE_PATH,
  resolvedSchema,
  writeAdverts,
} from "../../peer/membership/wire.ts";
import type { HubEntry } from "../../policy/mod.ts";
import { messageOf } from "../errors.ts";
import { HubClient } from "../hub_link/hub_client.ts";
import { hubPath } from "../hub_link/wire.ts";
import type { Log } from "../log.ts";
import type { Rules } from "../trust/load_rules.ts";
import type { PeerAddress } from "./peer_sockets.ts";

/** From one telling to the next, at random up to twice as long: what is told holds for hours. */
const TELL_MS = 5 * 60_000;
/** The same when there is news; doubled with every failure, up to the usual time. */
const NEWS_MS = 2_000;
/** How long the hub may take to answer; the fleet can be asked, too. */
const ANSWER_MS = 5_000;

/** What a {@linkcode Rendezvous} works with. */
export interface RendezvousOptions {
  readonly signer: Signer;
  rules(): Rules;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly log: Log;
}

/**
 * The hub as the place where agents find each other. It is told where this one is reached, and
 * tells of others; each of these has signed that itself, and the policy says who belongs here.
 */
export class Rendezvous implements Disposable {
  readonly #options: RendezvousOptions;
  #client: { readonly named: string; readonly client: HubClient } | undefined;
  #told: Uint8Array | undefined;
  #toldAt = -Infinity;
  #pauseMs = 0;
  #failures = 0;

  constructor(options: RendezvousOptions) {
    this.#options = options;
  }

  /** Keys of hubs that this agent is reached through, where the policy has it so. */
  get relays(): readonly KeyId[] {
    const { hub } = this.#options.rules();
    return hub?.relay ? [hub.id] : [];
  }

  /** Where an agent that is the hub is reached: like an agent, below a path of its own. */
  addressesOf(agent: KeyId): PeerAddress[] {
    const { hub } = this.#options.rules();
    if (hub?.id !== agent) return [];
    const { ca, tenant } = hub;
    const path = hubPath(tenant, "").replace(/\/$/, "");
    return [hub.url, ...hub.others].map((url) => ({ url: url + path, ca }));
  }

  /** Tells the hub where this agent is reached, when it is time. @returns what it tells of others. */
  async tell(advert: Uint8Array, signal: AbortSignal): Promise<Uint8Array[]> {
    const client = this.#current();
    const since = performance.now() - this.#toldAt;
    const isNews = advert !== this.#told && this.#failures === 0;
    if (!client || since < (isNews ? NEWS_MS : this.#pauseMs)) return [];
    this.#toldAt = performance.now();
    try {
      const adverts = writeAdverts([advert]);
      const answer = await ask(client, EXCHANGE_PATH, exchangeSchema, adverts, signal);
      if (this.#failures > 0) this.#options.log("info", "hub tells of peers again");
      this.#failures = 0;
      this.#told = advert;
      this.#pauseMs = TELL_MS * (1 + Math.random());
      return answer.adverts.map(readAdvert);
    } catch (error) {
      if (this.#failures === 0) {
        this.#options.log("warn", "hub does not tell of peers", { error: messageOf(error) });
      }
      this.#failures++;
      this.#pauseMs = Math.min(TELL_MS, NEWS_MS * 2 ** this.#failures) * (1 + Math.random());
      return [];
    }
  }

  /** Asks the hub for one agent. */
  async find(agent: KeyId, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const client = this.#current();
    if (!client) return undefined;
    try {
      const { advert } = await ask(client, RESOLVE_PATH, resolvedSchema, { agent }, signal);
      return advert === null ? undefined : readAdvert(advert);
    } catch {
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#client?.client[Symbol.dispose]();
  }

  /** For the hub that the policy names now, if agents are to meet there. */
  #current(): HubClient | undefined {
    const { signer, now, rules } = this.#options;
    const { hub } = rules();
    if (!hub?.rendezvous) return undefined;
    return this.#clientOf(hub, () => new HubClient({ hub, signer, now }));
  }

  #clientOf(hub: HubEntry, make: () => HubClient): HubClient {
    const named = JSON.stringify(hub);
    if (this.#client?.named !== named) {
      this[Symbol.dispose]();
      this.#client = { named, client: make() };
      [this.#told, this.#failures, this.#toldAt] = [undefined, 0, -Infinity];
    }
    return this.#client.client;
  }
}

async function ask<S extends v.GenericSchema>(
  client: HubClient,
  path: string,
  schema: S,
  body: unknown,
  signal: AbortSignal,
): Promise<v.InferOutput<S>> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const bytes = await client.post(path.slice(1), body, EXCHANGE_BYTES, within);
  return v.parse(schema, parseHostileJson(new TextDecoder().decode(bytes)));
}

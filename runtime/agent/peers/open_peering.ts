import type { Digest, KeyId } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import type { Log } from "../log.ts";
import type { SharedBlobTable } from "../store/shared_blobs.ts";
import type { Rules } from "../trust/load_rules.ts";
import type { TrustStore } from "../trust/trust_store.ts";
import { ChannelService } from "./channels/channel_service.ts";
import { LocalNetwork } from "./local_network.ts";
import { PeerDocuments } from "./peer_documents.ts";
import { PeerNetwork } from "./peer_network.ts";
import { type Connect, connectPeer } from "./peer_sockets.ts";
import { Relaying } from "./relay/relaying.ts";
import { Rendezvous } from "./rendezvous.ts";
import { SwarmService } from "./swarm_service.ts";

/** What a `Peering` works with. */
export interface PeeringOptions {
  readonly signer: Signer;
  readonly agent: KeyId;
  rules(): Rules;
  /** Loads the rules anew, when a new document lies in their folder. */
  reload(): Promise<unknown>;
  readonly trust: TrustStore;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Where peers reach this agent. */
  addresses(): readonly string[];
  /** Digest of the certificate that vouches for its TLS. */
  ca(): Digest | undefined;
  readonly table: SharedBlobTable;
  /** Where downloads under way lie. */
  readonly folder: string;
  /** Opens a blob that is kept; `undefined` when it is not. */
  open(sha256: Digest): Promise<Deno.FsFile | undefined>;
  /** Answers a request that came through a relay. */
  answer(request: Request): Promise<Response>;
  readonly log: Log;
}

/** Peers, the blobs that are shared with them, and the channels to them. */
export interface OpenPeering {
  readonly network: PeerNetwork;
  readonly local: LocalNetwork;
  readonly swarm: SwarmService;
  readonly channels: ChannelService;
  readonly relaying: Relaying;
  readonly rendezvous: Rendezvous;
  readonly documents: PeerDocuments;
}

/** Makes all of them, which know each other, and begins to gossip. */
export function openPeering(options: PeeringOptions): OpenPeering {
  const { signer, rules, now, addresses, table, folder, open, log } = options;
  const ca = options.ca();
  const swarm: SwarmService = new SwarmService({
    table,
    folder,
    open,
    addresses: (list) => network.addressesFor(list),
    rates: () => rules().traffic ?? {},
    log,
  });
  const rendezvous = new Rendezvous({ signer, rules, now, log });
  const network: PeerNetwork = new PeerNetwork({
    signer,
    rules,
    now,
    addresses,
    ...(ca && { ca }),
    offered: () => swarm.offered,
    relays: () => relaying.keys,
    carry: (origin) => relaying.carry(origin),
    ...{ rendezvous, log },
  });
  const sockets = {
    signer,
    now,
    addressesOf: (peer: KeyId, signal: AbortSignal) => network.everyAddressOf(peer, signal),
    clientFor: (url: string, pinned: Digest | undefined) => network.clientFor(url, pinned),
    ownWay: (peer: KeyId) => relaying.ownWay(peer),
  };
  const connect: Connect = (peer, path, settings) => connectPeer(sockets, peer, path, settings);
  const { answer } = options;
  const relaying: Relaying = new Relaying({
    ...{ signer, rules, now, connect, answer, log },
    hubs: () => rendezvous.relays,
  });
  const channels = new ChannelService({ signer, rules, now, connect });
  const local = new LocalNetwork({
    rules,
    advert: () => network.advert(),
    heard: (advert) => network.membership.hear(advert),
    log,
  });
  const { trust, reload } = options;
  const documents = new PeerDocuments({
    ...{ rules, trust, reload, log },
    neighbours: () => network.neighbours,
  });
  network.begin();
  documents.begin();
  local.adjust();
  relaying.begin();
  return { network, local, swarm, channels, relaying, rendezvous, documents };
}

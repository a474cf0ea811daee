import type { PeeringOptions } from "./peering.ts";
import { PeerNetwork } from "./peer_network.ts";
import { SwarmService } from "./swarm_service.ts";

/** Peers and the blobs that are shared with them. */
export interface OpenPeering {
  readonly network: PeerNetwork;
  readonly swarm: SwarmService;
}

/** Makes both, which know each other, and begins to gossip. */
export function openPeering(options: PeeringOptions): OpenPeering {
  const { signer, rules, now, addresses, table, folder, open, log } = options;
  const ca = options.ca();
  const swarm: SwarmService = new SwarmService({
    table,
    folder,
    open,
    addresses: (list) => network.addressesFor(list),
    log,
  });
  const network: PeerNetwork = new PeerNetwork({
    signer,
    rules,
    now,
    addresses,
    ...(ca && { ca }),
    offered: () => swarm.offered,
    log,
  });
  network.begin();
  return { network, swarm };
}

import { keyId } from "../../core/key.ts";
import { relayedUrl } from "../../core/relayed_url.ts";
import type { KnownPeer } from "./peer_view.ts";

/** Everywhere that an agent says it is reached: its own addresses first, then through relays. */
export function reachOf({ agent, advert }: Pick<KnownPeer, "agent" | "advert">): string[] {
  const relayed = advert.relays.map((key) => relayedUrl({ agent, relay: keyId(key) }));
  return [...advert.addresses, ...relayed];
}

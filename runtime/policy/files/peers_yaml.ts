import { isIPv4 } from "node:net";
import { isMap } from "yaml";
import type { Digest, KeyId } from "../../core/documents/common.ts";
import { isLoopback } from "../../core/loopback.ts";
import { relayedUrl } from "../../core/relayed_url.ts";
import { closed, count, listOf, parsed } from "../yaml/decoders.ts";
import { type Decoder, refine } from "../yaml/decoder.ts";
import type { Place } from "../yaml/place.ts";
import { digest, keyId, name, quantity } from "./values.ts";

/** Another agent of the fleet, by address. */
export interface PeerEntry {
  readonly name: string;
  /** Without a slash at the end; of one behind a relay as `relayedUrl()` writes it. */
  readonly url: string;
  readonly id: KeyId;
  /** Of the certificate that vouches for its TLS; without it a public authority must. */
  readonly ca?: Digest;
  readonly labels: readonly string[];
}

/** What an agent may pass on for others that nobody can reach. */
export interface RelayEntry {
  /** Agents that are reached through it, at the same time. */
  readonly slots: number;
  /** Bytes in a second, to and from each of them. */
  readonly rateBytes: number;
  /** Bytes of one way, both directions together. */
  readonly wayBytes: number;
}

/** How fast chunks of blobs go to and come from other agents; bytes in a second, all together. */
export interface TrafficEntry {
  readonly upBytes?: number;
  readonly downBytes?: number;
}

/** `traffic:`; what is not said is not limited. */
export const trafficYaml: Decoder<TrafficEntry> = refine(
  closed({}, { up: quantity("size"), down: quantity("size") }),
  ({ up, down }) => ({
    ...(up !== undefined && { upBytes: up }),
    ...(down !== undefined && { downBytes: down }),
  }),
);

/** How agents of the local network are looked for. */
export interface LanEntry {
  /** Of the interface that is asked on; `0.0.0.0` leaves it to the system. */
  readonly address: string;
}

/** `mdns:`; present, it has this agent tell the local network of itself, and listen to others. */
export const mdnsYaml: Decoder<LanEntry> = refine(
  closed({}, {
    address: parsed((value) =>
      isIPv4(value)
        ? { ok: value }
        : { code: "bad_value", message: `must be an IPv4 address: got ${JSON.stringify(value)}` }
    ),
  }),
  ({ address }) => ({ address: address ?? "0.0.0.0" }),
);

/** What holds where `relay:` says nothing. */
const RELAY_DEFAULTS: RelayEntry = {
  slots: 16,
  rateBytes: 5_000_000,
  wayBytes: 1_000_000_000,
};
const MOST_SLOTS = 256;

/** `relay:`; present, it has this agent be one. */
export const relayYaml: Decoder<RelayEntry> = refine(
  closed({}, { slots: count(1, MOST_SLOTS), rate: quantity("size"), way: quantity("size") }),
  ({ slots, rate, way }) => ({
    slots: slots ?? RELAY_DEFAULTS.slots,
    rateBytes: rate ?? RELAY_DEFAULTS.rateBytes,
    wayBytes: way ?? RELAY_DEFAULTS.wayBytes,
  }),
);

/** An agent's address: TLS, except on this very machine. */
export const peerUrl: Decoder<string> = parsed((value) => {
  const url = URL.parse(value);
  const loopback = url !== null && isLoopback(url.hostname);
  const fits = url !== null && !url.username && !url.password && !url.search && !url.hash &&
    (url.protocol === "https:" || (url.protocol === "http:" && loopback));
  if (fits) return { ok: url.href.replace(/\/$/, "") };
  return {
    code: "bad_value",
    message: "must be an https address (http for this machine alone) without user, query and " +
      `fragment: got ${JSON.stringify(value.replace(/\/\/[^/@]*@/, "//…@"))}`,
  };
});

/** A peer as it is written: with an address of its own, or the name of a relay. */
type WrittenPeer = Omit<PeerEntry, "url"> & { readonly url?: string; readonly relay?: string };

const peer: Decoder<WrittenPeer> = refine(
  closed({ name, id: keyId }, { url: peerUrl, relay: name, ca: digest, labels: listOf(name) }),
  (entry, place) => {
    const written = ["url", "relay"].filter((key) => isMap(place.node) && place.node.has(key));
    if (written.length !== 1) {
      return place.mistake({
        code: "missing_key",
        message: 'must have either "url" or "relay", the name of a peer that passes calls on',
      });
    }
    return { ...entry, labels: entry.labels ?? [] };
  },
);

/** `peers:`. Scripts call a peer by its name or its id. */
export const peersYaml: Decoder<PeerEntry[]> = refine(listOf(peer), (entries, place) => {
  const seen = new Set<string>();
  return entries.flatMap((entry, i) => {
    const at = place.below(i, place.file.find([...place.segments, i]));
    for (const key of ["name", "id"] as const) {
      if (seen.has(entry[key])) {
        at.mistake({
          code: "duplicate",
          message: `has the ${key} of another peer: "${entry[key]}"`,
        });
      }
      seen.add(entry[key]);
    }
    const { relay, url, ...rest } = entry;
    if (url !== undefined) return [{ ...rest, url }];
    const through = relay === undefined ? undefined : reachable(entries, relay, at);
    return through ? [{ ...rest, url: relayedUrl({ agent: entry.id, relay: through.id }) }] : [];
  });
});

/** `relays:`, the names of peers, as their ids. */
export function relayIds(
  names: readonly string[],
  peers: readonly PeerEntry[],
  at: (index: number) => Place,
): KeyId[] {
  return names.flatMap((name, i) => {
    const found = peers.find((entry) => entry.name === name);
    if (found) return [found.id];
    at(i).mistake({ code: "bad_value", message: `must be the name of a peer: got "${name}"` });
    return [];
  });
}

function reachable(
  entries: readonly WrittenPeer[],
  name: string,
  place: Place,
): WrittenPeer | undefined {
  const found = entries.find((entry) => entry.name === name);
  if (found?.url !== undefined) return found;
  return place.mistake({
    code: "bad_value",
    message: `must name as its relay a peer that has an address: got "${name}"`,
  });
}

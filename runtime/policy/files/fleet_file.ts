import { type Ceiling, DEFAULT_LIMITS } from "../../core/documents/grant.ts";
import type { KeyId } from "../../core/documents/common.ts";
import type { Role } from "../../core/documents/root.ts";
import { LIMITS } from "../../core/limits.ts";
import { SCRIPT_ORDERER } from "../../core/verification/order.ts";
import type { PermissionOptions } from "../permissions/check_permissions.ts";
import { parseNetAddress } from "../net/address.ts";
import { closed, count, flag, listOf, mapOf, oneOf, parsed, text } from "../yaml/decoders.ts";
import { type Decoder, refine } from "../yaml/decoder.ts";
import { Place } from "../yaml/place.ts";
import type { PolicyFile } from "../yaml/policy_file.ts";
import { ceilingCapabilities, ceilingServe, limitsYaml } from "./grant_file.ts";
import { type HubEntry, hubYaml } from "./hub_yaml.ts";
import {
  type LanEntry,
  mdnsYaml,
  type PeerEntry,
  peersYaml,
  peerUrl,
  type RelayEntry,
  relayIds,
  relayYaml,
  type TrafficEntry,
  trafficYaml,
} from "./peers_yaml.ts";
import { permissionsYaml } from "./permissions_yaml.ts";
import { type Retention, retention } from "./retention_yaml.ts";
import { name, publicKey, writtenKeys } from "./values.ts";

/** Where manifests and modules are looked for. */
export type Source =
  | { readonly kind: "http"; readonly url: string }
  /** As written; relative paths start at the policy folder. */
  | { readonly kind: "directory"; readonly path: string };

/** What `fleet.yaml` says. */
export interface FleetFile {
  readonly fleet: string;
  /** `local`: these files are the policy. `signed`: an accept-list is, and these only narrow it. */
  readonly mode: "local" | "signed";
  /** Nothing runs here: what would have run, or have been refused, is only recorded. */
  readonly auditMode?: true;
  /** Folder of the root chain, as written; in signed mode only. */
  readonly root?: string;
  /** Named keys that may order; in signed mode the root has them. */
  readonly orderers: ReadonlyMap<string, Role>;
  /** The most any grant may give here. */
  readonly ceiling: Ceiling;
  readonly sources: readonly Source[];
  /** Other agents that scripts may order from here, where their grants lend `peers`. */
  readonly peers: readonly PeerEntry[];
  /** Present when agents of the local network are looked for. */
  readonly mdns?: LanEntry;
  /** How fast chunks go to and come from other agents. */
  readonly traffic?: TrafficEntry;
  /** Present when this agent relays for others. */
  readonly relay?: RelayEntry;
  /** Peers that this agent keeps a connection to, to be reached through them. */
  readonly relays?: readonly KeyId[];
  /** The hub that this agent belongs to. */
  readonly hub?: HubEntry;
  /** How long the agent keeps what nothing needs any more. */
  readonly retention?: Retention;
  /** Where the agent listens, by TLS unless the address is loopback; port 0 means any. */
  readonly listen?: { readonly hostname: string; readonly port: number };
  /** Names and addresses, without port, by which others reach it. */
  readonly hosts: readonly string[];
  /** A certificate and its key, as written; without them the agent makes its own. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

const keysAndThreshold = closed(
  { keys: listOf(publicKey, 1) },
  { threshold: count(1, LIMITS.SIGNATURES) },
);

const role: Decoder<Role> = refine(keysAndThreshold, (entry, place) => {
  const { keys, threshold = 1 } = entry;
  if (keys.length < writtenKeys(place)) return undefined;
  if (threshold > keys.length || keys.length > LIMITS.SIGNATURES) {
    return place.mistake({
      code: "threshold",
      message: `must ask for at most the keys there are (and ${LIMITS.SIGNATURES} at most): ` +
        `got ${threshold} of ${keys.length}`,
    });
  }
  return { keys, threshold };
});

const source: Decoder<Source> = parsed<Source>((value) => {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(value)) return { ok: { kind: "directory", path: value } };
  const url = URL.parse(value);
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash) {
    return { ok: { kind: "http", url: url.href } };
  }
  return {
    code: "bad_value",
    message: "must be a directory or an http(s) address without user, query and fragment: " +
      `got ${JSON.stringify(value.replace(/\/\/[^/@]*@/, "//…@"))}`,
  };
});

const listen: Decoder<{ hostname: string; port: number }> = parsed((value) => {
  const any = value.endsWith(":0");
  // Every address of this machine: for a grant that would be an unsafe one.
  const all = /^(0\.0\.0\.0|\[::\]):(\d{1,5})$/.exec(value);
  const address = parseNetAddress(
    all ? `127.0.0.1:${any ? 1 : all[2]}` : any ? `${value.slice(0, -1)}1` : value,
  );
  if ("ok" in address && address.ok.ip) {
    const { host, port } = address.ok;
    const hostname = (all?.[1] ?? host).replace(/^\[|\]$/g, "");
    return { ok: { hostname, port: any ? 0 : port } };
  }
  return {
    code: "bad_value",
    message: `must be an address and a port: got ${JSON.stringify(value)}`,
    hint: 'did you mean "127.0.0.1:8799"?',
  };
});

/** A name or an address by which others reach the agent. */
const host: Decoder<string> = parsed((value) => {
  const address = parseNetAddress(`${value}:1`);
  if ("ok" in address) return { ok: address.ok.host.replace(/^\[|\]$/g, "") };
  return {
    code: "bad_value",
    message: `must be a host name or an address, without a port: got ${JSON.stringify(value)}`,
  };
});

/** An orderer's name; what scripts schedule themselves is recorded under a word of its own. */
const orderer: Decoder<string> = refine(name, (found, place) => {
  if (found !== SCRIPT_ORDERER) return found;
  return place.mistake({
    code: "bad_value",
    message: `must not be "${SCRIPT_ORDERER}", which stands for what a script scheduled itself`,
  });
});

/** `fleet.yaml` as it is written. */
export function fleetYaml(options: PermissionOptions) {
  const ceiling = closed({}, {
    permissions: permissionsYaml({ ...options, ceiling: true }),
    limits: limitsYaml,
    capabilities: ceilingCapabilities,
    serve: ceilingServe,
  });
  return closed({ fleet: name, mode: oneOf(["local", "signed"]) }, {
    "audit-mode": flag,
    root: text,
    orderers: mapOf(orderer, role),
    ceiling,
    sources: listOf(source),
    peers: peersYaml,
    mdns: mdnsYaml,
    traffic: trafficYaml,
    relay: relayYaml,
    relays: listOf(name, 1),
    listen,
    hosts: listOf(host),
    tls: closed({ cert: text, key: text }, {}),
    hub: hubYaml(peerUrl),
    retention,
  });
}

/**
 * Decodes a parsed `fleet.yaml`; mistakes are collected in `file`. In local mode `orderers` must
 * be there and `root` must not; in signed mode the other way round.
 */
export function decodeFleet(
  file: PolicyFile,
  options: PermissionOptions = {},
): FleetFile | undefined {
  if (!file.root) return undefined;
  const place = new Place(file, file.root);
  const fleet = fleetYaml(options)(place);
  if (!fleet) return undefined;
  const [needed, unwanted] = fleet.mode === "local"
    ? ["orderers", "root"] as const
    : ["root", "orderers"] as const;
  const at = (key: string) => place.below(key, file.find([key]));
  if (fleet[needed] === undefined && !file.mistakes.some((m) => m.keyPath.startsWith(needed))) {
    place.below(needed, null).mistake({
      code: "missing_key",
      message: `is missing: mode "${fleet.mode}" needs it`,
    });
  }
  const everywhere = fleet.listen && ["0.0.0.0", "::"].includes(fleet.listen.hostname);
  if (everywhere && !fleet.hosts?.length) {
    place.below("hosts", null).mistake({
      code: "missing_key",
      message: "is missing: an agent that listens on every address must know its names",
    });
  }
  if (fleet[unwanted] !== undefined) {
    at(unwanted).mistake({
      code: "unknown_key",
      message: `must not stand here in mode "${fleet.mode}"`,
    });
  }
  return {
    fleet: fleet.fleet,
    mode: fleet.mode,
    orderers: fleet.orderers ?? new Map(),
    ceiling: {
      permissions: fleet.ceiling?.permissions ?? {},
      limits: fleet.ceiling?.limits ?? DEFAULT_LIMITS,
      ...(fleet.ceiling?.capabilities && { capabilities: fleet.ceiling.capabilities }),
      ...(fleet.ceiling?.serve && { serve: fleet.ceiling.serve }),
    },
    sources: fleet.sources ?? [],
    peers: fleet.peers ?? [],
    ...(fleet.mdns && { mdns: fleet.mdns }),
    ...(fleet.traffic && { traffic: fleet.traffic }),
    ...(fleet.relay && { relay: fleet.relay }),
    ...(fleet.relays && {
      relays: relayIds(fleet.relays, fleet.peers ?? [], (i) => {
        const segments = ["relays", i];
        return at("relays").below(i, file.find(segments));
      }),
    }),
    ...(fleet["audit-mode"] && { auditMode: true }),
    ...(fleet.root !== undefined && { root: fleet.root }),
    ...(fleet.listen && { listen: fleet.listen }),
    ...(fleet.hub && { hub: fleet.hub }),
    ...(fleet.retention && { retention: fleet.retention }),
    hosts: fleet.hosts ?? [],
    ...(fleet.tls && { tls: fleet.tls }),
  };
}

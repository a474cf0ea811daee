import { resolve } from "node:path";
import { type PolicyInForce, rulesFrom } from "../../core/policy_in_force.ts";
import {
  type LoadedSignedPolicy,
  loadPolicyDir,
  narrowPolicy,
} from "../../policy/load_policy_dir.ts";
import type { KeyId } from "../../core/documents/common.ts";
import type {
  HubEntry,
  LanEntry,
  PeerEntry,
  RelayEntry,
  Retention,
  TrafficEntry,
} from "../../policy/mod.ts";
import type { Log } from "../log.ts";
import { openSource } from "../sources/open_source.ts";
import type { Source } from "../sources/source.ts";
import type { TrustStore } from "./trust_store.ts";
import { lastTrust, type TrustedList, updateTrust } from "./update_trust.ts";

/** What an agent works by until the next reload. */
export interface Rules {
  policy: PolicyInForce;
  sources: readonly Source[];
  /** Agents that may make signed calls to this one, and that scripts may order from. */
  peers?: readonly PeerEntry[];
  /** Present when agents of the local network are looked for. */
  mdns?: LanEntry;
  /** How fast chunks go to and come from other agents. */
  traffic?: TrafficEntry;
  /** Present when this agent relays for others. */
  relay?: RelayEntry;
  /** Agents that this one is reached through. */
  relays?: readonly KeyId[];
  /** The hub that this agent belongs to. */
  hub?: HubEntry;
  /** Where the signed documents lie that the rules are made from. */
  signedFolder?: string;
  /** How long the agent keeps what nothing needs any more. */
  retention?: Retention;
  /** Where the policy says that the agent listens. */
  listen?: { hostname: string; port: number };
  /** Names and addresses, without port, by which others reach it. */
  hosts?: readonly string[];
  /** A certificate that the operator brought. */
  tls?: { cert: string; key: string };
}

/** What loading the rules may use and must tell. */
export interface LoadContext {
  trust: TrustStore;
  log: Log;
  /** A signed document was refused, and the last one stays in force. */
  refused(error: Error): void;
}

/** Loads the rules; called at the start and at every reload. */
export type LoadRules = (context: LoadContext) => Promise<Rules>;

/**
 * Rules from a policy folder: it is the policy, or it narrows a signed accept-list.
 *
 * @param kept Paths that no grant may touch, such as the agent's state.
 */
export function rulesFromFolder(folder: string, kept: readonly string[]): LoadRules {
  return async (context) => {
    const loaded = await loadPolicyDir(folder, { kept });
    for (const { message, file, line } of loaded.warnings) {
      context.log("warn", "policy", { file, line, message });
    }
    const policy = loaded.mode === "local" ? loaded.policy : await signedPolicy(loaded, context);
    const sources = loaded.fleet.sources.map((source) =>
      openSource(source.kind === "http" ? source.url : source.path)
    );
    const { peers, listen, hosts, tls, retention, hub, mdns, traffic, relay, relays } =
      loaded.fleet;
    const optional = {
      ...(listen && { listen }),
      ...(retention && { retention }),
      ...(hub && { hub }),
      ...(mdns && { mdns }),
      ...(traffic && { traffic }),
      ...(relay && { relay }),
      ...(relays && { relays }),
      ...(loaded.mode === "signed" && { signedFolder: loaded.root }),
    };
    const rules = { policy, sources, peers, hosts, ...optional };
    if (!tls) return rules;
    return { ...rules, tls: { cert: resolve(folder, tls.cert), key: resolve(folder, tls.key) } };
  };
}

async function signedPolicy(
  { root: folder, narrowing, fleet }: LoadedSignedPolicy,
  context: LoadContext,
): Promise<PolicyInForce> {
  // What a hub will bring is not there when the agent starts for the first time.
  const options = { orNothing: fleet.hub !== undefined };
  const { root, list } = await newestTrust(folder, fleet.fleet, context, options);
  return narrowPolicy(rulesFrom(list, root, narrowing.ceiling), narrowing);
}

/** A folder that was rolled back or spoilt does not take away what was trusted before. */
async function newestTrust(
  folder: string,
  fleet: string,
  { trust, refused }: LoadContext,
  options: { orNothing: boolean },
): Promise<TrustedList> {
  try {
    return await updateTrust(folder, fleet, trust, options);
  } catch (error) {
    const last = lastTrust(trust);
    if (!last || last.root.fleet !== fleet || !(error instanceof Error)) throw error;
    refused(error);
    return last;
  }
}

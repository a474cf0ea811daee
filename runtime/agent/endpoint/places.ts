import type { ScriptName } from "../../core/documents/common.ts";
import type { ServeSettings } from "../../core/documents/serve.ts";
import { isFromLoopback } from "../../core/loopback.ts";
import { networkOf } from "../../core/network_of.ts";
import type { Admitted } from "./admission.ts";
import { EndpointRefusal } from "./endpoint_refusal.ts";

/** At least so many places are kept from strangers, where there are twice as many. */
const KEPT = 4;

/** Requests of one script that are under way. */
interface UnderWay {
  all: number;
  strangers: number;
  /** Of strangers by their network. */
  readonly networks: Map<string, number>;
}

/**
 * Places for requests to scripts' endpoints, as many for each script as its grant says. Whoever is
 * not on this machine and did not sign is a stranger: a quarter of the places, and at least four, is
 * kept from all strangers together, and of the others one network has a quarter. Requests that a
 * proxy on this machine brings are those of many, so that no network has a share.
 */
export class Places {
  readonly #scripts = new Map<ScriptName, UnderWay>();

  /**
   * @returns gives the place back.
   * @throws {EndpointRefusal} busy
   */
  take(script: ScriptName, { requests }: ServeSettings, { caller, signed }: Admitted): () => void {
    const now = this.#scripts.get(script) ?? { all: 0, strangers: 0, networks: new Map() };
    if (now.all >= requests) throw new EndpointRefusal(503, "busy");
    const isStranger = caller.kind === "public" && !signed;
    const release = isStranger ? takeAsStranger(now, requests, caller.address) : () => {};
    now.all++;
    this.#scripts.set(script, now);
    return () => {
      release();
      if (--now.all === 0) this.#scripts.delete(script);
    };
  }
}

function takeAsStranger(now: UnderWay, requests: number, address: string): () => void {
  const most = requests - keptOf(requests);
  const { networks } = now;
  const network = networkOf(address);
  const ofNetwork = networks.get(network) ?? 0;
  const share = isFromLoopback(address) ? most : Math.ceil(most / 4);
  if (now.strangers >= most || ofNetwork >= share) throw new EndpointRefusal(503, "busy");
  now.strangers++;
  networks.set(network, ofNetwork + 1);
  return () => {
    now.strangers--;
    const left = networks.get(network)! - 1;
    if (left > 0) networks.set(network, left);
    else networks.delete(network);
  };
}

function keptOf(requests: number): number {
  return Math.min(Math.max(KEPT, Math.floor(requests / 4)), Math.floor(requests / 2));
}

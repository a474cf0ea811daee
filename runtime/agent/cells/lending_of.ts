import { BlobShelf } from "../../capabilities/blob_shelf.ts";
import { Browsers } from "../../capabilities/browser/browsers.ts";
import { ScratchDirs } from "../../capabilities/dir.ts";
import { PeerClient, type PeerClientOptions } from "../../capabilities/peer_client.ts";
import type { Channels } from "../../capabilities/channel.ts";
import type { HubNotes } from "../../capabilities/hub.ts";
import type { KeyId } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import type { ContentStore } from "../content/content_store.ts";
import type { Runner } from "./runner.ts";
import { ScriptWakes, type ScriptWakesOptions } from "../runs/script_wakes.ts";
import type { Log } from "../log.ts";
import { messageOf } from "../errors.ts";
import type { Rules } from "../trust/load_rules.ts";
import type { PeerEntry } from "../../policy/mod.ts";
import type { BlobSwarm } from "../../capabilities/swarm.ts";
import { Lending } from "./lending.ts";

/** The ways to other agents, and those that only their adverts tell the address of. */
export interface PeerWays extends Pick<PeerClientOptions, "clientFor"> {
  readonly found: readonly PeerEntry[];
}

/** What of an agent its scripts are lent. */
export interface LentParts {
  agent: KeyId;
  signer: Signer;
  /** What scripts keep with `ctx.blobs`. */
  scriptBlobs: ContentStore;
  /** Where scripts have their directories. */
  scratchDir: string;
  runner: Runner;
  /** Blobs that scripts share with other agents. */
  swarm: BlobSwarm;
  channels: Channels;
  clients: PeerWays;
  /** What scripts tell the hub. */
  notes: HubNotes;
  /** Answers a request to a script's endpoint as one from this machine. */
  askEndpoint(request: Request): Promise<Response>;
  rules(): Rules;
  log: Log;
}

/** What {@linkcode lendingOf} puts together. */
export type LendingParts = LentParts & Omit<ScriptWakesOptions, "fleet">;

/** Puts together everything an agent lends to scripts. */
export function lendingOf(parts: LendingParts): Lending {
  const {
    agent,
    signer,
    store,
    scriptBlobs,
    scratchDir,
    runner,
    rules,
    swarm,
    channels,
    clients,
    notes,
    now,
    log,
  } = parts;
  const fleet = () => rules().policy.fleet;
  const shelf = new BlobShelf(store, scriptBlobs);
  const user = async () => await runner.user?.();
  const left = (path: string, error: unknown) =>
    log("warn", "cannot remove what a script left in its directory", {
      path,
      error: messageOf(error),
    });
  return new Lending({
    agent,
    store,
    shelf,
    swarm,
    channels,
    notes,
    browsers: new Browsers({ folder: `${scratchDir}/browsers`, user }),
    dirs: new ScratchDirs(scratchDir, user, left),
    scanner: {
      root: scratchDir,
      user,
      endpoint: (script) => (path, init) =>
        parts.askEndpoint(new Request(`http://127.0.0.1/s/${script}${path}`, init)),
    },
    wakes: new ScriptWakes({ ...parts, fleet }),
    peers: {
      db: store,
      shelf,
      client: new PeerClient({
        signer,
        fleet,
        now,
        clientFor: (url, ca) => clients.clientFor(url, ca),
      }),
      agent,
      peers: () => [...rules().peers ?? [], ...clients.found],
      labels: () => rules().policy.labels.get(agent) ?? [],
      now,
    },
  });
}

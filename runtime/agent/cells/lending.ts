import type { BlobShelf } from "../../capabilities/blob_shelf.ts";
import type { Browsers } from "../../capabilities/browser/browsers.ts";
import type { Capability } from "../../capabilities/capability.ts";
import type { Channels } from "../../capabilities/channel.ts";
import { dirCapability, type Scratch, type ScratchDirs } from "../../capabilities/dir.ts";
import { capabilityHost } from "../../capabilities/host.ts";
import type { HubNotes } from "../../capabilities/hub.ts";
import type { PeersParts } from "../../capabilities/peers.ts";
import { scheduleCapability, type Wakes } from "../../capabilities/schedule.ts";
import type { SwarmParts } from "../../capabilities/swarm.ts";
import type { ScannerParts } from "../../capabilities/scanner.ts";
import type { KeyId } from "../../core/documents/common.ts";
import { DEFAULT_QUOTAS } from "../../core/documents/grant.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import type { Authorized } from "../../core/verification/authorize_run.ts";
import { scriptNameOf } from "../../core/verification/manifest.ts";
import type { CapabilityHost, RunEvent, ScriptFacts } from "../../sandbox/mod.ts";
import type { Store } from "../store/store.ts";

/** What a {@linkcode Lending} works with. */
export interface LendingOptions {
  agent: KeyId;
  store: Store;
  shelf: BlobShelf;
  dirs: ScratchDirs;
  wakes: Wakes;
  peers: PeersParts;
  swarm: SwarmParts["swarm"];
  channels: Channels;
  scanner: Omit<ScannerParts, "shelf">;
  browsers: Browsers;
  notes: HubNotes;
}

/** Loaded with the first grant that names one of them: most agents lend few. */
const LOAD = {
  blobs: once(() => import("../../capabilities/blobs.ts")),
  browser: once(() => import("../../capabilities/browser.ts")),
  channel: once(() => import("../../capabilities/channel.ts")),
  entries: once(() => import("../../capabilities/store_entries.ts")),
  hub: once(() => import("../../capabilities/hub.ts")),
  peers: once(() => import("../../capabilities/peers.ts")),
  scanner: once(() => import("../../capabilities/scanner.ts")),
  store: once(() => import("../../capabilities/store.ts")),
  swarm: once(() => import("../../capabilities/swarm.ts")),
};

/** Settings are shown and answer nothing. */
const NONE: Capability["methods"] = new Map();

/** What one run or request is lent, and told of itself. */
export interface Lent {
  readonly capabilities: CapabilityHost;
  readonly facts: ScriptFacts;
}

/** Which run it is for; none for a request to the script's endpoint. */
export type LentTo = { id: number; orderer: string; attempt: number } | null;

/** Lends the agent's services to scripts, each what its grant names. */
export class Lending {
  readonly #options: LendingOptions;

  constructor(options: LendingOptions) {
    this.#options = options;
  }

  /** Removes what a killed agent left half-done. Call before anything is lent. */
  async sweep(): Promise<void> {
    await this.#options.shelf.sweep();
    await this.#options.dirs.sweep();
    await this.#options.browsers.sweep();
  }

  /** Ends what was lent and outlives a cell. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.browsers[Symbol.asyncDispose]();
  }

  /**
   * @param dir Where the script's cell has its directory, when it has one.
   * @param onEvent Told how far the agent's work for the run is.
   */
  async lend(
    authorized: Authorized,
    run: LentTo,
    dir?: string,
    onEvent?: (event: RunEvent) => void,
  ): Promise<Lent> {
    const { manifest, grant } = authorized;
    const { wakes, agent } = this.#options;
    const capabilities = [
      scheduleCapability(wakes, scriptNameOf(manifest), manifest.version),
      ...await this.#granted(authorized, dir, onEvent),
      ...(grant.settings ? [{ name: "settings", shown: grant.settings, methods: NONE }] : []),
    ];
    return { capabilities: capabilityHost(capabilities), facts: factsOf(manifest, agent, run) };
  }

  async #granted(
    { manifest, grant }: Authorized,
    dir?: string,
    onEvent?: (event: RunEvent) => void,
  ): Promise<Capability[]> {
    const { store: db, shelf, peers: peerParts, ...parts } = this.#options;
    const { store, blobs, peers, channel, scanner, browser, hub, dir: directory } =
      grant.capabilities ?? {};
    const script = scriptNameOf(manifest);
    const quota = (name: keyof typeof DEFAULT_QUOTAS) =>
      grant.capabilities?.[name]?.quotaBytes ?? DEFAULT_QUOTAS[name];
    const lent: Capability[] = [];
    if (store) {
      lent.push((await LOAD.store()).storeCapability(db, script, quota("store")));
    }
    if (blobs) {
      const { StoreEntries } = await LOAD.entries();
      const entries = store && new StoreEntries(db, script, quota("store"));
      lent.push((await LOAD.blobs()).blobsCapability(shelf, script, quota("blobs"), entries));
    }
    if (blobs && peers) {
      const swarm = { swarm: parts.swarm, shelf, ...(onEvent && { onEvent }) };
      lent.push((await LOAD.swarm()).swarmCapability(swarm, script, quota("blobs")));
    }
    if (peers) {
      lent.push((await LOAD.peers()).peersCapability(peerParts, script, manifest.version));
    }
    if (channel) {
      const known = { channels: parts.channels, peers: peerParts.peers };
      lent.push((await LOAD.channel()).channelCapability(known, script, channel));
    }
    if (blobs && scanner) {
      const { scannerCapability } = await LOAD.scanner();
      lent.push(scannerCapability({ ...parts.scanner, shelf }, script, scanner));
    }
    if (browser) {
      lent.push((await LOAD.browser()).browserCapability(parts.browsers, script, browser));
    }
    if (hub) lent.push((await LOAD.hub()).hubCapability(parts.notes, script));
    if (directory && dir !== undefined) lent.push(dirCapability(dir));
    return lent;
  }

  /** The directory for one cell, when the grant lends one. */
  async scratch({ manifest, grant }: Authorized): Promise<Scratch | undefined> {
    const settings = grant.capabilities?.dir;
    if (!settings) return undefined;
    return await this.#options.dirs.take(scriptNameOf(manifest), {
      quotaBytes: settings.quotaBytes ?? DEFAULT_QUOTAS.dir,
      fresh: manifest.life === "fresh",
    });
  }
}

function factsOf({ publisher, name, version }: Manifest, id: KeyId, run: LentTo): ScriptFacts {
  return { script: { publisher, name, version }, agent: { id }, run };
}

/** Imports a module when it is first asked for. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => loaded ??= load();
}

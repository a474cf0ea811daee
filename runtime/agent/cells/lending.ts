import { blobsCapability } from "../../capabilities/blobs.ts";
import type { BlobShelf } from "../../capabilities/blob_shelf.ts";
import { browserCapability } from "../../capabilities/browser.ts";
import type { Browsers } from "../../capabilities/browser/browsers.ts";
import type { Capability } from "../../capabilities/capability.ts";
import { channelCapability, type Channels } from "../../capabilities/channel.ts";
import { dirCapability, type Scratch, type ScratchDirs } from "../../capabilities/dir.ts";
import { capabilityHost } from "../../capabilities/host.ts";
import { peersCapability, type PeersParts } from "../../capabilities/peers.ts";
import { scheduleCapability, type Wakes } from "../../capabilities/schedule.ts";
import { swarmCapability, type SwarmParts } from "../../capabilities/swarm.ts";
import { scannerCapability, type ScannerParts } from "../../capabilities/scanner.ts";
import { storeCapability } from "../../capabilities/store.ts";
import { StoreEntries } from "../../capabilities/store_entries.ts";
import type { KeyId } from "../../core/documents/common.ts";
import { DEFAULT_QUOTAS } from "../../core/documents/grant.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import type { Authorized } from "../../core/verification/authorize_run.ts";
import { scriptNameOf } from "../../core/verification/manifest.ts";
import type { CapabilityHost, ScriptFacts } from "../../sandbox/mod.ts";
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
}

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

  /** @param dir Where the script's cell has its directory, when it has one. */
  lend({ manifest, grant }: Authorized, run: LentTo, dir?: string): Lent {
    const { store, shelf, wakes, peers, swarm, channels, scanner, browsers, agent } = this.#options;
    const script = scriptNameOf(manifest);
    const quota = (name: keyof typeof DEFAULT_QUOTAS) =>
      grant.capabilities?.[name]?.quotaBytes ?? DEFAULT_QUOTAS[name];
    const granted = grant.capabilities ?? {};
    const entries = granted.store && new StoreEntries(store, script, quota("store"));
    const capabilities: Capability[] = [
      scheduleCapability(wakes, script, manifest.version),
      ...(granted.store ? [storeCapability(store, script, quota("store"))] : []),
      ...(granted.blobs ? [blobsCapability(shelf, script, quota("blobs"), entries)] : []),
      ...(granted.blobs && granted.peers
        ? [swarmCapability({ swarm, shelf }, script, quota("blobs"))]
        : []),
      ...(granted.peers ? [peersCapability(peers, script, manifest.version)] : []),
      ...(granted.channel
        ? [channelCapability({ channels, peers: peers.peers }, script, granted.channel)]
        : []),
      ...(granted.blobs && granted.scanner
        ? [scannerCapability({ ...scanner, shelf }, script, granted.scanner)]
        : []),
      ...(granted.browser ? [browserCapability(browsers, script, granted.browser)] : []),
      ...(granted.dir && dir !== undefined ? [dirCapability(dir)] : []),
      ...(grant.settings ? [{ name: "settings", shown: grant.settings, methods: NONE }] : []),
    ];
    return { capabilities: capabilityHost(capabilities), facts: factsOf(manifest, agent, run) };
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

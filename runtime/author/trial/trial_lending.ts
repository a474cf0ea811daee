import { BlobShelf } from "../../capabilities/blob_shelf.ts";
import { blobsCapability } from "../../capabilities/blobs.ts";
import type { Capability } from "../../capabilities/capability.ts";
import { dirCapability, type Scratch, ScratchDirs } from "../../capabilities/dir.ts";
import { capabilityHost } from "../../capabilities/host.ts";
import {
  requireScheduleRoom,
  scheduleCapability,
  type Wake,
  type Wakes,
} from "../../capabilities/schedule.ts";
import { storeCapability } from "../../capabilities/store.ts";
import { StoreEntries } from "../../capabilities/store_entries.ts";
import { DEFAULT_QUOTAS, type Grant } from "../../core/documents/grant.ts";
import type { CapabilityHost } from "../../sandbox/mod.ts";
import { MemoryDatabase } from "./memory_database.ts";
import { TemporaryBlobs } from "./temporary_blobs.ts";

/** What of a grant is lent while a script is tried. */
export type LentGrant = Partial<Pick<Grant, "capabilities" | "settings">>;

/** Of whom everything is that a tried script keeps. */
const SCRIPT = "local/try";
const VERSION = "0.0.0";

/**
 * Lends a script that is tried what an agent would, with the same checks and quotas, and keeps it
 * for no longer than the trial: store in memory, documents and directory in a temporary folder.
 * What it schedules is written down. Other agents, virus scanner and browser are not lent.
 */
export class TrialLending implements AsyncDisposable {
  /** What the script scheduled and did not take back, in the sequence of their calls. */
  readonly scheduled: Wake[] = [];
  /** Told as something is scheduled. */
  onSchedule: (wake: Wake) => void = () => {};
  readonly #grant: LentGrant;
  readonly #db = new MemoryDatabase();
  readonly #shelf: BlobShelf;
  readonly #scratch: Scratch | undefined;
  readonly #folder: string;
  #lastWake = 0;

  private constructor(grant: LentGrant, folder: string, scratch: Scratch | undefined) {
    this.#grant = grant;
    this.#folder = folder;
    this.#scratch = scratch;
    this.#shelf = new BlobShelf(this.#db, new TemporaryBlobs(`${folder}/blobs`));
  }

  /** @param user Who the cells are, when it is not who tries. */
  static async open(grant: LentGrant, user: number | undefined): Promise<TrialLending> {
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "writ-try-" }));
    // The cells' user passes through, and reads nothing on the way.
    if (user !== undefined) await Deno.chmod(folder, 0o711);
    await Deno.mkdir(`${folder}/blobs`, { mode: 0o700 });
    const settings = grant.capabilities?.dir;
    const dirs = new ScratchDirs(`${folder}/dirs`, () => Promise.resolve(user));
    const scratch = settings && await dirs.take(SCRIPT, {
      quotaBytes: settings.quotaBytes ?? DEFAULT_QUOTAS.dir,
      fresh: true,
    });
    return new TrialLending(grant, folder, scratch);
  }

  /** The directory that is lent, if one is. */
  get dir(): string | undefined {
    return this.#scratch?.path;
  }

  /** Aborted when the directory holds more than its quota; absent without one. */
  get full(): AbortSignal | undefined {
    return this.#scratch?.full;
  }

  /** What one run or request has. */
  lend(): CapabilityHost {
    const { capabilities: granted = {}, settings } = this.#grant;
    const quota = (name: keyof typeof DEFAULT_QUOTAS) =>
      granted[name]?.quotaBytes ?? DEFAULT_QUOTAS[name];
    const entries = granted.store && new StoreEntries(this.#db, SCRIPT, quota("store"));
    const lent: Capability[] = [
      scheduleCapability(this.#wakes(), SCRIPT, VERSION),
      ...(granted.store ? [storeCapability(this.#db, SCRIPT, quota("store"))] : []),
      ...(granted.blobs ? [blobsCapability(this.#shelf, SCRIPT, quota("blobs"), entries)] : []),
      ...(this.dir === undefined ? [] : [dirCapability(this.dir)]),
      ...(settings ? [{ name: "settings", shown: settings, methods: new Map() }] : []),
    ];
    return capabilityHost(lent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scratch?.[Symbol.asyncDispose]();
    this.#db[Symbol.dispose]();
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
  }

  #wakes(): Wakes {
    const { scheduled } = this;
    const drop = (key: string | undefined) => {
      const at = key === undefined ? -1 : scheduled.findIndex((wake) => wake.key === key);
      if (at >= 0) scheduled.splice(at, 1);
      return at >= 0;
    };
    return {
      now: Date.now,
      set: (_script, _version, wake) =>
        Promise.try(() => {
          drop(wake.key);
          const bytes = [...scheduled, wake].reduce((sum, one) => sum + sizeOf(one), 0);
          requireScheduleRoom({ runs: scheduled.length + 1, bytes });
          scheduled.push(wake);
          this.onSchedule(wake);
          return { id: `try-${++this.#lastWake}` };
        }),
      delete: (_script, key) => Promise.resolve(drop(key)),
    };
  }
}

/** The capabilities of a grant that no trial lends. */
export function notLent({ capabilities = {} }: LentGrant): string[] {
  const lent = ["store", "blobs", "dir"];
  return Object.entries(capabilities)
    .filter(([name, settings]) => settings !== undefined && !lent.includes(name))
    .map(([name]) => name);
}

/** About what an agent would store of it. */
function sizeOf({ input }: Wake): number {
  return new TextEncoder().encode(JSON.stringify(input ?? null)).length;
}

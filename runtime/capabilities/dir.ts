import type { ScriptName } from "../core/documents/common.ts";
import type { Capability } from "./capability.ts";

/** How often a directory is measured. */
const MEASURE_MS = 250;
/** How often, and at what distance, a directory whose cell is going is tried to be removed. */
const REMOVALS = 10;
const REMOVAL_MS = 50;
/** What a file or folder counts at least. */
const LEAST_BYTES = 4_096;

/** A directory that a script has for a while. */
export interface Scratch extends AsyncDisposable {
  readonly path: string;
  /** Aborted when it holds more than its quota, with the reason in words. */
  readonly full: AbortSignal;
}

/** The scratch directories of all scripts: one for each fresh run, one kept for each other script. */
export class ScratchDirs {
  readonly #root: string;
  readonly #user: () => Promise<number | undefined>;
  #last = 0;

  /**
   * @param root A folder whose parents the cells' user may pass through.
   * @param user Who the cells are, when the agent is root.
   */
  constructor(root: string, user: () => Promise<number | undefined>) {
    this.#root = root;
    this.#user = user;
  }

  /** Removes what fresh runs of a killed agent left. Call before any is taken. */
  async sweep(): Promise<void> {
    await Deno.remove(`${this.#root}/runs`, { recursive: true }).catch(ignoreMissing);
  }

  /**
   * Takes a directory and begins to measure it. Disposing of a fresh one removes it.
   *
   * @param fresh Whether it is for one run, and empty.
   */
  async take(
    script: ScriptName,
    { quotaBytes, fresh }: { quotaBytes: number; fresh: boolean },
  ): Promise<Scratch> {
    const path = fresh
      ? `${this.#root}/runs/${Date.now()}-${++this.#last}`
      : `${this.#root}/kept/${script.replace("/", ".")}`;
    await this.#make(path);
    const full = new AbortController();
    const watch = new QuotaWatch(path, quotaBytes, full);
    return {
      path,
      full: full.signal,
      async [Symbol.asyncDispose]() {
        watch.stop();
        if (fresh) await removeSoon(path);
      },
    };
  }

  async #make(path: string): Promise<void> {
    const user = await this.#user();
    // The cells' user passes through, and reads nothing on the way.
    const mode = user === undefined ? 0o700 : 0o711;
    for (const folder of [this.#root, path.slice(0, path.lastIndexOf("/"))]) {
      await Deno.mkdir(folder, { recursive: true, mode });
    }
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    if (user !== undefined) await Deno.chown(path, user, user);
  }
}

/** Shows a script where its directory is; it reads and writes there itself. */
export function dirCapability(path: string): Capability {
  return { name: "dir", shown: { path }, methods: new Map() };
}

/** Adds up a directory again and again until it is too large, or nobody wants to know. */
class QuotaWatch {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  readonly #path: string;
  readonly #quotaBytes: number;
  readonly #full: AbortController;

  constructor(path: string, quotaBytes: number, full: AbortController) {
    this.#path = path;
    this.#quotaBytes = quotaBytes;
    this.#full = full;
    this.#later();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #later(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => this.#measure(), MEASURE_MS);
  }

  async #measure(): Promise<void> {
    const left = await room(this.#path, this.#quotaBytes);
    if (left >= 0) return this.#later();
    const reason = `its directory holds more than its quota of ${this.#quotaBytes} bytes`;
    if (!this.#stopped) this.#full.abort(reason);
  }
}

/** What is left of a quota; looks no further once nothing is. Links count as what they are. */
async function room(folder: string, quotaBytes: number): Promise<number> {
  let left = quotaBytes;
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = `${folder}/${name}`;
      left -= LEAST_BYTES;
      if (isDirectory) left = await room(path, left);
      else left -= Math.max(0, await sizeOf(path) - LEAST_BYTES);
      if (left < 0) return left;
    }
  } catch {
    // Gone while it was looked at.
  }
  return left;
}

async function sizeOf(path: string): Promise<number> {
  const { size, blocks } = await Deno.lstat(path);
  // A file with holes takes what it takes.
  return blocks === null ? size : Math.min(size, blocks * 512);
}

/** Its cell is going and may still write; what remains goes with the next sweep. */
async function removeSoon(path: string): Promise<void> {
  for (let attempt = 0; attempt < REMOVALS; attempt++) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      await new Promise((resolve) => setTimeout(resolve, REMOVAL_MS));
    }
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

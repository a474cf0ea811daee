import type { ScriptName } from "../core/documents/common.ts";
import type { Capability } from "./capability.ts";
import { QuotaWatch } from "./quota_watch.ts";
import { type Left, Trash } from "./trash.ts";

/** How long a start waits for what is removed; the rest is removed while the agent works. */
const SWEEP_MS = 200;

/** A directory that a script has for a while. */
export interface Scratch extends AsyncDisposable {
  readonly path: string;
  /** Aborted when it holds more than it may, with the reason in words. */
  readonly full: AbortSignal;
}

/** The scratch directories of all scripts: one for each fresh run, one kept for each other script. */
export class ScratchDirs {
  readonly #root: string;
  readonly #user: () => Promise<number | undefined>;
  readonly #trash: Trash;
  #last = 0;

  /**
   * @param root A folder whose parents the cells' user may pass through.
   * @param user Who the cells are, when the agent is root.
   * @param left Told of what could not be removed; it is tried again with the next sweep.
   */
  constructor(root: string, user: () => Promise<number | undefined>, left: Left = () => {}) {
    this.#root = root;
    this.#user = user;
    this.#trash = new Trash(`${root}/trash`, left);
  }

  /** Removes what fresh runs of a killed agent left; never fails. Call before any is taken. */
  async sweep(): Promise<void> {
    if (!await isFolder(this.#root)) return;
    await this.#trash.take(`${this.#root}/runs`);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, SWEEP_MS);
    await Promise.race([this.#trash.empty(), promise]);
    clearTimeout(timer);
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
    const watch = new QuotaWatch(path, quotaBytes);
    const trash = this.#trash;
    return {
      path,
      full: watch.full,
      async [Symbol.asyncDispose]() {
        await watch.stop();
        if (fresh) await trash.remove(await trash.take(path));
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
    // Its script may have shut itself, and the agent, out of the one it keeps.
    if (Deno.build.os !== "windows") await Deno.chmod(path, 0o700);
    if (user !== undefined) await Deno.chown(path, user, user);
  }
}

/** Shows a script where its directory is; it reads and writes there itself. */
export function dirCapability(path: string): Capability {
  return { name: "dir", shown: { path }, methods: new Map() };
}

async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
}

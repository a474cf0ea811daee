import { storageError, writeDurably } from "../state/durable_write.ts";

/**
 * What the launcher reads before it starts the agent: each a file that holds a release's number.
 *
 * - `next` is tried at the next start
 * - `trying` was started and has not said yet that it is well
 * - `current` is started otherwise; without it, what was installed
 * - `previous` was current before
 * - `failed` was tried and did not come up
 */
export type ReleaseMark = "next" | "trying" | "current" | "previous" | "failed";

/** Where an agent keeps the programs it may become: `<state>/releases/<number>/`. */
export class ReleaseFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The folder of one release. */
  of(sequence: number): string {
    return `${this.path}/${sequence}`;
  }

  /** The release that bears a mark. */
  marked(mark: ReleaseMark): number | undefined {
    const text = readText(`${this.path}/${mark}`)?.trim() ?? "";
    return /^[1-9]\d{0,15}$/.test(text) ? Number(text) : undefined;
  }

  /** @throws {AgentError} disk_full, state_unreadable – the marks are as they were. */
  mark(mark: ReleaseMark, sequence: number): void {
    writeDurably(`${this.path}/${mark}`, `${sequence}\n`);
  }

  /** @throws {AgentError} state_unreadable – the mark is still there. */
  unmark(mark: ReleaseMark): void {
    const path = `${this.path}/${mark}`;
    try {
      Deno.removeSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw storageError(error, path);
    }
  }

  /** Removes every release that will not be started any more, and what was left of unfinished ones. */
  removeUnused(): void {
    const marks: readonly ReleaseMark[] = ["next", "trying", "current", "previous"];
    const kept = new Set(marks.map((mark) => String(this.marked(mark))));
    for (const { name, isDirectory } of Deno.readDirSync(this.path)) {
      if (isDirectory && !kept.has(name)) {
        Deno.removeSync(`${this.path}/${name}`, { recursive: true });
      }
    }
  }
}

function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

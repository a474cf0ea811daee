/** Who may look into it: nobody but the agent. */
const PRIVATE = 0o700;

/** What could not be removed, and why. */
export type Left = (path: string, error: unknown) => void;

/**
 * Removes folders that others filled, whatever is in them, without ever going down into them: each
 * folder is brought up into the trash, where its files are removed and its folders brought up in
 * turn. So no nesting overflows a stack, no path becomes too long, and as nobody else passes into
 * the trash, nobody puts a link in the place of what is about to be removed.
 */
export class Trash {
  readonly #folder: string;
  readonly #left: Left;

  /**
   * @param folder On the same disk as what is to be removed; its parent is there.
   * @param left Told of what stays; removal goes on with the rest.
   */
  constructor(folder: string, left: Left) {
    this.#folder = folder;
    this.#left = left;
  }

  /** Takes a folder away from its path, at once and whole, if it is there. */
  async take(path: string): Promise<string | undefined> {
    try {
      await Deno.mkdir(this.#folder, { recursive: true, mode: PRIVATE });
      return await this.#bringUp(path);
    } catch (error) {
      this.#tell(path, error);
      return undefined;
    }
  }

  /** Removes what was taken. */
  async remove(taken: string | undefined): Promise<void> {
    if (taken !== undefined) await this.#removeAll([taken]);
  }

  /** Removes everything, also what an agent before this one had taken. */
  async empty(): Promise<void> {
    const names: string[] = [];
    try {
      for await (const { name } of Deno.readDir(this.#folder)) names.push(name);
    } catch (error) {
      this.#tell(this.#folder, error);
    }
    await this.#removeAll(names);
  }

  async #removeAll(waiting: string[]): Promise<void> {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const path = `${this.#folder}/${name}`;
      try {
        await this.#removeOne(path, waiting);
      } catch (error) {
        this.#tell(path, error);
      }
    }
  }

  async #removeOne(path: string, waiting: string[]): Promise<void> {
    const { isDirectory, mode } = await Deno.lstat(path);
    if (isDirectory) {
      if (mode !== null && (mode & PRIVATE) !== PRIVATE) await Deno.chmod(path, PRIVATE);
      for await (const child of Deno.readDir(path)) {
        const childPath = `${path}/${child.name}`;
        try {
          if (child.isDirectory) waiting.push(await this.#bringUp(childPath));
          else await Deno.remove(childPath);
        } catch (error) {
          this.#tell(childPath, error);
        }
      }
    }
    await Deno.remove(path);
  }

  async #bringUp(path: string): Promise<string> {
    const name = crypto.randomUUID();
    const to = `${this.#folder}/${name}`;
    try {
      await Deno.rename(path, to);
    } catch (error) {
      if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
      // Who is not root moves only folders that it may write to.
      await Deno.chmod(path, PRIVATE);
      await Deno.rename(path, to);
    }
    return name;
  }

  #tell(path: string, error: unknown): void {
    if (!(error instanceof Deno.errors.NotFound)) this.#left(path, error);
  }
}

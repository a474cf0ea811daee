import { CapabilityError } from "../../sandbox/mod.ts";
import type { ScannerPrograms } from "./programs.ts";

/** A set of databases that was tested as a whole, and stays as it is. */
export interface Generation {
  readonly id: number;
  /** When it came into use first, milliseconds since 1970. */
  readonly made: number;
  /** Whether ClamAV found the canaries with it. */
  readonly tested: boolean;
  /** What it was made of: blobs' digests, by file name. */
  readonly sources: Readonly<Record<string, string>>;
  /** Whether somebody went back from it: nobody comes to it again. */
  readonly left?: boolean;
}

const FOLDER = "generations";
const CURRENT = "current";

/**
 * The generations of one scanner's databases, side by side in a folder. A link named `current` leads
 * to the one in use, and is replaced in one step: whoever follows it, at whatever moment the agent
 * is killed, sees one whole generation.
 *
 *     current → generations/7
 *     generations/6/  generations/6.json  generations/7/  generations/7.json
 */
export class Generations {
  readonly #root: string;
  readonly #programs: ScannerPrograms;

  constructor(root: string, programs: ScannerPrograms) {
    this.#root = root;
    this.#programs = programs;
  }

  /** A folder by its name below the root, for what is not a generation yet. */
  path(...parts: (string | number)[]): string {
    return [this.#root, ...parts].join("/");
  }

  /** Makes the folders, and removes what a killed agent left half-done. */
  async prepare(): Promise<void> {
    await Deno.mkdir(this.path(FOLDER), { recursive: true, mode: 0o755 });
    // Whatever the umask: clamd is another user.
    for (const path of [this.#root, this.path(FOLDER)]) await Deno.chmod(path, 0o755);
    const known = new Set((await this.#ids()).map(String));
    for await (const { name } of Deno.readDir(this.#root)) {
      if (/^(?:staging|\.current)\./.test(name)) {
        await Deno.remove(this.path(name), { recursive: true });
      }
    }
    for await (const { name } of Deno.readDir(this.path(FOLDER))) {
      const isNote = /\.json(?:\.new)?$/.test(name) && !known.has(name.replace(/\.json$/, ""));
      if (isNote) await Deno.remove(this.path(FOLDER, name));
    }
  }

  /** An empty folder that the agent alone writes to; gone at the next start if it stays. */
  async stage(): Promise<string> {
    const path = this.path(`staging.${crypto.randomUUID()}`);
    await Deno.mkdir(path, { mode: 0o755 });
    await Deno.chmod(path, 0o755);
    return path;
  }

  /**
   * Lets the scanner's programs write to a folder. The agent writes nothing to it any more: where it
   * is root, a link in there would lead it to any file of the machine.
   *
   * @throws {CapabilityError} unavailable – they cannot: no fault of any file's, which they would
   * find wrong
   */
  async lend(path: string, signal: AbortSignal): Promise<void> {
    const user = await this.#programs.user();
    if (user === undefined) return;
    await Deno.chown(path, user, user);
    const { code } = await this.#programs.run("test", ["-w", path], signal);
    if (code === 0) return;
    const found =
      `they run as user ${user}, who may not enter it: each folder above must let others in`;
    throw new CapabilityError(
      "unavailable",
      `Cannot give "${this.#root}" to the scanner's programs as ${found} (chmod o+x)`,
    );
  }

  /** The one in use. */
  async current(): Promise<Generation | undefined> {
    const target = await Deno.readLink(this.path(CURRENT)).catch(() => undefined);
    const id = /^generations\/([1-9][0-9]{0,8})$/.exec(target ?? "")?.[1];
    return id === undefined ? undefined : await this.#read(Number(id));
  }

  /** The newest that is older than the one in use, and that nobody went back from. */
  async before(): Promise<Generation | undefined> {
    const current = await this.current();
    return (await this.#others(current)).findLast(({ id, left }) =>
      id < (current?.id ?? 0) && !left
    );
  }

  /** Remembers that somebody goes back from this one. */
  async leave({ id, ...about }: Generation): Promise<void> {
    const note = this.path(FOLDER, `${id}.json`);
    await Deno.writeTextFile(`${note}.new`, JSON.stringify({ ...about, left: true }));
    await Deno.rename(`${note}.new`, note);
  }

  /** Turns a staged folder into a generation, without using it yet. */
  async add(staged: string, about: Omit<Generation, "id">): Promise<Generation> {
    const id = (((await this.#ids()).at(-1)) ?? 0) + 1;
    // First of all: what is in there stays what it is while it is looked at.
    if (await this.#programs.user() !== undefined) await Deno.chown(staged, 0, 0);
    await Deno.chmod(staged, 0o755);
    for await (const { name, isFile } of Deno.readDir(staged)) {
      if (isFile) await settle(`${staged}/${name}`);
      else await Deno.remove(`${staged}/${name}`, { recursive: true });
    }
    await sync(staged);
    await Deno.writeTextFile(this.path(FOLDER, `${id}.json`), JSON.stringify(about));
    await Deno.rename(staged, this.path(FOLDER, id));
    await sync(this.path(FOLDER));
    return { id, ...about };
  }

  /** Puts a generation to use, in one step. */
  async use({ id }: Generation, signal: AbortSignal): Promise<void> {
    const link = this.path(`.current.${crypto.randomUUID()}`);
    const target = `${FOLDER}/${id}`;
    await symlink(target, link, this.#programs, signal);
    await Deno.rename(link, this.path(CURRENT));
    await sync(this.#root);
  }

  /** Removes the oldest, and those that were left; the one in use never. */
  async trim(keep: number): Promise<void> {
    const others = await this.#others(await this.current());
    const kept = others.filter(({ left }) => !left).slice(1 - keep);
    for (const { id } of others.filter((other) => !kept.includes(other))) {
      await Deno.remove(this.path(FOLDER, id), { recursive: true });
      await Deno.remove(this.path(FOLDER, `${id}.json`)).catch(() => {});
    }
  }

  async files({ id }: Generation): Promise<string[]> {
    const names: string[] = [];
    for await (const { name, isFile } of Deno.readDir(this.path(FOLDER, id))) {
      if (isFile) names.push(name);
    }
    return names.sort();
  }

  /** Where the files of a generation lie. */
  folder({ id }: Generation): string {
    return this.path(FOLDER, id);
  }

  /** All but one, from the oldest on. */
  async #others(current: Generation | undefined): Promise<Generation[]> {
    const ids = (await this.#ids()).filter((id) => id !== current?.id);
    return await Promise.all(ids.map((id) => this.#read(id)));
  }

  async #ids(): Promise<number[]> {
    const ids: number[] = [];
    for await (const { name, isDirectory } of Deno.readDir(this.path(FOLDER))) {
      if (isDirectory && /^[1-9][0-9]{0,8}$/.test(name)) ids.push(Number(name));
    }
    return ids.sort((a, b) => a - b);
  }

  /** One that an admin put there has no note, and was made of nothing that is known. */
  async #read(id: number): Promise<Generation> {
    const text = await Deno.readTextFile(this.path(FOLDER, `${id}.json`)).catch(() => undefined);
    if (text !== undefined) return { id, ...JSON.parse(text) };
    const { mtime } = await Deno.stat(this.path(FOLDER, id));
    return { id, made: mtime?.getTime() ?? 0, tested: false, sources: {} };
  }
}

/** On disk, readable by all and written by nobody but the agent. */
async function settle(path: string): Promise<void> {
  if (Deno.uid() === 0) await Deno.chown(path, 0, 0);
  await Deno.chmod(path, 0o644);
  await sync(path);
}

async function sync(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true });
  await file.sync();
}

/**
 * Deno makes links only with rights to the whole disk, which no agent has: `ln` does it, as the user
 * that may write here.
 */
async function symlink(
  target: string,
  link: string,
  programs: ScannerPrograms,
  signal: AbortSignal,
): Promise<void> {
  const { code, output } = await programs.run("ln", ["-s", "--", target, link], signal, "agent");
  if (code !== 0) throw new Error(`cannot link: ${output}`);
}

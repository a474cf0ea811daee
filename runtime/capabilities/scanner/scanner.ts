import type { Digest, ScriptName } from "../../core/documents/common.ts";
import { KEPT_GENERATIONS, type ScannerSettings } from "../../core/documents/scanner.ts";
import { CapabilityError } from "../../sandbox/mod.ts";
import type { BlobShelf } from "../blob_shelf.ts";
import { notFound } from "../blobs.ts";
import { tryDatabases } from "./canaries.ts";
import { reloadClamd } from "./clamd.ts";
import { type OwnEndpoint, runFreshclam } from "./freshclam.ts";
import { type Generation, Generations } from "./generations.ts";
import { ScannerPrograms } from "./programs.ts";
import { isShortOfRoom } from "./room.ts";

/** Names of the only files that a scanner is given. */
export const DATABASE = /^([a-z][a-z0-9_]{0,31})\.cvd$/;
export const LIST = /^[a-z][a-z0-9_]{0,31}\.(?:hsb|hdb|ndb|ldb|yar)$/;

/** A blob of the script's, and the file that it is for the scanner. */
interface NamedBlob {
  readonly name: string;
  readonly sha256: Digest;
}

/** What scanners are made of. */
export interface ScannerParts {
  readonly shelf: BlobShelf;
  /** Where databases lie when the grant names no folder. */
  readonly root: string;
  /** Whom the scanner's programs run as, where the agent is root. */
  user(): Promise<number | undefined>;
  /** A script's own endpoint, as a program on this machine finds it. */
  endpoint(script: ScriptName): OwnEndpoint;
}

/** Work on one folder goes one after another, whichever run asks for it. */
const turns = new Map<string, Promise<unknown>>();

/** The scanner of this machine, as one script uses it. */
export class Scanner {
  readonly #parts: ScannerParts;
  readonly #script: ScriptName;
  readonly #settings: ScannerSettings;
  readonly #programs: ScannerPrograms;
  readonly #folder: string;
  readonly #generations: Generations;

  constructor(parts: ScannerParts, script: ScriptName, settings: ScannerSettings) {
    this.#parts = parts;
    this.#script = script;
    this.#settings = settings;
    this.#programs = new ScannerPrograms(parts.user);
    this.#folder = settings.folder ?? `${parts.root}/scanner/${script.replace("/", ".")}`;
    this.#generations = new Generations(this.#folder, this.#programs);
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = (turns.get(this.#folder) ?? Promise.resolve()).then(async () => {
      try {
        await this.#generations.prepare();
        return await work();
      } catch (error) {
        throw told(error);
      }
    });
    turns.set(this.#folder, turn.catch(() => {}));
    return turn;
  }

  /** What is in use, what can be gone back to, and what is installed here. */
  async status() {
    const [clamscan, freshclam, sigtool] = await Promise.all(
      ["clamscan", "freshclam", "sigtool"].map(async (name) =>
        await this.#programs.find(name) !== undefined
      ),
    );
    const current = await this.#generations.current().catch(() => undefined);
    const previous = await this.#generations.before().catch(() => undefined);
    return {
      folder: this.#folder,
      programs: { clamscan, freshclam, sigtool },
      current: current ? await this.#shown(current) : null,
      previous: previous ? await this.#shown(previous) : null,
    };
  }

  /** What the vendor's own tool says of a database. */
  async verify({ name, sha256 }: NamedBlob, signal: AbortSignal) {
    const work = await this.#generations.stage();
    try {
      await this.#copy(sha256, `${work}/${name}`);
      await this.#generations.lend(work, signal);
      const args = [`--info=${work}/${name}`, `--tempdir=${work}`];
      const { code, output } = await this.#programs.run("sigtool", args, signal);
      const good = code === 0 && /^Verification OK\.?$/m.test(output);
      if (!good) await this.#mayBlame([{ name, sha256 }], work, signal);
      const version = Number(/^Version: ([0-9]{1,9})$/m.exec(output)?.[1] ?? 0);
      return { good, version };
    } finally {
      await Deno.remove(work, { recursive: true }).catch(() => {});
    }
  }

  /** Stages, tests, swaps, tells clamd. Whatever fails before the swap changes nothing. */
  async install(files: readonly NamedBlob[], signal: AbortSignal) {
    const generations = this.#generations;
    const sources = Object.fromEntries(files.map(({ name, sha256 }) => [name, sha256]));
    // Two runs may find the same news.
    if (isSame((await generations.current())?.sources, sources)) {
      return { ...await this.status(), reloaded: await this.#reload() };
    }
    const [staged, work] = [await generations.stage(), await generations.stage()];
    try {
      const failed = async (error: unknown): Promise<never> => {
        const isOfFiles = error instanceof CapabilityError && error.code === "failed";
        if (isOfFiles) await this.#mayBlame(files, staged, signal);
        throw error;
      };
      const said = await this.#fill(staged, work, files, signal).catch(failed);
      const tested = await this.#test(staged, work, files, signal).catch(failed);
      const made = Date.now();
      await Deno.remove(`${staged}/freshclam.dat`).catch(() => {});
      const generation = await generations.add(staged, { made, tested, sources });
      signal.throwIfAborted();
      await generations.use(generation, signal);
      await generations.trim(this.#settings.keep ?? KEPT_GENERATIONS.DEFAULT);
      return { ...await this.status(), reloaded: await this.#reload(), said };
    } finally {
      for (const path of [staged, work]) {
        await Deno.remove(path, { recursive: true }).catch(() => {});
      }
    }
  }

  /** Goes back to the generation before. */
  async rollback(signal: AbortSignal) {
    const [left, before] = [await this.#generations.current(), await this.#generations.before()];
    if (!left || !before) {
      throw new CapabilityError("not_found", "Cannot go back as no generation is older");
    }
    await this.#generations.leave(left);
    await this.#generations.use(before, signal);
    return { ...await this.status(), reloaded: await this.#reload() };
  }

  /** The databases of before, brought up to date, and the lists as they are. */
  async #fill(
    staged: string,
    work: string,
    files: readonly NamedBlob[],
    signal: AbortSignal,
  ): Promise<string> {
    for (const { name, sha256 } of files) {
      if (LIST.test(name)) await this.#copy(sha256, `${staged}/${name}`);
    }
    const databases = files.flatMap(({ name }) => DATABASE.exec(name)?.[1] ?? []);
    if (databases.length === 0) return "";
    await this.#copyCurrent(staged, databases);
    await this.#generations.lend(staged, signal);
    const endpoint = this.#parts.endpoint(this.#script);
    const options = { databases, folder: staged, work, endpoint };
    const { ok, said } = await runFreshclam(this.#programs, options, signal);
    if (ok) return said;
    throw new CapabilityError("failed", `Cannot update as freshclam refuses: ${said}`);
  }

  async #copyCurrent(staged: string, databases: readonly string[]): Promise<void> {
    const current = await this.#generations.current();
    if (!current) return;
    const user = await this.#programs.user();
    for (const name of await this.#generations.files(current)) {
      const [database, extension] = name.split(".") as [string, string?];
      if (!databases.includes(database) || !/^c[vl]d$/.test(extension ?? "")) continue;
      const path = `${staged}/${name}`;
      await Deno.copyFile(`${this.#generations.folder(current)}/${name}`, path);
      if (user !== undefined) await Deno.chown(path, user, user);
    }
  }

  /** @returns whether there was something to test with */
  async #test(
    folder: string,
    work: string,
    files: readonly NamedBlob[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const mustFind = files.some(({ name }) => DATABASE.test(name));
    const canTest = await this.#programs.find("clamscan") !== undefined;
    if (!canTest && !mustFind && this.#settings.untested) return false;
    const { canaries: own } = this.#settings;
    const temporary = `${work}/temporary`;
    await Deno.mkdir(temporary);
    await this.#generations.lend(temporary, signal);
    const options = { folder, work, temporary, mustFind, own };
    const unfit = await tryDatabases(this.#programs, options, signal);
    if (!unfit) return true;
    const message = `Cannot use the databases as ${WORDS[unfit.why]}: ${unfit.said}`;
    throw new CapabilityError("failed", message);
  }

  /**
   * That files are at fault, and not the machine.
   *
   * @param folder Where they were worked on, and what they were to change.
   * @throws {CapabilityError} unavailable – there may have been no room for it
   */
  async #mayBlame(files: readonly NamedBlob[], folder: string, signal: AbortSignal) {
    let bytes = 0;
    for (const { sha256 } of files) {
      bytes += this.#parts.shelf.find(this.#script, sha256)?.length ?? 0;
    }
    for await (const { name } of Deno.readDir(folder)) {
      // A link of theirs may lead nowhere.
      bytes += (await Deno.lstat(`${folder}/${name}`)).size;
    }
    if (!await isShortOfRoom(this.#programs, folder, bytes, signal)) return;
    throw new CapabilityError("unavailable", "Cannot do this as the disk is nearly full");
  }

  async #shown(generation: Generation) {
    return { ...generation, files: await this.#generations.files(generation) };
  }

  async #reload(): Promise<boolean | null> {
    const { clamd } = this.#settings;
    return clamd === undefined ? null : await reloadClamd(clamd);
  }

  /** A blob of the script's as a file that the scanner's user can read. */
  async #copy(sha256: NamedBlob["sha256"], path: string): Promise<void> {
    const entry = this.#parts.shelf.find(this.#script, sha256);
    if (!entry) throw notFound(sha256);
    using file = await Deno.open(path, { write: true, createNew: true, mode: 0o644 });
    for (let at = 0; at < entry.length; at += COPY_BYTES) {
      const length = Math.min(COPY_BYTES, entry.length - at);
      const bytes = await this.#parts.shelf.read(this.#script, sha256, at, length);
      for (let done = 0; done < length;) done += await file.write(bytes.subarray(done));
    }
  }
}

const COPY_BYTES = 1 << 20;

function isSame(a: Readonly<Record<string, string>> = {}, b: Readonly<Record<string, string>>) {
  const names = Object.keys(b);
  return names.length === Object.keys(a).length && names.every((name) => a[name] === b[name]);
}

const WORDS = {
  malformed: "the scanner cannot read them",
  canary_missed: "the scanner does not find the canary with them",
  false_alarm: "the scanner takes a clean file for a virus",
};

/** What the script may know: of what the disk says, that it is full. */
function told(error: unknown): unknown {
  if (error instanceof CapabilityError) return error;
  const text = error instanceof Error ? error.message : "";
  if (/os error (?:28|122)\b/.test(text)) {
    return new CapabilityError("unavailable", "Cannot do this as the disk is full", {
      cause: error,
    });
  }
  return error;
}

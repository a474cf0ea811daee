import { octal, WRITABLE_BY_OTHERS } from "../core/file_mode.ts";
import { type Mistake, type PolicyCode } from "./errors.ts";
import { MAX_FILE_BYTES } from "./yaml/policy_file.ts";

/** One policy file as it was read, once. */
export interface FolderFile {
  /** Relative to the folder, with `/`. */
  readonly name: string;
  readonly text: string;
}

/** All policy files of a folder, and what is wrong with them as files. */
export interface Folder {
  /** The folder with every link followed; empty when it could not be read. */
  readonly path: string;
  readonly files: readonly FolderFile[];
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly Mistake[];
}

/** Who may own policy files: this user, and root. */
export interface FolderOptions {
  /** The user's number; found out when it may be asked for (`--allow-sys=uid`). */
  readonly uid?: number;
}

/** How often a folder is read that changes meanwhile. */
const READINGS = 5;
const TOP = ["fleet.yaml", "accept.yaml"];

/**
 * Reads the policy files of a folder, each once: `fleet.yaml`, `accept.yaml` and `grants/*.yaml`.
 *
 * In order, for the folder, `grants` and every file: it exists, leads nowhere outside the folder,
 * belongs to the user or to root, is writable by its owner only (checked on the opened file, so
 * that nobody can swap it in between), is a regular file, is not too long, and is UTF-8. On a
 * system without owners those checks are left out.
 *
 * When anything has changed by the time all is read, all is read again: half of an edit is a policy
 * that nobody wrote, such as one that lacks what it denied.
 *
 * Where the user's number may not be asked for, the folder's owner takes its place, and a warning
 * says so.
 *
 * @param dir the folder.
 * @returns files in the order of their names; never throws for what is wrong with a file.
 */
export async function readFolder(dir: string, options: FolderOptions = {}): Promise<Folder> {
  for (let left = READINGS;; left--) {
    const reader = new FolderReader(dir);
    await reader.read(options);
    if (!await reader.hasChanged()) return reader;
    if (left > 1) continue;
    reader.refuseChanging();
    return reader;
  }
}

class FolderReader implements Folder {
  readonly files: FolderFile[] = [];
  readonly mistakes: Mistake[] = [];
  readonly warnings: Mistake[] = [];
  path = "";
  readonly #dir: string;
  #owners: ReadonlySet<number> | undefined;
  /** What was read, and how it was then. */
  readonly #marks = new Map<string, string>();
  /** The names that were in a folder: what comes within one tick of its clock leaves no other mark. */
  readonly #lists = new Map<string, string>();

  constructor(dir: string) {
    this.#dir = dir.replace(/(?<=.)\/+$/, "");
  }

  async read(options: FolderOptions): Promise<void> {
    const info = await this.#attempt("", () => Deno.stat(this.#dir));
    if (!info) return;
    if (!info.isDirectory) return this.#mistake("", "bad_type", "must be a folder");
    this.#owners = this.#findOwners(info, options);
    this.#marks.set("", markOf(info));
    this.path = await Deno.realPath(this.#dir);
    this.#refuseInsecure("", info);
    for (const name of await this.#list("")) {
      const near = /^(fleet|accept)\.(yml|json)$/.exec(name);
      if (near) this.#ignored(name, `${near[1]}.yaml`);
      if (TOP.includes(name)) await this.#readFile(name);
      if (name === "grants") await this.#readGrants();
    }
  }

  /** Whether anything is no longer as it was when it was read. */
  async hasChanged(): Promise<boolean> {
    for (const [name, mark] of this.#marks) {
      const now = await Deno.stat(this.#path(name)).then(markOf, () => "gone");
      if (now !== mark) return true;
    }
    for (const [name, names] of this.#lists) {
      const now = await namesIn(this.#path(name)).then(JSON.stringify, () => "gone");
      if (now !== names) return true;
    }
    return false;
  }

  refuseChanging(): void {
    this.#mistake("", "unreadable_file", "must not be written while it is read");
  }

  async #readGrants(): Promise<void> {
    const info = await this.#inside("grants");
    if (!info) return;
    if (!info.isDirectory) return this.#mistake("grants", "bad_type", "must be a folder");
    this.#refuseInsecure("grants", info);
    this.#marks.set("grants", markOf(info));
    for (const name of await this.#list("grants")) {
      if (name.startsWith(".")) continue;
      if (/\.(yml|json)$/.test(name)) this.#ignored(`grants/${name}`, name.replace(/\w+$/, "yaml"));
      if (name.endsWith(".yaml")) await this.#readFile(`grants/${name}`);
    }
  }

  async #readFile(name: string): Promise<void> {
    const seen = await this.#inside(name);
    if (!seen) return;
    // Before it is opened: opening a pipe would wait for somebody to write into it.
    if (!seen.isFile) return this.#mistake(name, "bad_type", "must be a regular file");
    const bytes = await this.#attempt(name, async () => {
      using file = await Deno.open(this.#path(name));
      const info = await file.stat();
      this.#marks.set(name, markOf(info));
      this.#refuseInsecure(name, info);
      return await readAtMost(file, MAX_FILE_BYTES);
    });
    if (!bytes) return;
    if (bytes.length > MAX_FILE_BYTES) {
      return this.#mistake(name, "too_large", `must be at most ${MAX_FILE_BYTES} bytes long`);
    }
    try {
      this.files.push({ name, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) });
    } catch {
      this.#mistake(name, "not_utf8", "must be UTF-8");
    }
  }

  /** What a name leads to, unless that lies outside the folder. */
  async #inside(name: string): Promise<Deno.FileInfo | undefined> {
    return await this.#attempt(name, async () => {
      const real = await Deno.realPath(this.#path(name));
      if (real.startsWith(`${this.path}/`) || real.startsWith(`${this.path}\\`)) {
        return await Deno.stat(real);
      }
      this.#mistake(name, "symlink", `must not lead out of the folder: it leads to "${real}"`);
      return undefined;
    });
  }

  async #list(name: string): Promise<string[]> {
    const names = await this.#attempt(name, () => namesIn(this.#path(name))) ?? [];
    this.#lists.set(name, JSON.stringify(names));
    return names;
  }

  #refuseInsecure(name: string, info: Deno.FileInfo): void {
    if (info.mode !== null && (info.mode & WRITABLE_BY_OTHERS) !== 0) {
      this.#mistake(
        name,
        "insecure_permissions",
        `must be writable by its owner only: its mode is ${octal(info.mode)}`,
        `chmod go-w "${this.#path(name)}"`,
      );
    }
    if (info.uid !== null && this.#owners && !this.#owners.has(info.uid)) {
      this.#mistake(
        name,
        "insecure_permissions",
        `must belong to the user who runs this, or to root: it belongs to user ${info.uid}`,
      );
    }
  }

  #findOwners(info: Deno.FileInfo, options: FolderOptions): ReadonlySet<number> | undefined {
    if (info.uid === null) return undefined;
    const uid = options.uid ?? currentUid();
    if (uid !== undefined) return new Set([0, uid]);
    const { code, message } = {
      code: "insecure_permissions" as const,
      message: `is taken to belong to the right user, ${info.uid}: who runs this may not be asked`,
    };
    this.warnings.push({
      ...this.#place("", code, message),
      hint: "run with --allow-sys=uid to have it checked",
    });
    return new Set([0, info.uid]);
  }

  #ignored(name: string, meant: string): void {
    this.#mistake(name, "unexpected_file", "would not be read", `rename it to "${meant}"`);
  }

  async #attempt<T>(name: string, action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) {
        this.#mistake(name, "missing_file", "does not exist");
      } else if (error instanceof Error) {
        this.#mistake(name, "unreadable_file", `cannot be read: ${error.message.split("\n")[0]}`);
      } else throw error;
      return undefined;
    }
  }

  #mistake(name: string, code: PolicyCode, message: string, hint?: string): void {
    const mistake = this.#place(name, code, message);
    this.mistakes.push(hint === undefined ? mistake : { ...mistake, hint });
  }

  #place(name: string, code: PolicyCode, message: string): Mistake {
    return { code, file: this.#path(name), line: 0, column: 0, keyPath: "", message };
  }

  #path(name: string): string {
    return name === "" ? this.#dir : `${this.#dir}/${name}`;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

function markOf({ ino, size, mtime }: Deno.FileInfo): string {
  return `${ino} ${size} ${mtime?.getTime()}`;
}

function currentUid(): number | undefined {
  try {
    return Deno.uid() ?? undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/** Up to one byte more than `limit`, so that "too long" shows and nothing endless is read. */
async function readAtMost(file: Deno.FsFile, limit: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(limit + 1);
  let length = 0;
  while (length < buffer.length) {
    const read = await file.read(buffer.subarray(length));
    if (read === null) break;
    length += read;
  }
  return buffer.subarray(0, length);
}

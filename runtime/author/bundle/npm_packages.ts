import { dirname } from "node:path";
import { exports, imports, legacy } from "resolve.exports";
import semver from "semver";
import { isFile } from "../path_kind.ts";
import { type NpmImport, parseNpmImport } from "./npm_import.ts";

/** What of a `package.json` decides which file an import means. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly [field: string]: unknown;
}

/** How an import was written: what a package offers may differ. */
export type ImportKind = "import" | "require";

const EXTENSIONS = ["", ".js", ".cjs", ".mjs", ".json", "/index.js", "/index.json"];

/** An import that no installed package answers; `text` says why, for people. */
export class UnresolvedImport extends Error {
  override readonly name = "UnresolvedImport";
}

/**
 * Finds files of packages in `node_modules` folders as Node does, from the importing file upwards.
 * Nothing is fetched: what is bundled is what the author installed.
 */
export class NpmPackages {
  readonly #manifests = new Map<string, Promise<PackageJson | undefined>>();

  /**
   * The file that an import of a package means.
   *
   * @param from Folder of the importing file.
   * @throws {UnresolvedImport} when it is not installed, is another version or does not offer it
   */
  async resolve(wanted: NpmImport, from: string, kind: ImportKind): Promise<string> {
    const { dir, manifest } = await this.#find(wanted, from);
    const { name, subpath } = wanted;
    let found: string | undefined;
    try {
      found = manifest.exports !== undefined
        ? exports(manifest, subpath, conditionsOf(kind))?.[0]
        : subpath === "."
        ? String(legacy(manifest, { browser: false, fields: ["module", "main"] }) ?? "./index.js")
        : subpath;
    } catch (cause) {
      throw new UnresolvedImport(`"${name}" ${manifest.version} does not offer "${subpath}"`, {
        cause,
      });
    }
    return await this.file(`${dir}/${found ?? "index.js"}`, wanted.name);
  }

  /** A `#name` of the importing package itself; the answer is a path or another specifier. */
  async resolveInternal(specifier: string, from: string, kind: ImportKind): Promise<string> {
    const owner = await this.ownerOf(from);
    const [found] = owner && imports(owner.manifest, specifier, conditionsOf(kind)) || [];
    if (!found) throw new UnresolvedImport(`its package has no import "${specifier}"`);
    if (found.startsWith("./")) return await this.file(`${owner!.dir}/${found}`, specifier);
    const wanted = parseNpmImport(found);
    if (!wanted) throw new UnresolvedImport(`"${specifier}" stands for "${found}"`);
    return await this.resolve(wanted, from, kind);
  }

  /** A path as CommonJS reads it: extensions and `index` may be missing. */
  async file(path: string, shown: string): Promise<string> {
    for (const extension of EXTENSIONS) {
      const candidate = path + extension;
      if (await isFile(candidate)) return await Deno.realPath(candidate);
    }
    throw new UnresolvedImport(`"${shown}" has no such file`);
  }

  /** The package that a file of `node_modules` belongs to. */
  async ownerOf(file: string): Promise<{ dir: string; manifest: PackageJson } | undefined> {
    for (let dir = dirname(file); dir.includes("/node_modules/"); dir = dirname(dir)) {
      const manifest = await this.#manifest(dir);
      if (manifest) return { dir, manifest };
    }
    return undefined;
  }

  async #find({ name, range }: NpmImport, from: string) {
    for (let at = from;; at = dirname(at)) {
      const dir = `${at === "/" ? "" : at}/node_modules/${name}`;
      const manifest = await this.#manifest(dir);
      if (manifest) {
        if (range === undefined || semver.satisfies(manifest.version, range)) {
          return { dir, manifest };
        }
        throw new UnresolvedImport(`"${name}" is installed as ${manifest.version}, not ${range}`);
      }
      if (at === dirname(at)) {
        throw new UnresolvedImport(`"${name}" is not installed: deno add npm:${name}`);
      }
    }
  }

  #manifest(dir: string): Promise<PackageJson | undefined> {
    let reading = this.#manifests.get(dir);
    if (!reading) this.#manifests.set(dir, reading = readManifest(dir));
    return reading;
  }
}

function conditionsOf(kind: ImportKind) {
  // Neither `node` nor `deno`, whose files a cell would refuse, nor `browser`: there is no window.
  return { unsafe: true, conditions: [kind, "module", "default"] };
}

async function readManifest(dir: string): Promise<PackageJson | undefined> {
  try {
    const value = JSON.parse(await Deno.readTextFile(`${dir}/package.json`));
    // Folders inside a package may hold one that only says "type".
    return typeof value.name === "string" && typeof value.version === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

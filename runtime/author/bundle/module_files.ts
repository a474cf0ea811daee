import { dirname, relative, resolve } from "node:path";
import { ALLOWED_BUILTINS } from "../../core/allowed_builtins.ts";
import {
  type Loader,
  type OnLoadResult,
  type OnResolveArgs,
  type OnResolveResult,
  type Plugin,
  startedEsbuild,
} from "./esbuild.ts";
import { type ImportMap, mapped } from "./import_map.ts";
import { parseNpmImport } from "./npm_import.ts";
import { type ImportKind, NpmPackages, UnresolvedImport } from "./npm_packages.ts";

/** The author's own files, named from their folder, so that the folder's place does not matter. */
export const SCRIPT = "script";
/** Files of packages, as `name@version/path`. */
const NPM = "npm";
/** Builtins that CommonJS asks for; a module cannot `require`. */
const BUILTIN = "builtin";
const REFUSED = "refused";
/** Own files that are wanted as a text for browsers, with all that they import. */
const PAGE = "page";
/** How an import asks for such a text. */
const PAGE_QUERY = "?page";
/** Texts of ours that a script may import by name. */
const VIRTUAL = "virtual";

const LOADERS: Readonly<Record<string, Loader>> = {
  ts: "ts",
  mts: "ts",
  js: "js",
  mjs: "js",
  cjs: "js",
  json: "json",
};
/** What `import … with { type }` may ask for. */
const LOADER_OF_TYPE: Readonly<Record<string, Loader>> = {
  json: "json",
  text: "text",
  bytes: "binary",
};

/** What {@linkcode ModuleFiles} reads from. */
export interface ModuleFilesOptions {
  /** Absolute and real; no file outside is ever taken, but for packages. */
  readonly folder: string;
  readonly imports: ImportMap;
  /** Modules of ours by specifier, in place of files. */
  readonly virtual?: Readonly<Record<string, string>>;
}

/**
 * Hands files to the bundler: those of the script's folder and of installed packages, under names
 * that hold nothing of this machine, so that the same files make the same bytes anywhere.
 */
export class ModuleFiles {
  /** Packages that were used, as `name@version`. */
  readonly packages = new Set<string>();
  /** The author's own, by their paths from the folder. */
  readonly own = new Set<string>();
  readonly #options: ModuleFilesOptions;
  readonly #npm = new NpmPackages();
  /** The file behind a name of {@linkcode NPM}. */
  readonly #fileOf = new Map<string, string>();
  #joined = false;

  constructor(options: ModuleFilesOptions) {
    this.#options = options;
  }

  /** Whether the entry asked for another file. */
  get joined(): boolean {
    return this.#joined;
  }

  get plugin(): Plugin {
    return {
      name: "writ",
      setup: (build) => {
        build.onResolve({ filter: /.*/ }, (args) => this.#resolve(args));
        build.onLoad({ filter: /.*/, namespace: SCRIPT }, ({ path, with: { type } }) => {
          this.own.add(path);
          return load(`${this.#options.folder}/${path}`, type);
        });
        build.onLoad(
          { filter: /.*/, namespace: NPM },
          ({ path, with: { type } }) => load(this.#fileOf.get(path)!, type),
        );
        build.onLoad({ filter: /.*/, namespace: PAGE }, ({ path }) => this.#pageScript(path));
        build.onLoad({ filter: /.*/, namespace: BUILTIN }, ({ path }) => ({
          contents: path.startsWith("esm:")
            ? `export { default } from ${JSON.stringify(path.slice(4))};`
            : `module.exports = require(${JSON.stringify(`esm:${path}`)}).default;`,
        }));
        build.onLoad({ filter: /.*/, namespace: REFUSED }, ({ path }) => ({
          contents: `throw new Error(${JSON.stringify(`Cannot use "${path}" in a script`)});`,
        }));
        build.onLoad({ filter: /.*/, namespace: VIRTUAL }, ({ path }) => ({
          contents: this.#options.virtual![path]!,
          loader: "js",
        }));
      },
    };
  }

  async #resolve(args: OnResolveArgs): Promise<OnResolveResult> {
    try {
      return await this.#find(args);
    } catch (error) {
      if (!(error instanceof UnresolvedImport)) throw error;
      return { errors: [{ text: `Cannot import "${args.path}" as ${error.message}` }] };
    }
  }

  async #find(args: OnResolveArgs): Promise<OnResolveResult> {
    const { path, importer, namespace, kind } = args;
    const { folder, imports, virtual = {} } = this.#options;
    if (kind === "entry-point") {
      return { path, namespace: Object.hasOwn(virtual, path) ? VIRTUAL : SCRIPT };
    }
    const how: ImportKind = kind === "require-call" || kind === "require-resolve"
      ? "require"
      : "import";
    if (namespace === BUILTIN) {
      return path.startsWith("esm:") ? { path, namespace: BUILTIN } : { path, external: true };
    }
    if (Object.hasOwn(virtual, path)) return { path, namespace: VIRTUAL };
    if (namespace === NPM) return await this.#fromPackage(path, this.#fileOf.get(importer)!, how);
    if (path === "writ" || path.startsWith("writ/")) {
      throw new UnresolvedImport(`"writ" has nothing but types: write \`import type\``);
    }
    const target = mapped(imports, path);
    if (target.startsWith("node:")) return builtin(target, how);
    this.#joined = true;
    if (/^\.{0,2}\//.test(target)) {
      const from = target === path ? dirname(`${folder}/${importer}`) : folder;
      if (args.with.type !== "text" || !target.endsWith(PAGE_QUERY)) {
        return await this.#ownFile(resolve(from, target));
      }
      const file = resolve(from, target.slice(0, -PAGE_QUERY.length));
      return { ...await this.#ownFile(file), namespace: PAGE };
    }
    if (/^[a-z]+:/.test(target) && !target.startsWith("npm:")) {
      throw new UnresolvedImport("only files of the folder, npm: and node: can be packed");
    }
    const wanted = parseNpmImport(target);
    if (!wanted) throw new UnresolvedImport("that names no package");
    return await this.#npmFile(await this.#npm.resolve(wanted, folder, how));
  }

  async #fromPackage(path: string, from: string, how: ImportKind): Promise<OnResolveResult> {
    if (/^\.{1,2}(?:\/|$)/.test(path)) {
      return await this.#npmFile(await this.#npm.file(resolve(dirname(from), path), path));
    }
    if (path.startsWith("#")) {
      return await this.#npmFile(await this.#npm.resolveInternal(path, from, how));
    }
    // CommonJS writes "util" and may mean the package of that name, which then stands nearer.
    const wanted = parseNpmImport(path);
    if (path.startsWith("node:") || !wanted) return builtin(path, how);
    try {
      return await this.#npmFile(await this.#npm.resolve(wanted, dirname(from), how));
    } catch (error) {
      if (!(error instanceof UnresolvedImport)) throw error;
      if (ALLOWED_BUILTINS.has(`node:${path}`) || how === "require") {
        return builtin(`node:${path}`, how);
      }
      throw error;
    }
  }

  async #ownFile(file: string): Promise<OnResolveResult> {
    const { folder } = this.#options;
    const real = await Deno.realPath(file).catch(() => {
      throw new UnresolvedImport("there is no such file");
    });
    const path = relative(folder, real);
    if (path.startsWith("..") || path.startsWith("/")) {
      throw new UnresolvedImport("it lies outside the script's folder");
    }
    return { path: path.replaceAll("\\", "/"), namespace: SCRIPT };
  }

  /** One script of a file and its imports, as a page has it in a `script` element. */
  async #pageScript(entry: string): Promise<OnLoadResult> {
    const esbuild = await startedEsbuild();
    try {
      const { outputFiles } = await esbuild.build({
        entryPoints: [entry],
        plugins: [this.plugin],
        bundle: true,
        write: false,
        format: "iife",
        platform: "browser",
        target: "es2022",
        charset: "utf8",
        legalComments: "inline",
        logLevel: "silent",
        tsconfigRaw: "{}",
      });
      return { contents: outputFiles[0]!.text, loader: "text" };
    } catch (cause) {
      const { errors } = cause as { errors?: OnLoadResult["errors"] };
      if (!errors) throw cause;
      return { errors };
    }
  }

  async #npmFile(file: string): Promise<OnResolveResult> {
    const owner = await this.#npm.ownerOf(file);
    if (!owner) throw new UnresolvedImport("it belongs to no package");
    const { name, version, sideEffects } = owner.manifest;
    this.packages.add(`${name}@${version}`);
    const path = `${name}@${version}/${relative(owner.dir, file).replaceAll("\\", "/")}`;
    this.#fileOf.set(path, file);
    return { path, namespace: NPM, ...(sideEffects === false && { sideEffects: false }) };
  }
}

/** `import` is left to the cell; `require` gets a module around it. */
function builtin(name: string, how: ImportKind): OnResolveResult {
  if (ALLOWED_BUILTINS.has(name)) {
    return how === "import" ? { path: name, external: true } : { path: name, namespace: BUILTIN };
  }
  // Packages try for what they can do without; what they cannot says so when it is called.
  if (how === "require") return { path: name, namespace: REFUSED };
  throw new UnresolvedImport("no script may use it");
}

async function load(file: string, type: string | undefined): Promise<OnLoadResult> {
  const extension = /\.([a-z]+)$/.exec(file)?.[1] ?? "";
  const loader = type === undefined ? LOADERS[extension] ?? "js" : LOADER_OF_TYPE[type];
  if (loader === undefined) return { errors: [{ text: `Cannot import a file as "${type}"` }] };
  return { contents: await Deno.readFile(file), loader };
}

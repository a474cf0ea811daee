import { canonicalBytes } from "../core/canonical_json.ts";
import { digestOf } from "../core/digest.ts";
import type { Manifest } from "../core/documents/manifest.ts";
import { parseDocument } from "../core/documents/parse.ts";
import { InputSchema } from "../core/input_schema/input_schema.ts";
import { buildModule } from "./build_module.ts";
import { AuthorError } from "./errors.ts";
import { instantOf } from "../core/instant.ts";
import { parseManifestFile } from "./manifest_file.ts";

/** A module with the manifest that describes it, ready to be signed. */
export interface PackedScript {
  readonly manifest: Manifest;
  /** The manifest in canonical JSON: exactly what is signed. */
  readonly payload: Uint8Array;
  /** The module's bytes: as its author wrote them, or made of several files. */
  readonly module: Uint8Array;
  /** The module's file name. */
  readonly file: string;
  /** Leads from the module's lines to the author's, when it was made of several files. */
  readonly sourceMap?: Uint8Array;
  /** The author's files that went in, by their paths from the folder. */
  readonly files: readonly string[];
  /** Packages that went in, as `name@version`. */
  readonly packages: readonly string[];
  /** Where `created` came from. Only the first two give others the same bytes. */
  readonly createdFrom: "option" | "manifest" | "file times";
}

/** How {@linkcode packScript} packs. */
export interface PackOptions {
  /** RFC 3339, UTC, whole seconds. Default: `created` in `manifest.yaml`, else the newest of the files' times. */
  readonly created?: string;
}

/**
 * Packs the script in a folder: reads `manifest.yaml` and the module it names, makes one module of
 * it and what it imports, prepares that as an agent would, so that a mistake shows here, and
 * completes the manifest.
 *
 * The same files give the same bytes every time. `created` is the only thing that is not in them:
 * a file's time changes with a new checkout, so who wants others to reproduce a package writes
 * `created` into `manifest.yaml`.
 *
 * @param folder Holds `manifest.yaml`.
 * @throws {AuthorError} no_manifest, no_module – when one of the files is missing
 * @throws {PolicyError} the first mistake's code – when `manifest.yaml` has mistakes
 * @throws {AuthorError} module_name, bundle – as `buildModule`
 * @throws {CellError} – when this machine can start no cell to parse it in
 * @throws {VerificationError} – the codes of `prepareModule`; bad_schema for a bad `created`;
 * input_schema for one that no agent could use
 */
export async function packScript(
  folder: string,
  options: PackOptions = {},
): Promise<PackedScript> {
  const yamlPath = `${folder}/manifest.yaml`;
  const yaml = await readOr(yamlPath, () =>
    new AuthorError(
      "no_manifest",
      `Cannot pack "${folder}" as it has no manifest.yaml`,
      "say there who publishes what; writ new makes a folder that has one",
    ));
  const said = parseManifestFile(new TextDecoder().decode(yaml), yamlPath);
  const source = await readOr(
    `${folder}/${said.module}`,
    () => new AuthorError("no_module", `Cannot pack "${folder}" as it has no ${said.module}`),
  );
  if (said.manifest.inputSchema) await InputSchema.read(said.manifest.inputSchema);
  const built = await buildModule(folder, said.module, source);
  const { bytes: module, mediaType, file, sourceMap, files, packages } = built;
  const sources = [yamlPath, ...files.map((name) => `${folder}/${name}`)];
  const created = options.created ?? said.created ?? await newestTime(sources);
  const payload = canonicalBytes({
    ...said.manifest,
    module: { sha256: digestOf(module), length: module.length, mediaType },
    ...(sourceMap && { sourceMap: { sha256: digestOf(sourceMap), length: sourceMap.length } }),
    created,
  });
  return {
    manifest: parseDocument("manifest", payload),
    payload,
    module,
    file,
    ...(sourceMap && { sourceMap }),
    files,
    packages,
    createdFrom: options.created ? "option" : said.created ? "manifest" : "file times",
  };
}

async function newestTime(paths: readonly string[]): Promise<string> {
  const times = await Promise.all(paths.map(async (path) => (await Deno.stat(path)).mtime));
  const newest = Math.max(...times.map((time) => time?.getTime() ?? 0));
  return instantOf(newest);
}

async function readOr(path: string, missing: () => Error): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw missing();
    throw error;
  }
}

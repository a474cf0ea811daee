import { canonicalBytes } from "../core/canonical_json.ts";
import { digestOf } from "../core/digest.ts";
import type { Manifest } from "../core/documents/manifest.ts";
import { parseDocument } from "../core/documents/parse.ts";
import { prepareModule } from "../core/module.ts";
import { eraserFor } from "./cell_eraser.ts";
import { AuthorError } from "./errors.ts";
import { instantOf } from "./make_order.ts";
import { parseManifestFile } from "./manifest_file.ts";
import { mediaTypeOf } from "./module_file.ts";

/** A module with the manifest that describes it, ready to be signed. */
export interface PackedScript {
  readonly manifest: Manifest;
  /** The manifest in canonical JSON: exactly what is signed. */
  readonly payload: Uint8Array;
  /** The module's bytes as its author wrote them. */
  readonly module: Uint8Array;
  /** The module's file name. */
  readonly file: string;
  /** Where `created` came from. Only the first two give others the same bytes. */
  readonly createdFrom: "option" | "manifest" | "file times";
}

/** How {@linkcode packScript} packs. */
export interface PackOptions {
  /** RFC 3339, UTC, whole seconds. Default: `created` in `manifest.yaml`, else the newer of the two files' times. */
  readonly created?: string;
}

/**
 * Packs the script in a folder: reads `manifest.yaml` and the module it names, prepares the module
 * as an agent would, so that a mistake shows here, and completes the manifest.
 *
 * The same files give the same bytes every time. `created` is the only thing that is not in them:
 * a file's time changes with a new checkout, so who wants others to reproduce a package writes
 * `created` into `manifest.yaml`.
 *
 * @param folder Holds `manifest.yaml`.
 * @throws {AuthorError} no_manifest, no_module – when one of the files is missing
 * @throws {PolicyError} the first mistake's code – when `manifest.yaml` has mistakes
 * @throws {CellError} – when this machine can start no cell to erase types in
 * @throws {VerificationError} – the codes of `prepareModule`; bad_schema for a bad `created`
 */
export async function packScript(
  folder: string,
  options: PackOptions = {},
): Promise<PackedScript> {
  const yamlPath = `${folder}/manifest.yaml`;
  const yaml = await readOr(yamlPath, (cause) =>
    new AuthorError(
      "no_manifest",
      `Cannot pack "${folder}" as it has no manifest.yaml`,
      "say there who publishes what: publisher, name, version, sequence, runtime",
      { cause },
    ));
  const said = parseManifestFile(new TextDecoder().decode(yaml), yamlPath);
  const modulePath = `${folder}/${said.module}`;
  const module = await readOr(
    modulePath,
    (cause) =>
      new AuthorError(
        "no_module",
        `Cannot pack "${folder}" as it has no ${said.module}`,
        undefined,
        {
          cause,
        },
      ),
  );
  const mediaType = mediaTypeOf(said.module);
  prepareModule(module, mediaType, await eraserFor({ bytes: module, mediaType }));
  const created = options.created ?? said.created ?? await newestTime([yamlPath, modulePath]);
  const payload = canonicalBytes({
    ...said.manifest,
    module: { sha256: digestOf(module), length: module.length, mediaType },
    created,
  });
  return {
    manifest: parseDocument("manifest", payload),
    payload,
    module,
    file: said.module,
    createdFrom: options.created ? "option" : said.created ? "manifest" : "file times",
  };
}

async function newestTime(paths: readonly string[]): Promise<string> {
  const times = await Promise.all(paths.map(async (path) => (await Deno.stat(path)).mtime));
  const newest = Math.max(...times.map((time) => time?.getTime() ?? 0));
  return instantOf(newest);
}

async function readOr(path: string, missing: (cause: unknown) => Error): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw missing(error);
    throw error;
  }
}

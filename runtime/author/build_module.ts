import { MODULE_MEDIA_TYPES } from "../core/documents/manifest.ts";
import { VerificationError } from "../core/errors.ts";
import { prepareModule } from "../core/module.ts";
import type { Sandbox } from "../sandbox/mod.ts";
import { type Bundle, BundleError, bundleScript } from "./bundle/bundle_script.ts";
import { parsersFor } from "./cell_parsers.ts";
import { mediaTypeOf } from "./module_file.ts";

/** The one module that a script's files make. */
export interface BuiltModule {
  /** What is published: the author's own bytes when one file is all there is. */
  readonly bytes: Uint8Array;
  readonly mediaType: (typeof MODULE_MEDIA_TYPES)[number];
  /** Its file name: the author's, or `.js` in place of its ending when it was bundled. */
  readonly file: string;
  /** As a cell runs it. */
  readonly javascript: string;
  /** Only of what was bundled. */
  readonly sourceMap?: Uint8Array;
  /** The author's files that went in, by their paths from the folder. */
  readonly files: readonly string[];
  /** Packages that went in, as `name@version`. */
  readonly packages: readonly string[];
}

/** How {@linkcode buildModule} builds. */
export interface BuildOptions {
  /** Where modules are parsed; one is opened for the while when absent. */
  readonly sandbox?: Sandbox;
  readonly signal?: AbortSignal;
}

/**
 * Makes of a script's files what an agent takes: one module.
 *
 * A file that stands for itself stays what it is, byte for byte. One that imports others of its
 * folder or packages, or whose TypeScript is more than types to erase, becomes one JavaScript
 * module with a source map. Either passes the import gate as it would in an agent.
 *
 * @param folder Absolute.
 * @param file Name of the entry in the folder.
 * @param bytes What stands in the entry.
 * @throws {AuthorError} module_name – when the entry is neither TypeScript nor JavaScript
 * @throws {AuthorError} bundle – when its files cannot be joined
 * @throws {CellError} – when this machine can start no cell to parse it in
 * @throws {VerificationError} – the codes of `prepareModule`
 */
export async function buildModule(
  folder: string,
  file: string,
  bytes: Uint8Array,
  options: BuildOptions = {},
): Promise<BuiltModule> {
  const mediaType = mediaTypeOf(file);
  const parsers = await parsersFor({ bytes, mediaType }, options);
  try {
    const { javascript } = prepareModule(bytes, mediaType, parsers);
    return { bytes, mediaType, file, javascript, files: [file], packages: [] };
  } catch (refusal) {
    if (!(refusal instanceof VerificationError)) throw refusal;
    if (!wantsBundle(refusal)) throw await withPlace(folder, file, refusal);
    return await builtOf(file, await bundleOr(folder, file, refusal), options);
  }
}

/**
 * A bundle as a cell runs it, through the import gate once more: what was joined is what an agent
 * will look at.
 *
 * @throws {VerificationError} – the codes of `prepareModule`
 */
export async function builtOf(
  entry: string,
  bundle: Bundle,
  options: BuildOptions = {},
): Promise<BuiltModule> {
  const { javascript: bytes, ...rest } = bundle;
  const mediaType = "text/javascript";
  const parsers = await parsersFor({ bytes, mediaType }, options);
  const { javascript } = prepareModule(bytes, mediaType, parsers);
  return { bytes, mediaType, file: entry.replace(/\.[a-z]+$/, ".js"), javascript, ...rest };
}

/** Where there was nothing to join, the agent's own words are the better ones. */
async function bundleOr(folder: string, file: string, refusal: VerificationError): Promise<Bundle> {
  try {
    return await bundleScript(folder, file);
  } catch (error) {
    throw error instanceof BundleError && !error.joined ? refusal : error;
  }
}

/** Who parses a module does not say where a mistake is; who joins files does. */
async function withPlace(folder: string, file: string, refusal: VerificationError): Promise<Error> {
  if (refusal.code !== "module_syntax") return refusal;
  const error = await bundleScript(folder, file).then(() => refusal, (error) => error);
  if (!(error instanceof BundleError) || error.mistakes.length === 0) return refusal;
  const message = `Cannot use the module as it does not parse: ${error.mistakes.join("; ")}`;
  return new VerificationError(refusal.code, message);
}

function wantsBundle({ code, cause }: VerificationError): boolean {
  if (code === "module_import") return true;
  return code === "module_syntax" && cause instanceof Error &&
    cause.message.includes("not supported in strip-only mode");
}

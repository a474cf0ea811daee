import { AuthorError } from "../errors.ts";
import { startedEsbuild } from "./esbuild.ts";
import { readImportMap } from "./import_map.ts";
import { ModuleFiles, SCRIPT } from "./module_files.ts";

/** One module made of several files. */
export interface Bundle {
  readonly javascript: Uint8Array;
  /** Source map, revision 3, whose sources are named from the script's folder. */
  readonly sourceMap: Uint8Array;
  /** The author's files that were read, by their paths from the folder, sorted. */
  readonly files: readonly string[];
  /** Packages that went in, as `name@version`, sorted. */
  readonly packages: readonly string[];
}

/** How {@linkcode bundleScript} bundles. */
export interface BundleOptions {
  /** Modules of ours by specifier, which the script may import. */
  readonly virtual?: Readonly<Record<string, string>>;
}

/** Why nothing was made, and whether there was anything to join. */
export class BundleError extends AuthorError {
  /** Whether the entry imports another file. */
  readonly joined: boolean;
  /** One line for each mistake of a file, with its place. */
  readonly mistakes: readonly string[];

  constructor(
    message: string,
    { joined, mistakes }: { joined: boolean; mistakes: readonly string[] },
    options?: ErrorOptions,
  ) {
    super("bundle", message, undefined, options);
    this.joined = joined;
    this.mistakes = mistakes;
  }
}

/**
 * Makes one JavaScript module of a script's files and the packages it imports.
 *
 * Only files of the folder are taken, and packages that are installed in a `node_modules` there or
 * above; nothing is fetched. No name, order or path of this machine goes into the result: the same
 * files make the same bytes in any folder.
 *
 * @param folder Absolute.
 * @param entry File name in the folder.
 * @throws {BundleError} bundle – with every mistake and its place
 */
export async function bundleScript(
  folder: string,
  entry: string,
  { virtual = {} }: BundleOptions = {},
): Promise<Bundle> {
  const imports = await readImportMap(folder).catch((cause) => {
    const nothing = { joined: false, mistakes: [] };
    throw new BundleError(`Cannot read "${folder}/deno.json": ${cause.message}`, nothing, {
      cause,
    });
  });
  const files = new ModuleFiles({ folder: await Deno.realPath(folder), imports, virtual });
  const esbuild = await startedEsbuild();
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: [entry],
      outfile: "mod.js",
      plugins: [files.plugin],
      bundle: true,
      write: false,
      format: "esm",
      platform: "neutral",
      target: "esnext",
      charset: "utf8",
      sourcemap: "external",
      legalComments: "inline",
      logLevel: "silent",
      tsconfigRaw: "{}",
      // What packages ask, and a cell may not answer.
      define: { "process.env.NODE_ENV": '"production"' },
    });
    const [map, code] = outputFiles;
    return {
      javascript: code!.contents,
      sourceMap: tidied(map!.text),
      files: [...files.own].sort(),
      packages: [...files.packages].sort(),
    };
  } catch (cause) {
    const { errors } = cause as { errors?: unknown };
    if (!Array.isArray(errors)) throw cause;
    const mistakes = errors.map((error) => mistakeOf(error));
    const shown = entry in virtual ? folder : `${folder}/${entry}`;
    // No cause: it says the same in other words.
    throw new BundleError(`Cannot build "${shown}":\n${mistakes.join("\n")}`, {
      joined: files.joined,
      mistakes,
    });
  }
}

/** Authors know their files by path; the text of packages lies in every registry. */
function tidied(text: string): Uint8Array {
  const map = JSON.parse(text);
  const own = (source: string) => source.startsWith(`${SCRIPT}:`);
  return new TextEncoder().encode(JSON.stringify({
    version: 3,
    sources: map.sources.map((source: string) =>
      own(source) ? source.slice(SCRIPT.length + 1) : source
    ),
    sourcesContent: map.sourcesContent.map((content: string, i: number) =>
      own(map.sources[i]) ? content : null
    ),
    names: map.names,
    mappings: map.mappings,
  }));
}

/** What the bundler says of one mistake; its columns count bytes from 0. */
interface Mistake {
  readonly text: string;
  readonly location: { file: string; line: number; column: number; lineText: string } | null;
}

function mistakeOf({ text, location }: Mistake): string {
  if (!location) return text;
  const { file, line, column, lineText } = location;
  const before = new TextDecoder().decode(new TextEncoder().encode(lineText).subarray(0, column));
  return `${file.replace(`${SCRIPT}:`, "")}:${line}:${before.length + 1} ${text}`;
}

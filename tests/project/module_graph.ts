import { fileURLToPath, pathToFileURL } from "node:url";
import { ROOT } from "./project_files.ts";

/** One import: static, literal dynamic, or of types alone. */
export interface Arrow {
  /** File, relative to the project's folder. */
  from: string;
  /** The same, or `npm:NAME`, or `node:NAME`. */
  to: string;
  /** As it is written in the file. */
  specifier: string;
}

interface Graph {
  modules: {
    specifier: string;
    error?: string;
    dependencies?: { specifier: string; code?: Target; type?: Target }[];
  }[];
}
interface Target {
  specifier?: string;
  error?: string;
}

/**
 * Every import of the files, as Deno itself resolves them.
 *
 * @param files Relative to the project's folder.
 * @throws {Error} when the graph cannot be read, or an import in it not be resolved.
 */
export async function readArrows(files: readonly string[]): Promise<Arrow[]> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const urls = files.map((file) => pathToFileURL(`${ROOT}/${file}`).href);
    await Deno.writeTextFile(entry, urls.map((url) => `import type {} from "${url}";\n`).join(""));
    const graph = await denoInfo(entry);
    const wanted = new Set(urls);
    return graph.modules.filter(({ specifier }) => wanted.has(specifier)).flatMap(arrowsOf);
  } finally {
    await Deno.remove(entry);
  }
}

async function denoInfo(entry: string): Promise<Graph> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--config", `${ROOT}/deno.json`, entry],
    cwd: ROOT,
    stdin: "null",
  }).output();
  if (!success) throw new Error(`Cannot read the imports: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

function arrowsOf({ specifier: url, error, dependencies = [] }: Graph["modules"][number]): Arrow[] {
  const from = nameOf(url);
  if (error !== undefined) throw new Error(`Cannot read the imports of ${from}: ${error}`);
  return dependencies.map(({ specifier, code, type }) => {
    const target = code ?? type;
    if (target?.specifier === undefined) {
      throw new Error(`Cannot resolve "${specifier}" in ${from}: ${target?.error}`);
    }
    return { from, to: nameOf(target.specifier), specifier };
  });
}

function nameOf(url: string): string {
  if (url.startsWith("file:")) {
    const path = fileURLToPath(url);
    return path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1) : path;
  }
  // "npm:hono@4.1.0/streaming" or "npm:/hono@4.1.0/streaming"; a scope keeps its own @.
  const npm = /^npm:\/?((?:@[^/]+\/)?[^@/]+)/.exec(url);
  return npm ? `npm:${npm[1]}` : url;
}

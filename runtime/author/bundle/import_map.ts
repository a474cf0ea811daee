/** What stands for what in the imports of a folder's `deno.json`. */
export type ImportMap = Readonly<Record<string, string>>;

/**
 * Reads `imports` of the `deno.json` in a script's folder, where editors look for it too.
 *
 * @returns Empty when there is no such file.
 * @throws {SyntaxError} when the file is not JSON, or `imports` is not a map of texts
 */
export async function readImportMap(folder: string): Promise<ImportMap> {
  let text: string;
  try {
    text = await Deno.readTextFile(`${folder}/deno.json`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
  const { imports = {} } = JSON.parse(text);
  const isMap = typeof imports === "object" && imports !== null &&
    Object.values(imports).every((target) => typeof target === "string");
  if (!isMap) throw new SyntaxError("imports must be a map of texts");
  return imports;
}

/** What a specifier stands for: its own entry, or the longest one that ends in `/` before it. */
export function mapped(map: ImportMap, specifier: string): string {
  if (Object.hasOwn(map, specifier)) return map[specifier]!;
  const [prefix] = Object.keys(map)
    .filter((key) => key.endsWith("/") && specifier.startsWith(key))
    .sort((a, b) => b.length - a.length);
  return prefix === undefined ? specifier : map[prefix] + specifier.slice(prefix.length);
}

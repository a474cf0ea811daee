import type { Attack } from "./attack.ts";

const FOLDER = new URL("corpus/", import.meta.url);

/**
 * Loads the attacks, each the default export of its file, in the order of their names.
 *
 * @param names Only these; all when empty.
 * @throws {RangeError} for a name without a file, or an attack that is named unlike its file
 */
export async function loadCorpus(names: readonly string[] = []): Promise<Attack[]> {
  const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name.replace(/\.ts$/, "")).sort();
  const unknown = names.filter((name) => !files.includes(name));
  if (unknown.length > 0) throw new RangeError(`no such attack: ${unknown.join(", ")}`);
  const chosen = names.length === 0 ? files : files.filter((name) => names.includes(name));
  return await Promise.all(chosen.map(async (file) => {
    const { default: attack } = await import(new URL(`${file}.ts`, FOLDER).href);
    if (attack.name !== file) throw new RangeError(`${file}.ts names its attack ${attack.name}`);
    return attack as Attack;
  }));
}

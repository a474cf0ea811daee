/**
 * Nests folders far deeper than any path can name, by moving what there is into what is new.
 *
 * @param name What each is called.
 * @param step How many one path names.
 */
export function nest(folder: string, depth: number, name = "d", step = 300): void {
  Deno.mkdirSync(folder, { recursive: true });
  for (let level = 0; level < depth; level += step) {
    const leaf = `${folder}/next${`/${name}`.repeat(step - 1)}`;
    Deno.mkdirSync(leaf, { recursive: true });
    if (level > 0) Deno.renameSync(`${folder}/top`, `${leaf}/${name}`);
    Deno.renameSync(`${folder}/next`, `${folder}/top`);
  }
}

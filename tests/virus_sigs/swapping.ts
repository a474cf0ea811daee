// Runs with an agent's rights: makes and uses one generation after another, each of two files of
// the same content, until it is killed. Says each that is in use.
import { Generations } from "../../runtime/capabilities/scanner/generations.ts";
import { ScannerPrograms } from "../../runtime/capabilities/scanner/programs.ts";

const [folder] = Deno.args;
const user = Deno.uid() === 0 ? 65534 : undefined;
const programs = new ScannerPrograms(() => Promise.resolve(user));
const generations = new Generations(folder!, programs);
await generations.prepare();
const { signal } = new AbortController();
while (true) {
  const staged = await generations.stage();
  const content = crypto.randomUUID().repeat(5_000);
  for (const name of ["a.hdb", "b.hdb"]) await Deno.writeTextFile(`${staged}/${name}`, content);
  const about = { made: Date.now(), tested: true, sources: {} };
  const generation = await generations.add(staged, about);
  await generations.use(generation, signal);
  await generations.trim(3);
  await Deno.stdout.write(new TextEncoder().encode(`${generation.id}\n`));
}

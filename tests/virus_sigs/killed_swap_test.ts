import assert from "node:assert/strict";
import { Generations } from "../../runtime/capabilities/scanner/generations.ts";
import { ScannerPrograms } from "../../runtime/capabilities/scanner/programs.ts";
import { linesOf } from "../bench/lines.ts";

const ROUNDS = 12;

/** What a scanner would read now: it follows the link once, and then reads what it leads to. */
function inUse(folder: string): string {
  const generation = Deno.realPathSync(`${folder}/current`);
  const [a, b] = ["a.hdb", "b.hdb"].map((name) => Deno.readTextFileSync(`${generation}/${name}`));
  assert.equal(a, b, "half of one generation and half of another");
  assert.equal(a!.length, 180_000, "a part of a file");
  return generation;
}

/** As it would be were files replaced where they lie. */
async function halfSwapped(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/current`);
  await Deno.writeTextFile(`${folder}/current/a.hdb`, "new");
  await Deno.writeTextFile(`${folder}/current/b.hdb`, "old");
}

Deno.test({
  name: "kill -9 at any moment of a swap: a scanner never sees half a generation",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "writ-swap-" });
    try {
      await halfSwapped(folder);
      assert.throws(() => inUse(folder), /half of one/, "control: half of one would be seen");
      await Deno.remove(`${folder}/current`, { recursive: true });
      let looks = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const child = new Deno.Command(Deno.execPath(), {
          args: [
            "run",
            "--quiet",
            "--no-prompt",
            "--allow-read",
            `--allow-write=${folder}`,
            "--allow-sys=uid",
            "--allow-run=/usr/bin/setpriv",
            new URL("swapping.ts", import.meta.url).pathname,
            folder,
          ],
          stdout: "piped",
          stderr: "inherit",
        }).spawn();
        const lines = linesOf(child.stdout);
        const first = await lines.next();
        assert.ok(!first.done, "it did not begin");
        // A different moment each time, counted in looks and not in time.
        for (let look = 0; look < round * 3; look++, looks++) {
          inUse(folder);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        child.kill("SIGKILL");
        await child.status;
        await lines.return(undefined);
        inUse(folder);
      }
      assert.ok(looks > ROUNDS);
      const generations = new Generations(folder, new ScannerPrograms(() => Promise.resolve(0)));
      await generations.prepare();
      const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
      assert.deepEqual(left, ["current", "generations"], "what was half-done is swept");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

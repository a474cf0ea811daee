import assert from "node:assert/strict";
import { SignatureOffice } from "../../runtime/cli/demo/virus_sigs/office.ts";
import { requireReal } from "../real/require_real.ts";
import { EICAR } from "./canary.ts";
import { haveClamav, readTestDatabase } from "./clamav_data.ts";
import { until } from "./until.ts";

const PROGRAMS = ["freshclam", "clamscan", "sigtool"] as const;
const ignore = !haveClamav(PROGRAMS);
const programs = ignore ? undefined : requireReal(PROGRAMS);
const SETTINGS = { databases: ["test"], every: 2 };
const file = (name: string, from = name) => ({ name, bytes: readTestDatabase(from) });
const INCREMENTS = [2, 3, 4, 5, 6].map((version) => file(`test-${version}.cdiff`));

/** A machine whose scanner was given its databases by hand. */
async function withVersion(folder: string, version: number): Promise<void> {
  await Deno.mkdir(`${folder}/generations/1`, { recursive: true });
  const bytes = readTestDatabase(`test-${version}.cvd`);
  await Deno.writeFile(`${folder}/generations/1/test.cvd`, bytes);
  await Deno.symlink("generations/1", `${folder}/current`);
}

/** Whether the real scanner finds the canary with what is in use. */
async function finds(folder: string): Promise<boolean> {
  const canary = await Deno.makeTempFile();
  await Deno.writeTextFile(canary, EICAR);
  const { code } = await new Deno.Command(programs!.clamscan, {
    args: [`--database=${folder}/current`, "--no-summary", canary],
    stdout: "null",
  }).output();
  await Deno.remove(canary);
  assert.ok(code === 0 || code === 1, `clamscan ended with ${code}`);
  return code === 1;
}

Deno.test({
  name: "agents test, use and pass on what one of them was given; an order rolls one back",
  ignore,
  async fn(t) {
    const root = await Deno.makeTempDir();
    await Deno.chmod(root, 0o755);
    const folder = (name: string) => `${root}/${name}`;
    for (const name of ["a", "b"]) await withVersion(folder(name), 1);
    await using office = await SignatureOffice.open([
      { name: "a", peers: ["b"], scanner: `{ folder: ${folder("a")} }` },
      { name: "b", peers: ["a"], scanner: `{ folder: ${folder("b")} }` },
    ], SETTINGS);
    const order = async (...order: Parameters<SignatureOffice["order"]>) => {
      const outcome = await office.order(...order);
      assert.equal(outcome.outcome, "ok", JSON.stringify(outcome));
      // deno-lint-ignore no-explicit-any -- JSON of the script's own
      return (outcome as { result?: any }).result;
    };

    await t.step("v1 does not find the canary, and is not used where it is new", async () => {
      assert.equal(await finds(folder("a")), false);
      const { used } = await order("a", { do: "publish" }, [file("test.cvd", "test-1.cvd")]);
      assert.equal(used, "refused");
    });
    await t.step("v6 is used by both within seconds", async () => {
      await order("b", { do: "sync" });
      await order("a", { do: "publish" }, [...INCREMENTS, file("test.cvd", "test-6.cvd")]);
      assert.equal(await finds(folder("a")), true);
      await until(() => finds(folder("b")));
      const { scanner, fleet } = await office.status("b");
      assert.deepEqual(scanner.uses, { test: 6 });
      assert.equal(scanner.current.tested, true);
      assert.deepEqual(scanner.current.files, ["test.cld"], "freshclam used the increments");
      await until(async () => (await office.status("b")).fleet[0].uses.test === 6);
      assert.equal(fleet[0].name, "a");
    });
    await t.step("a rollback leads to the generation before, and stays there", async () => {
      const { current } = await order("b", { do: "rollback" });
      assert.equal(current.id, 1);
      assert.equal(await finds(folder("b")), false);
      await order("b", { do: "sync" });
      assert.equal((await office.status("b")).scanner.current.id, 1);
    });
    await Deno.remove(root, { recursive: true });
  },
});

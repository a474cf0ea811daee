import assert from "node:assert/strict";
import { FleetFolder } from "../fleet_folder.ts";
import { withAgent } from "../with_agent.ts";

Deno.test("order SCRIPT --help shows the fields of the script's input", async () => {
  using fleet = await FleetFolder.make();
  const before = await fleet.done("order", "example/hello", "--help");
  assert.match(before.stdout, /no fields that are known/);
  await fleet.publishHello();
  const after = await fleet.done("order", "example/hello", "--help");
  assert.match(after.stdout, /--follow [^]*Input of example\/hello:\n {2}--name <text> +1 to 100/);
  assert.match((await fleet.done("order", "--help")).stdout, /^Usage: writ order/);
});

Deno.test("order takes fields as options, and sends nothing that does not fit", async (t) => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  fleet.file("in.json", '{\n  "name": ""\n}\n');
  await withAgent(fleet, async () => {
    await t.step("a field is part of the input", async () => {
      const ran = await fleet.done("order", "example/hello", "--name", "Ada", "--follow", "--json");
      assert.equal(ran.json<{ result: { greeting: string } }>().result.greeting, "Hello, Ada!");
    });
    const cases = [
      ["a field that does not fit", ["--name", ""], /: --name must have at least 1 char/],
      ["a file that does not fit", ["--input", "@in.json"], /: in\.json:2:11 \/name must/],
      ["JSON that does not fit", ["--input", "[]"], /: --input:1:1 it must/],
      ["a field that is none", ["--nam", "Ada"], /did you mean --name\?/],
      ["fields beside a list", ["--input", "[]", "--name", "Ada"], /no object/],
    ] as const;
    for (const [name, args, words] of cases) {
      await t.step(name, async () => {
        const ran = await fleet.writ(["order", "example/hello", ...args]);
        assert.equal(ran.exit, 2, ran.stderr);
        assert.match(ran.stderr, words);
      });
    }
    await t.step("nothing of it reached the agent", async () => {
      const { runs } = (await fleet.done("runs", "--json")).json<{ runs: unknown[] }>();
      assert.equal(runs.length, 1);
    });
  });
});

Deno.test("order exits 2 without a script", async () => {
  using fleet = await FleetFolder.make();
  assert.equal((await fleet.writ(["order"])).exit, 2);
});

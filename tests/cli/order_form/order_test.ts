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

Deno.test("order names the script that was meant when no source knows the one that was typed", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  const ran = await fleet.writ(["order", "example/helo", "--name", "Ada"]);
  assert.equal(ran.exit, 2);
  assert.match(ran.stderr, /did you mean example\/hello\?/);
  const explained = await fleet.writ(["policy", "explain", "hello"]);
  assert.match(explained.stderr, /did you mean example\/hello\?/);
});

Deno.test("order says how to name a key when the fleet has no operator's", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  Deno.removeSync(`${fleet.path}/keys/operator.pem`);
  const ran = await fleet.writ(["order", "example/hello", "--json"]);
  const { error } = ran.json<{ error: { code: string; hint: string } }>();
  assert.equal(error.code, "no_such_file");
  assert.match(error.hint, /--key FILE/);
});

Deno.test("agent status finds the agent of the fleet folder", async () => {
  using fleet = await FleetFolder.make();
  const { url, level } = (await fleet.writ(["agent", "status", "--json"])).json();
  assert.deepEqual([url, level], [null, null]);
  await withAgent(fleet, async () => {
    const status = (await fleet.done("agent", "status", "--json")).json<{ url: string }>();
    assert.match(status.url, /^http:\/\/127\.0\.0\.1:/);
  });
});

Deno.test("order exits 2 without a script", async () => {
  using fleet = await FleetFolder.make();
  assert.equal((await fleet.writ(["order"])).exit, 2);
});

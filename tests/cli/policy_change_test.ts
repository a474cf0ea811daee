import assert from "node:assert/strict";
import { FleetFolder } from "./fleet_folder.ts";

type Failed = { error: { code: string; hint?: string } };
const HASH = `sha256:${"0".repeat(64)}`;

Deno.test("policy deny writes each kind of ban, says what it means, and does it once", async (t) => {
  using fleet = await FleetFolder.make();
  const comments = fleet.read("policy/accept.yaml").match(/^#.*$/gm);
  const cases: [what: string, entry: Record<string, string>][] = [
    ["example/hello", { script: "example/hello" }],
    ["example/hello@<1.0.0", { script: "example/hello", range: "<1.0.0" }],
    [HASH, { sha256: HASH }],
    [`example/hello@${HASH.replace("0", "1")}`, { sha256: HASH.replace("0", "1") }],
    ["keys/publisher.pub.pem", {}],
  ];
  for (const [what, entry] of cases) {
    await t.step(what, async () => {
      const args = ["policy", "deny", what, "--reason", "test", "--yes", "--json"];
      const answer = (await fleet.done(...args)).json<
        { entry: object; wrote: string[]; changes: { effect: string }[] }
      >();
      assert.equal(answer.wrote.length, 1);
      assert.ok(answer.changes.every(({ effect }) => effect === "narrows"));
      assert.deepEqual({ ...answer.entry, ...entry, reason: "test" }, answer.entry);
      assert.deepEqual((await fleet.done(...args)).json().wrote, []);
    });
  }
  assert.deepEqual(fleet.read("policy/accept.yaml").match(/^#.*$/gm), comments);
  assert.equal((await fleet.done("policy", "check", "--json")).json().ok, true);
});

Deno.test("policy deny tells a word that it cannot know, and one that nothing accepts", async () => {
  using fleet = await FleetFolder.make();
  const ran = await fleet.writ(["policy", "deny", "hello", "--yes", "--json"]);
  assert.deepEqual([ran.exit, ran.json<Failed>().error.code], [2, "usage"]);
  const { stderr } = await fleet.writ(["policy", "deny", "example/helo"], {
    terminal: true,
    stdin: "n\n",
  });
  assert.match(stderr, /did you mean "example\/hello"\?/);
  assert.match(fleet.read("policy/accept.yaml"), /^deny: \[\]$/m);
});

Deno.test("policy deny narrows a signed list as well", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("policy", "sign", "--expires", "30 d");
  fleet.file("machine/policy/fleet.yaml", "fleet: test\nmode: signed\nroot: signed\n");
  for (const name of ["root.1.json", "acceptlist.1.json"]) {
    fleet.file(`machine/policy/signed/${name}`, fleet.read(`policy/signed/${name}`));
  }
  await fleet.done("policy", "deny", "example/hello", "--yes", "--fleet", "machine");
  const checked = await fleet.done("policy", "check", "machine/policy", "--json");
  assert.equal(checked.json().ok, true);
  const diff = await fleet.writ(["policy", "diff", "machine/policy", "policy", "--json"]);
  assert.equal(diff.json().wider, true);
});

Deno.test("policy undo has back every file of the last change, once, and none edited since", async () => {
  using fleet = await FleetFolder.make();
  const refused = async () => {
    const ran = await fleet.writ(["policy", "undo", "--yes", "--json"]);
    return ran.exit === 1 && ran.json<Failed>().error.code;
  };
  assert.equal(await refused(), "refused", "nothing was changed yet");
  const before = fleet.read("policy/accept.yaml");
  await fleet.done("policy", "deny", "example/hello", "--yes");
  const { changes } = (await fleet.done("policy", "undo", "--yes", "--json")).json<
    { changes: { effect: string }[] }
  >();
  assert.deepEqual(changes.map(({ effect }) => effect), ["widens"]);
  assert.equal(fleet.read("policy/accept.yaml"), before);
  assert.equal(await refused(), "refused", "it is undone");
  await fleet.done("policy", "deny", "example/hello", "--yes");
  const edited = `${fleet.read("policy/accept.yaml")}# mine\n`;
  fleet.file("policy/accept.yaml", edited);
  assert.equal(await refused(), "refused", "it was edited since");
  assert.equal(fleet.read("policy/accept.yaml"), edited);
});

Deno.test("policy undo removes a file that the change made", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  const grant = fleet.read("policy/grants/hello.yaml");
  Deno.removeSync(`${fleet.path}/policy/grants/hello.yaml`);
  await fleet.done("policy", "accept", "dist/manifest.signed.json", "--yes");
  assert.match(fleet.read("policy/grants/hello.yaml"), /^script: example\/hello$/m);
  await fleet.done("policy", "undo", "--yes");
  assert.throws(() => fleet.read("policy/grants/hello.yaml"), Deno.errors.NotFound);
  fleet.file("policy/grants/hello.yaml", grant);
});

Deno.test("policy undo writes to no file that a spoilt .undo.json names", async (t) => {
  for (const name of ["../keys/root.yaml", "/etc/passwd", "grants/../../x.yaml", "x.pem"]) {
    await t.step(name, async () => {
      using fleet = await FleetFolder.make();
      fleet.file("policy/.undo.json", JSON.stringify([{ name, before: "x", after: HASH }]));
      assert.equal((await fleet.writ(["policy", "undo", "--yes"])).exit, 1);
    });
  }
});

Deno.test("policy accept says which entry covers a release, and writes no second one", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  const before = fleet.read("policy/accept.yaml");
  const args = ["policy", "accept", "dist/manifest.signed.json", "--yes"];
  const answer = (await fleet.done(...args, "--json")).json();
  assert.deepEqual([answer.acceptedBy, answer.wrote], ["versions ^1.0.0", []]);
  assert.match((await fleet.done(...args)).stdout, /accepted already: versions \^1\.0\.0/);
  assert.equal(fleet.read("policy/accept.yaml"), before);
});

Deno.test("policy accept refuses what a deny entry forbids, and names it", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  await fleet.done("policy", "deny", "example/hello@<1.5.0", "--yes");
  const args = ["policy", "accept", "dist/manifest.signed.json", "--yes", "--json"];
  const ran = await fleet.writ(args);
  assert.deepEqual([ran.exit, ran.json<Failed>().error.code], [1, "refused"]);
});

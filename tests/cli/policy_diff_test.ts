import assert from "node:assert/strict";
import type { PolicyChange } from "../../runtime/policy/mod.ts";
import { FleetFolder } from "./fleet_folder.ts";
import { withAgent } from "./with_agent.ts";

type Diff = { wider: boolean; changes: PolicyChange[] };

/** Adds a deny entry to the files. */
function deny(fleet: FleetFolder): void {
  const entry = "deny: [{ script: example/hello, reason: leaks }]";
  fleet.file("policy/accept.yaml", fleet.read("policy/accept.yaml").replace("deny: []", entry));
}

Deno.test("policy diff compares the files with what is in force, and reload takes them", async () => {
  using fleet = await FleetFolder.make();
  await withAgent(fleet, async () => {
    assert.deepEqual((await fleet.done("policy", "diff", "--json")).json<Diff>().changes, []);
    deny(fleet);
    const { changes } = (await fleet.done("policy", "diff", "--json")).json<Diff>();
    assert.deepEqual(changes.map(({ part, effect }) => [part, effect]), [["deny", "narrows"]]);
    const reloaded = await fleet.done("policy", "reload", "--json");
    assert.deepEqual(reloaded.json<Diff>().changes, changes);
    assert.deepEqual((await fleet.done("policy", "diff", "--json")).json<Diff>().changes, []);
    fleet.file(
      "policy/accept.yaml",
      fleet.read("policy/accept.yaml").replace(/deny: .*/, "deny: []"),
    );
    const ran = await fleet.writ(["policy", "diff", "--json"]);
    assert.deepEqual([ran.exit, ran.json<Diff>().wider], [1, true], "a ban that ends is wider");
  });
});

Deno.test("policy reload of a folder with mistakes names each, and keeps what was in force", async () => {
  using fleet = await FleetFolder.make();
  await withAgent(fleet, async () => {
    const good = fleet.read("policy/accept.yaml");
    fleet.file("policy/accept.yaml", good.replace("deny: []", "denny: []"));
    const ran = await fleet.writ(["policy", "reload", "--json"]);
    const { error } = ran.json<{ error: { code: string; message: string } }>();
    assert.deepEqual([ran.exit, error.code], [1, "policy"]);
    assert.match(error.message, /accept\.yaml:\d+:\d+ denny .*"deny"/s);
    fleet.file("policy/accept.yaml", good);
    assert.deepEqual((await fleet.done("policy", "diff", "--json")).json<Diff>().changes, []);
  });
});

Deno.test("policy diff compares two folders and two signed lists, with an exit code", async (t) => {
  using fleet = await FleetFolder.make();
  await fleet.done("policy", "sign", "--expires", "30 d");
  for (const name of ["fleet.yaml", "accept.yaml", "grants/hello.yaml"]) {
    fleet.file(`old/${name}`, fleet.read(`policy/${name}`));
  }
  deny(fleet);
  await fleet.done("policy", "sign", "--expires", "30 d");
  const cases: [before: string, after: string, exit: number][] = [
    ["old", "policy", 0],
    ["policy", "old", 1],
    ["1", "2", 0],
    ["2", "1", 1],
    ["1", "1", 0],
    ["1", "9", 1],
    ["1", "nowhere", 2],
  ];
  for (const [before, after, exit] of cases) {
    await t.step(`${before} ${after}`, async () => {
      assert.equal((await fleet.writ(["policy", "diff", before, after])).exit, exit);
    });
  }
});

Deno.test("policy diff marks each change before its words, and paints what is wider red", async () => {
  using fleet = await FleetFolder.make();
  for (const name of ["fleet.yaml", "accept.yaml", "grants/hello.yaml"]) {
    fleet.file(`old/${name}`, fleet.read(`policy/${name}`));
  }
  deny(fleet);
  const args = ["policy", "diff", "policy", "old"];
  assert.match((await fleet.writ(args)).stdout, /^\+ deny example\/hello: every version/m);
  const painted = (await fleet.writ(args, { terminal: true })).stdout;
  assert.match(painted, /^\p{Cc}\[31m\+ deny /mu);
});

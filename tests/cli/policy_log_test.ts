import assert from "node:assert/strict";
import { FleetFolder } from "./fleet_folder.ts";
import { withAgent } from "./with_agent.ts";

interface Log {
  lists: { version: number; signed: boolean; follows: boolean; changes: unknown[] }[];
  loads: { policy: string; changes: string[] }[];
}

Deno.test("policy log walks the lists, show says one of them", async (t) => {
  using fleet = await FleetFolder.make();
  const log = async () => (await fleet.done("policy", "log", "--json")).json<Log>();
  await t.step("none yet", async () => {
    assert.deepEqual((await log()).lists, []);
    assert.equal((await fleet.writ(["policy", "show", "--json"])).exit, 1);
  });
  await fleet.done("policy", "sign", "--expires", "30 d");
  await fleet.done("policy", "deny", "example/hello", "--yes");
  await fleet.done("policy", "sign", "--expires", "30 d");
  await t.step("two", async () => {
    const { lists } = await log();
    assert.deepEqual(
      lists.map(({ version, signed, follows, changes }) => [
        version,
        signed,
        follows,
        changes.length > 0,
      ]),
      [[1, true, true, true], [2, true, true, true]],
    );
    assert.match((await fleet.done("policy", "log")).stdout, /^2 .*0 wider, 1 narrower/m);
  });
  await t.step("one of them", async () => {
    const shown = (await fleet.done("policy", "show", "2", "--json")).json<
      { version: number; changes: { part: string }[] }
    >();
    assert.deepEqual([shown.version, shown.changes.map(({ part }) => part)], [2, ["deny"]]);
    assert.deepEqual((await fleet.done("policy", "show", "--json")).json(), shown);
    assert.match((await fleet.done("policy", "show", "1")).stdout, /example\/hello: versions/);
    assert.equal((await fleet.writ(["policy", "show", "7"])).exit, 1);
  });
  await t.step("one that was put in another's place", async () => {
    const first = fleet.read("policy/signed/acceptlist.1.json");
    Deno.removeSync(`${fleet.path}/policy/signed/acceptlist.2.json`);
    await fleet.done("policy", "undo", "--yes");
    await fleet.done("policy", "deny", "example/hello", "--reason", "other", "--yes");
    Deno.removeSync(`${fleet.path}/policy/signed/acceptlist.1.json`);
    await fleet.done("policy", "sign", "--expires", "20 d");
    await fleet.done("policy", "sign", "--expires", "30 d");
    fleet.file("policy/signed/acceptlist.1.json", first);
    assert.deepEqual((await log()).lists.map(({ follows }) => follows), [true, false]);
  });
});

Deno.test("policy log tells what the agent here loaded, and when", async () => {
  using fleet = await FleetFolder.make();
  await withAgent(fleet, async () => {
    await fleet.done("policy", "deny", "example/hello", "--yes");
    await fleet.done("policy", "reload");
    const { loads } = (await fleet.done("policy", "log", "--json")).json<Log>();
    assert.deepEqual(loads.map(({ changes }) => changes.length), [1, 0]);
    assert.match(loads[0]!.changes[0]!, /^- deny example\/hello: every version is denied/);
  });
});

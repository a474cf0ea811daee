import assert from "node:assert/strict";
import { FleetFolder } from "./fleet_folder.ts";
import { withAgent } from "./with_agent.ts";

type Runs = { runs: { id: number; state: string }[] };

Deno.test("order --every and --cron leave the next run behind the first", async (t) => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  await withAgent(fleet, async () => {
    const waiting = async () => {
      const { runs } = (await fleet.done("runs", "--json")).json<Runs>();
      return runs.filter(({ state }) => state !== "ended").length;
    };
    const order = ["order", "example/hello", "--expires", "30 d"];
    await t.step("--every", async () => {
      await fleet.done(...order, "--every", "1 h", "--follow");
      assert.equal(await waiting(), 1);
    });
    await t.step("--cron", async () => {
      const cron = ["--cron", "0 9 * * 1-5", "--timezone", "Asia/Tokyo"];
      const { due } = (await fleet.done(...order, ...cron, "--json")).json<{ due: string }>();
      assert.equal(await waiting(), 2);
      assert.match(due, /T00:00:00/, "nine in Tokyo, and not at once");
      assert.ok((await fleet.done("runs")).stdout.includes(due), "the list says when it is due");
    });
    const cases: Record<string, string[]> = {
      "a pattern that is none": ["--cron", "daily"],
      "a zone that is none": ["--cron", "0 9 * * *", "--timezone", "Nowhere/Here"],
      "more often than once a minute": ["--every", "59 s"],
      "both": ["--every", "1 h", "--cron", "0 9 * * *"],
      "a second time after it expires": ["--every", "31 d"],
      "a pattern that is never due": ["--cron", "0 9 30 2 *"],
    };
    for (const [name, args] of Object.entries(cases)) {
      await t.step(name, async () => {
        assert.equal((await fleet.writ([...order, ...args, "--json"])).exit, 2);
      });
    }
    assert.equal(await waiting(), 2);
  });
});

import assert from "node:assert/strict";
import { until } from "../../until.ts";
import type { AgentChild } from "../../bench/swarm/agent_child.ts";
import { haveNamespaces, TwoMachines } from "./namespaces.ts";

Deno.test({
  name: "two machines find each other by mdns, lose each other, and meet again",
  ignore: !await haveNamespaces(),
  async fn(t) {
    await using machines = await TwoMachines.open();
    await using a = await machines.start(0);
    await using b = await machines.start(1);
    const both: [AgentChild, AgentChild][] = [[a, b], [b, a]];
    const round = (agent: AgentChild) => agent.ask<string[]>("round");
    const meet = () =>
      until(async () => {
        const known = [await round(a), await round(b)];
        return known[0]!.includes(b.id) && known[1]!.includes(a.id);
      });
    await t.step("none knows an address of the other", async () => {
      assert.deepEqual([await round(a), await round(b)], [[], []]);
    });
    await t.step("by multicast, and then by calls", async () => {
      // One after the other, so that the second asks when the first can answer.
      for (const [agent] of both) await agent.ask(`members ${JSON.stringify([a.id, b.id])}`);
      await meet();
    });
    await t.step("a partition has each forget the other", async () => {
      await machines.connect(false);
      for (const [agent] of both) await until(async () => (await round(agent)).length === 0);
    });
    await t.step("healed, they talk again to whom their policies list", async () => {
      for (const [agent, { id, url }] of both) {
        await agent.ask(`seeds ${JSON.stringify([{ name: "other", id, url, labels: [] }])}`);
        assert.deepEqual(await round(agent), [], "there is no way yet");
      }
      await machines.connect(true);
      await meet();
    });
  },
});

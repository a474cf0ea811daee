import assert from "node:assert/strict";
import { within } from "../within.ts";
import { TestHub, WHO } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";
import { testInBothStores } from "./stores.ts";

testInBothStores("a link", {
  "begins approved when that was said while it was made": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub, "box", false);
    using link = await agent.connectAfter(() => hub.services.agents.approve("acme", WHO, agent.id));
    assert.equal((await link.hear("standing")).standing, "approved");
  },
  "begins pending, and hears when it is approved": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub, "box", false);
    using link = await agent.connect();
    assert.equal((await link.hear("standing")).standing, "pending");
    await hub.services.agents.approve("acme", WHO, agent.id);
    assert.equal((await link.hear("standing")).standing, "approved");
  },
  "ends when its agent was revoked while it was made": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    using link = await agent.connectAfter(() =>
      hub.services.agents.revoke("acme", WHO, agent.id, "lost")
    );
    const end = await link.closed;
    assert.deepEqual([end.kind, end.kind === "closed" && end.code], ["closed", 4003]);
  },
  "ends when the database fails, for the agent to come again": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    const rename = (from: string, to: string) =>
      hub.services.database.run(`ALTER TABLE ${from} RENAME TO ${to}`);
    using link = await agent.connectAfter(() => rename("agents", "lost"));
    const end = await link.closed;
    assert.deepEqual([end.kind, end.kind === "closed" && end.code], ["closed", 4011]);
    await rename("lost", "agents");
    using next = await agent.connect();
    assert.equal((await next.hear("standing")).standing, "approved");
  },
});

Deno.test("an agent that was revoked says so, whether it was connected or not, and comes back slowly", async () => {
  await using hub = await TestHub.start();
  await using machine = await hub.machine();
  await machine.enrol();
  const said = async (message: string, when: () => Promise<void>) => {
    const heard = Promise.withResolvers<Record<string, unknown>>();
    machine.log = (_, what, fields = {}) => what === message && heard.resolve(fields);
    await when();
    return await within(heard.promise, message);
  };
  await said("hub connected", () => machine.start());
  const revoked = [
    await said(
      "revoked at the hub",
      () => hub.services.agents.revoke("acme", WHO, machine.id, "lost"),
    ),
    await said("revoked at the hub", () => machine.restart()),
  ];
  for (const { waitMs } of revoked) assert.ok(Number(waitMs) >= 5 * 60_000, String(waitMs));
});

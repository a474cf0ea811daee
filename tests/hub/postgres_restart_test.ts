import assert from "node:assert/strict";
import { requireReal } from "../real/require_real.ts";
import { HubError } from "../../runtime/hub/mod.ts";
import { TestHub, until, WHO } from "./hub_fixture.ts";
import { RealPostgres } from "./real_postgres.ts";

const ignore = Deno.build.os !== "linux" || !requireReal(["../lib/postgresql/15/bin/postgres"]);

Deno.test(
  { name: "a hub outlives a PostgreSQL that is killed, and loses no order", ignore },
  async () => {
    await using postgres = await RealPostgres.start();
    await using hub = await TestHub.start({ database: await postgres.newDatabase() });
    hub.fleet.publish("1.0.0");
    await using machine = await hub.machine();
    await machine.enrol();
    await machine.start();
    const { agents, orders } = hub.services;
    const isOnline = async () => (await agents.get("acme", machine.id)).presence.state === "online";
    await until(hub, isOnline);
    const order = () =>
      orders.create("acme", WHO, {
        script: { name: hub.fleet.script, range: "*" },
        ...{ select: "all" as const, expiresMs: 60_000 },
      });
    machine.runner.hang();
    const before = await order();
    await until(hub, async () => (await orders.get("acme", before.id)).counts.running === 1);
    await postgres.end();
    await assert.rejects(order(), (e) => e instanceof HubError && e.code === "database");
    machine.runner.answer = () => ({ outcome: "ok", result: null });
    await postgres.begin();
    const after = await order();
    await hub.hub.round();
    await until(hub, async () => (await orders.get("acme", after.id)).outcomes.ok === 1);
    assert.equal((await orders.get("acme", before.id)).counts.running, 1);
  },
);

import assert from "node:assert/strict";
import { requireReal } from "../real/require_real.ts";
import { HubError } from "../../runtime/hub/mod.ts";
import { openHubDatabase } from "../../runtime/hub/database/open_database.ts";
import { until } from "../until.ts";
import { TestHub, until as untilTold, WHO } from "./hub_fixture.ts";
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
    await untilTold(hub, isOnline);
    const order = () =>
      orders.create("acme", WHO, {
        script: { name: hub.fleet.script, range: "*" },
        ...{ select: "all" as const, expiresMs: 60_000 },
      });
    const authorization = `Bearer ${await hub.token()}`;
    machine.runner.hang();
    const before = await order();
    await untilTold(hub, async () => (await orders.get("acme", before.id)).counts.running === 1);
    await postgres.end();
    await assert.rejects(order(), (e) => e instanceof HubError && e.code === "database");
    const away = await fetch(`${hub.hub.url}/api/v1/agents`, { headers: { authorization } });
    assert.deepEqual([away.status, away.headers.get("retry-after")], [503, "2"]);
    assert.equal((await away.json()).error.code, "database");
    machine.runner.answer = () => ({ outcome: "ok", result: null });
    await postgres.begin();
    const after = await order();
    await hub.hub.round();
    await untilTold(hub, async () => (await orders.get("acme", after.id)).outcomes.ok === 1);
    assert.equal((await orders.get("acme", before.id)).counts.running, 1);
  },
);

Deno.test(
  { name: "a transaction whose connection is lost throws, and the next one has another", ignore },
  async () => {
    await using postgres = await RealPostgres.start();
    await using database = await openHubDatabase(await postgres.newDatabase());
    const isLost = (e: unknown) => e instanceof HubError && e.code === "database";
    const answers = async () => {
      const asked = Array.from({ length: 20 }, (_, i) => database.get(`SELECT ${i} AS i`));
      assert.equal((await Promise.all(asked)).length, 20);
      await database.transaction((tx) => tx.run("CREATE TABLE IF NOT EXISTS things (id BIGINT)"));
    };
    // While it waits for an answer, and between two questions.
    await assert.rejects(
      database.transaction((tx) => tx.get("SELECT pg_terminate_backend(pg_backend_pid())")),
      isLost,
    );
    await answers();
    const idle = database.transaction(async (tx) => {
      await tx.run("INSERT INTO things VALUES (1)");
      const row = await tx.get<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      await database.get("SELECT pg_terminate_backend(?1::int)", [row!.pid]);
      // Also where the work itself lets nothing of it through.
      await until(() => tx.get("SELECT 1").then(() => false, () => true));
    });
    await assert.rejects(idle, isLost);
    await answers();
    assert.equal(await database.get("SELECT id FROM things"), undefined);
  },
);

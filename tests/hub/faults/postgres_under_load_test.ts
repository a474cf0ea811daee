/** PostgreSQL, restarted again and again while orders are on their way. */
import assert from "node:assert/strict";
import { requireReal } from "../../real/require_real.ts";
import { until } from "../../until.ts";
import { TestHub } from "../hub_fixture.ts";
import { RealPostgres } from "../real_postgres.ts";
import { assertAllRanOnce, Load } from "./load.ts";
import { SimulatedAgent } from "./simulated_agent.ts";

const AGENTS = 6;
const RESTARTS = 2;
const ignore = Deno.build.os !== "linux" || !requireReal(["../lib/postgresql/15/bin/postgres"]);

Deno.test(
  { name: "PostgreSQL restarted under load loses no order, and has none run twice", ignore },
  async () => {
    await using postgres = await RealPostgres.start();
    await using hub = await TestHub.start({ database: await postgres.newDatabase() });
    hub.fleet.publish("1.0.0");
    await using closing = new AsyncDisposableStack();
    const agents: SimulatedAgent[] = [];
    for (let i = 0; i < AGENTS; i++) {
      agents.push(closing.use(await SimulatedAgent.enrolled(hub)));
    }
    for (const agent of agents) agent.begin(hub.hub.id, [hub.hub.url]);
    await until(() => agents.every(({ isConnected }) => isConnected));
    const [victim] = agents;
    const load = new Load(await hub.token(), [hub.hub.url]);
    closing.defer(() => load.end());
    for (let i = 0; i < RESTARTS; i++) {
      await load.more(3);
      // What reaches this one from now on is certainly not told of when the server dies.
      victim!.isDeaf = true;
      const before = victim!.heard.size;
      await until(() => victim!.heard.size > before);
      await postgres.end();
      // It says what it has run meanwhile, though nothing can be stored.
      victim!.hear();
      await postgres.begin();
    }
    await load.more(3);
    await load.end();
    await hub.hub.round();
    await assertAllRanOnce(hub.services, agents, load.accepted);
    assert.ok(victim!.ends > 0, "its connection ended while nothing could be stored");
  },
);

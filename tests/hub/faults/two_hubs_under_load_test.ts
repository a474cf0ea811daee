/** Two hubs of one PostgreSQL and one NATS: the bus goes away and comes back, then a hub is killed. */
import assert from "node:assert/strict";
import { HubApi } from "../../../runtime/cli/reach/hub_api.ts";
import { freePort } from "../../free_port.ts";
import { until } from "../../until.ts";
import { TestHub } from "../hub_fixture.ts";
import { realServers, startNats } from "../real_nats.ts";
import { RealPostgres } from "../real_postgres.ts";
import { HubProgram, secondState } from "./hub_program.ts";
import { assertAllRanOnce, Load, orderAll } from "./load.ts";
import { SimulatedAgent } from "./simulated_agent.ts";

/** At each of the two hubs. */
const AGENTS = 8;

Deno.test({
  name: "of two hubs under load, neither a bus that is away nor one's death loses an order",
  ignore: !realServers,
  async fn(t) {
    await using closing = new AsyncDisposableStack();
    const postgres = closing.use(await RealPostgres.start());
    const database = await postgres.newDatabase();
    const natsPort = freePort();
    const bus = `nats://127.0.0.1:${natsPort}`;
    const nats = closing.use(await startNats(natsPort));
    const here = closing.use(await TestHub.start({ database, bus }));
    here.fleet.publish("1.0.0");
    const port = freePort();
    const there = closing.use(
      await HubProgram.start({ stateDir: secondState(here), port, database, bus }),
    );

    const { id, url } = here.hub;
    const agents: SimulatedAgent[] = [];
    for (let i = 0; i < 2 * AGENTS; i++) {
      const agent = closing.use(await SimulatedAgent.enrolled(here));
      agent.begin(id, i < AGENTS ? [url, there.url] : [there.url, url]);
      agents.push(agent);
    }
    const ofThere = agents.slice(AGENTS);
    await until(() => agents.every(({ isConnected }) => isConnected));
    assert.equal(here.hub.links, AGENTS);
    const token = await here.token();
    const load = new Load(token, [url, there.url]);
    closing.defer(() => load.end());
    await load.more(4);

    const api = new HubApi(url, token);
    const arrives = async () => {
      const { id } = await orderAll(api);
      await until(async () =>
        (await here.services.orders.get("acme", id)).outcomes.ok === agents.length
      );
    };
    await t.step("without a bus, orders arrive at the other hub's agents", async () => {
      await nats.stop();
      await load.more(2);
      await arrives();
    });
    await t.step("and with the bus that is back", async () => {
      closing.use(await startNats(natsPort));
      await load.more(2);
      await arrives();
      assert.ok(agents.every(({ ends }) => ends === 0), "no agent was cut off meanwhile");
    });
    await t.step("agents of a hub that is killed go to the other one", async () => {
      // What reaches this one from now on is certainly on its way when its hub dies.
      const [victim] = ofThere;
      victim!.isDeaf = true;
      const before = victim!.heard.size;
      await until(() => victim!.heard.size > before);
      await there.kill();
      victim!.isDeaf = false;
      await until(() => here.hub.links === 2 * AGENTS);
      await load.more(2);
      await load.end();
      await assertAllRanOnce(here.services, agents, load.accepted);
      assert.ok([...victim!.heard.values()].some((times) => times > 1));
    });
  },
});

import assert from "node:assert/strict";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { until } from "../until.ts";
import { PATIENCE_MS } from "../within.ts";
import { KilledAgent, type Ready, sendOrder } from "./kill/killed_agent.ts";
import { KillFleet } from "./kill/kill_fleet.ts";
import { Witness } from "./kill/witness.ts";

/** A cell is given 256 of its own, so its agent must have no fewer. */
const DESCRIPTORS = 300;
/** A request that does not end. */
const BEGUN = new TextEncoder().encode("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");

/** Clients that begin a request and never end it, until no more are let in. */
async function slowClients({ url }: Ready, most: number): Promise<Deno.TcpConn[]> {
  const port = Number(new URL(url).port);
  const clients: Deno.TcpConn[] = [];
  for (let i = 0; i < most; i++) {
    try {
      const client = await Deno.connect({ hostname: "127.0.0.1", port });
      clients.push(client);
      await client.write(BEGUN);
    } catch {
      // Cut, or not let in: there are no descriptors left.
    }
  }
  return clients;
}

/** The outcome of one more order. */
async function orderOne(fleet: KillFleet, agent: KilledAgent): Promise<string> {
  const ready = await agent.ready;
  let run: number | string | undefined;
  // While connections are cut, an answer can be lost; then the order is sent again.
  const { envelope } = fleet.order("again", ready.agent, { ms: 0 });
  for (const end = Date.now() + PATIENCE_MS; typeof run !== "number";) {
    assert.ok(!agent.ended, "the agent has ended");
    assert.ok(Date.now() < end, "the agent takes no order");
    run = await sendOrder(ready, envelope);
    if (run === "replayed") break;
  }
  const token = Deno.readTextFileSync(statePaths(fleet.state).token).trim();
  const headers = { authorization: `Bearer ${token}` };
  const [{ id }] = JSON.parse(await ask(`${ready.url}/v1/runs?limit=1`, headers)).runs;
  await ask(`${ready.url}/v1/runs/${id}/events`, headers);
  return JSON.parse(await ask(`${ready.url}/v1/runs/${id}`, headers)).outcome.outcome;
}

/** Asks again as long as connections are cut. */
async function ask(url: string, headers: Record<string, string>): Promise<string> {
  let text: string | undefined;
  await until(async () => {
    text = await fetch(url, { headers }).then((answer) => answer.text(), () => undefined);
    return text !== undefined;
  });
  return text!;
}

Deno.test({
  name: "an agent whose descriptors slow clients use up sheds them, and goes on",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using witness = new Witness();
    using fleet = new KillFleet(witness.port);
    const agent = new KilledAgent(fleet, DESCRIPTORS);
    let clients: Deno.TcpConn[] = [];
    try {
      const ready = await agent.ready;
      assert.equal(await orderOne(fleet, agent), "ok");
      clients = await slowClients(ready, 3 * DESCRIPTORS);
      assert.ok(clients.length > DESCRIPTORS, "more than it can hold at once");
      assert.equal(await orderOne(fleet, agent), "ok", "while they hold on");
      assert.equal((await agent.stop()).code, 0);
    } finally {
      for (const client of clients) client.close();
      await agent.kill();
    }
  },
});

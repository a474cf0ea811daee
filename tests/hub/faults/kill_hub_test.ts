/** A hub in a process of its own that is killed again and again while orders are on their way. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { until } from "../../until.ts";
import { TestHub } from "../hub_fixture.ts";
import { HubProgram } from "./hub_program.ts";
import { assertAllRanOnce, Load } from "./load.ts";
import { SimulatedAgent } from "./simulated_agent.ts";

const AGENTS = 20;
const KILLS = 3;

Deno.test("a hub that is killed under load loses no order, and has none run twice", async () => {
  await using hub = await TestHub.start();
  hub.fleet.publish("1.0.0");
  await using closing = new AsyncDisposableStack();
  const agents: SimulatedAgent[] = [];
  for (let i = 0; i < AGENTS; i++) {
    agents.push(closing.use(await SimulatedAgent.enrolled(hub)));
  }
  const token = await hub.token();
  const { stateDir, hub: { id, url } } = hub;
  await hub.hub.stop();
  for (const agent of agents) agent.begin(id, [url]);
  const [victim] = agents;

  const port = Number(new URL(url).port);
  const load = new Load(token, [url]);
  closing.defer(() => load.end());
  for (let i = 0; i < KILLS; i++) {
    const program = closing.use(await HubProgram.start({ stateDir, port }));
    await load.more(3);
    // What reaches this one from now on is certainly on its way when the hub dies.
    victim!.isDeaf = true;
    const before = sum(victim!);
    await until(() => sum(victim!) > before);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
    await program.kill();
    victim!.isDeaf = false;
  }
  await load.end();

  assertIsWhole(`${stateDir}/hub.db`);
  await hub.start();
  await assertAllRanOnce(hub.services, agents, load.accepted);
  const again = [...victim!.heard.values()].filter((times) => times > 1);
  assert.ok(again.length >= KILLS, "what was on its way came again");
});

function sum({ heard }: SimulatedAgent): number {
  return [...heard.values()].reduce((total, times) => total + times, 0);
}

/** As the kill left it: opened, which brings back what was committed, and looked through. */
function assertIsWhole(path: string): void {
  using database = new DatabaseSync(path);
  const all = (sql: string) => database.prepare(sql).all();
  assert.deepEqual(all("PRAGMA integrity_check").map((row) => ({ ...row })), [
    { integrity_check: "ok" },
  ]);
  const [{ first, last, count } = {}] = all(
    "SELECT min(seq) AS first, max(seq) AS last, count(*) AS count FROM audit",
  );
  assert.equal(Number(last) - Number(first) + 1, count, "the audit log has no gap");
}

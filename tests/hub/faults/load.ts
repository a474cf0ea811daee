import assert from "node:assert/strict";
import { HubApi } from "../../../runtime/cli/reach/hub_api.ts";
import type { HubOrder, HubServices } from "../../../runtime/hub/mod.ts";
import { until } from "../../until.ts";
import { within } from "../../within.ts";
import type { SimulatedAgent } from "./simulated_agent.ts";

/** Between two orders. */
const PAUSE_MS = 50;

/** Orders that go out to everybody, one after another, for as long as it runs. */
export class Load {
  /** Those that a hub has said yes to. */
  readonly accepted: string[] = [];
  readonly #apis: readonly HubApi[];
  #isOver = false;
  readonly #running: Promise<void>;

  /** @param urls Hubs, which are asked in turn. */
  constructor(token: string, urls: readonly string[]) {
    this.#apis = urls.map((url) => new HubApi(url, token));
    this.#running = this.#run();
  }

  /** Until so many more were accepted. */
  async more(count: number): Promise<void> {
    const wanted = this.accepted.length + count;
    await until(() => this.accepted.length >= wanted);
  }

  /** No more; what is under way is answered, or never will be. */
  async end(): Promise<void> {
    this.#isOver = true;
    await within(this.#running, "the answer to the last order");
  }

  async #run(): Promise<void> {
    for (let i = 0; !this.#isOver; i++) {
      try {
        this.accepted.push((await orderAll(this.#apis[i % this.#apis.length]!)).id);
      } catch {
        // The hub is away; whether it took the order is not known.
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** Orders everybody to run the tests' script. */
export function orderAll(api: HubApi): Promise<HubOrder> {
  return api.json("POST", "/api/v1/orders", {
    ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 600_000 },
  });
}

/**
 * Waits until every order that is stored has ended everywhere, and makes sure that those which were
 * accepted are among them, whole, that none ran twice, and that the audit log tells of each once.
 */
export async function assertAllRanOnce(
  { database }: HubServices,
  agents: readonly SimulatedAgent[],
  accepted: readonly string[],
): Promise<void> {
  const ids = async (sql: string) =>
    (await database.all<{ id: string }>(sql)).map(({ id }) => id).sort();
  const stored = await ids("SELECT id FROM orders");
  assert.deepEqual(accepted.filter((id) => !stored.includes(id)), [], "none was lost");
  await until(async () => {
    const sql =
      "SELECT count(*) AS n FROM deliveries WHERE state = 'ended' AND outcome_kind = 'ok'";
    return (await database.get<{ n: number }>(sql))!.n === stored.length * agents.length;
  });

  // A document of an order is for fifty agents: with these, an order has one.
  const documents = await ids("SELECT id FROM order_documents");
  assert.equal(documents.length, stored.length);
  for (const { ran } of agents) assert.deepEqual(ran.toSorted(), documents);
  const told = await database.all(
    "SELECT 1 FROM run_log GROUP BY order_id, agent HAVING count(*) <> 1",
  );
  assert.deepEqual(told, [], "each run is told of once");
  assert.deepEqual(
    await ids("SELECT subject AS id FROM audit WHERE action = 'ordered'"),
    stored,
  );
}

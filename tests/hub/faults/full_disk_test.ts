/** A hub in a process of its own whose database lies on a disk that is really full. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { digestOf } from "../../../runtime/core/digest.ts";
import { HubApi } from "../../../runtime/cli/reach/hub_api.ts";
import type { HubOrder } from "../../../runtime/hub/mod.ts";
import { fill } from "../../faults/fill.ts";
import { hasTinyDisks, onTinyDisk } from "../../faults/tiny_disk.ts";
import { freePort } from "../../free_port.ts";
import { until } from "../../until.ts";
import { TestHub } from "../hub_fixture.ts";
import { HubProgram } from "./hub_program.ts";
import { orderAll } from "./load.ts";
import { SimulatedAgent } from "./simulated_agent.ts";

const DISK_KILOBYTES = 4_000;
/** Fills a new disk with what a hub had before it is started there. */
const SEED = 'cp -a "$0/." "$1" && shift && exec "$@"';

Deno.test({
  name: "a hub on a full disk takes nothing, cuts nobody off, and goes on when there is room",
  ignore: !hasTinyDisks(),
  async fn(t) {
    await using hub = await TestHub.start();
    hub.fleet.publish("1.0.0");
    await using agent = await SimulatedAgent.enrolled(hub);
    const [token, unused] = [await hub.token(), await hub.token()];
    const { id } = hub.hub;
    await hub.hub.stop();
    const stateDir = `${hub.folder.path}/disk`;
    Deno.mkdirSync(stateDir, { mode: 0o700 });
    const inside = [
      ...onTinyDisk(stateDir, DISK_KILOBYTES),
      ...["sh", "-c", SEED, hub.stateDir, stateDir],
    ];
    await using program = await HubProgram.start({ stateDir, port: freePort(), inside });
    const disk = `/proc/${program.pid}/root${stateDir}`;
    agent.begin(id, [program.url]);
    const api = new HubApi(program.url, token);
    const ended = (order: HubOrder) =>
      until(async () =>
        (await api.json<HubOrder>("GET", `/api/v1/orders/${order.id}`)).outcomes.ok === 1
      );
    await ended(await orderAll(api));
    agent.isDeaf = true;
    const held = await orderAll(api);
    await until(() => agent.heard.size === 2);
    const orders = async (by = token) =>
      (await new HubApi(program.url, by).json<{ items: unknown[] }>("GET", "/api/v1/orders")).items
        .length;

    fill(`${disk}/filler`);
    await t.step("an order is refused in words", async () => {
      await assert.rejects(orderAll(api), { code: "disk_full" });
    });
    await t.step("and so is a document", async () => {
      const content = crypto.getRandomValues(new Uint8Array(60_000));
      const path = `/api/v1/blobs/${digestOf(content)}`;
      const body = { type: "application/octet-stream", content };
      await assert.rejects(api.ask("PUT", path, body), { code: "disk_full" });
    });
    await t.step("what was stored before is shown, also to who was not here before", async () => {
      assert.equal(await orders(), 2);
      assert.equal(await orders(unused), 2);
    });
    await t.step("what an agent tells waits, and the agent stays connected", async () => {
      agent.hear();
      await assert.rejects(orderAll(api), { code: "disk_full" });
      assert.equal(agent.ends, 0);
    });

    Deno.removeSync(`${disk}/filler`);
    await t.step("with room again it goes on by itself", async () => {
      await ended(held);
      await ended(await orderAll(api));
      assert.deepEqual([agent.ends, agent.ran.length, await orders()], [0, 3, 3]);
    });
    await t.step("and nothing is half there", () => {
      const copy = `${hub.folder.path}/copy`;
      Deno.mkdirSync(copy);
      // While nothing is written, a copy of the files is a state that holds.
      for (const name of ["hub.db", "hub.db-wal"]) {
        Deno.copyFileSync(`${disk}/${name}`, `${copy}/${name}`);
      }
      using database = new DatabaseSync(`${copy}/hub.db`);
      const all = (sql: string) => database.prepare(sql).all().map((row) => Object.values(row));
      assert.deepEqual(all("PRAGMA integrity_check"), [["ok"]]);
      assert.deepEqual(
        all(
          `SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM order_documents),
             (SELECT count(*) FROM deliveries), (SELECT count(*) FROM content_chunks),
             (SELECT count(*) FROM audit WHERE action = 'ordered'),
             (SELECT max(seq) - min(seq) + 1 - count(*) FROM audit)`,
        ),
        [[3, 3, 3, 0, 3, 0]],
      );
    });
  },
});

import assert from "node:assert/strict";
import type { Artefact, HubOrder } from "../../runtime/hub/mod.ts";
import { TestHub, until, WHO } from "../hub/hub_fixture.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { writ } from "./test_io.ts";

/** A hub with an agent that runs what it is ordered, and commands that have a token of the hub. */
async function stage() {
  const hub = await TestHub.start();
  const machine = await hub.machine();
  await machine.enrol();
  const { content, scripts, agents } = hub.services;
  const inputSchema = { type: "object", properties: { copies: { type: "integer" } } };
  const { module, digest, envelope } = hub.fleet.publish("1.0.0", { inputSchema });
  await content.put("acme", digest, ReadableStream.from([module]));
  await scripts.publish("acme", WHO, envelope);
  await machine.start();
  await until(hub, async () => (await agents.get("acme", machine.id)).presence.state === "online");
  const token = await hub.token();
  const at = ["--hub", hub.hub.url, "--hub-token", "-"];
  const ask = (...args: string[]) => writ([...args, ...at], { stdin: `${token}\n` });
  return { hub, machine, ask };
}

Deno.test("writ order and writ runs speak to a hub as they do to an agent", async (t) => {
  const { hub, machine, ask } = await stage();
  await using _hub = hub;
  await using _machine = machine;
  const script = hub.fleet.script;

  await t.step("order --follow shows what comes of it, by fields of the input", async () => {
    const ran = await ask("order", script, "--copies", "2", "--to", "machine", "--follow");
    assert.equal(ran.exit, 0, ran.stderr);
    assert.match(ran.stderr, /machine {2}ok: \{"copies":2\}/);
    assert.equal(ran.stdout, "1 ok\n");
  });
  await t.step("a run that ends badly makes --follow end with 1", async () => {
    machine.runner.answer = () => ({
      ...{ outcome: "script_error", detail: { name: "Error", message: "no paper" } },
    });
    const ran = await ask("--json", "order", script, "--copies", "1", "--all", "--follow");
    assert.equal(ran.exit, 1, ran.stderr);
    assert.deepEqual(ran.json<HubOrder>().outcomes, { script_error: 1 });
  });
  await t.step("runs lists orders, and shows one by how it begins", async () => {
    const { items } = (await ask("--json", "runs")).json<{ items: HubOrder[] }>();
    assert.equal(items.length, 2);
    const shown = await ask("runs", items[1]!.id.slice(0, 8));
    assert.match(shown.stdout, /1 ok\n.*\nmachine .* ended +ok: \{"copies":2\}/s);
  });
  await t.step("runs cancel ends a run, and says when there is none to end", async () => {
    machine.runner.hang();
    const ordered = (await ask("--json", "order", script, "--copies", "1", "--all")).json<
      HubOrder
    >();
    await until(hub, async () => {
      return (await hub.services.orders.get("acme", ordered.id)).counts.running === 1;
    });
    assert.equal((await ask("runs", "cancel", ordered.id)).exit, 0);
    await until(hub, async () => {
      return (await hub.services.orders.get("acme", ordered.id)).outcomes.cancelled === 1;
    });
    const again = await ask("runs", "cancel", ordered.id);
    assert.equal(again.exit, 1);
    assert.match(again.stdout, /There was nothing left to cancel of order .*: 1 cancelled/);
  });
  await t.step("an order of tomorrow is not said to run", async () => {
    const at = new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+Z/, "Z");
    const ordered = await ask("--json", "order", script, "--copies", "1", "--all", "--at", at);
    const { id } = ordered.json<HubOrder>();
    const isTold = "SELECT 1 FROM run_log WHERE order_id = ?1";
    await until(hub, async () => await hub.services.database.get(isTold, [id]) !== undefined);
    const { counts } = await hub.services.orders.get("acme", id);
    assert.deepEqual([counts.taken, counts.running], [1, 0]);
    assert.match((await ask("runs", id)).stdout, new RegExp(`It waits until ${at}`));
  });
  await t.step("hub artefacts saves what is whole, over nothing that is there", async () => {
    const { items: [order] } = await hub.services.orders.list("acme");
    const insert = "INSERT INTO artefacts VALUES ('acme', ?1, ?2, 1, ?3, 1, ?4, 5, 0, ?5, NULL)";
    const bytes = new TextEncoder().encode("hello");
    for (const [name, parts] of [["half.txt", 2], ["whole.txt", 1]] as const) {
      const values = [order!.id, machine.id, name, parts, bytes];
      await hub.services.database.run(insert, values);
    }
    using dir = new TemporaryDir();
    const save = () => ask("--json", "hub", "artefacts", order!.id, "--save", `${dir.path}/out`);
    const { items, saved } = (await save()).json<{ items: Artefact[]; saved: string[] }>();
    assert.deepEqual(items.map(({ name, isWhole }) => [name, isWhole]), [
      ["half.txt", false],
      ["whole.txt", true],
    ]);
    assert.equal(saved.length, 1);
    assert.equal(await Deno.readTextFile(saved[0]!), "hello");
    assert.match((await save()).stderr, /as it exists/);
  });
  await t.step("order wants to know for whom, and fields that the script has", async () => {
    assert.match((await ask("order", script)).stderr, /one of --to, --label and --all/);
    const ran = await ask("order", script, "--copes", "2", "--all");
    assert.match(ran.stderr, /copies/);
  });
});

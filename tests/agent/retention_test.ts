import assert from "node:assert/strict";
import { AuditReader } from "../../runtime/agent/audit/audit_reader.ts";
import { TrustedClock } from "../../runtime/agent/clock.ts";
import { ContentStore } from "../../runtime/agent/content/content_store.ts";
import { silentLog } from "../../runtime/agent/log.ts";
import { OrderTable } from "../../runtime/agent/store/orders.ts";
import { RunTable } from "../../runtime/agent/store/runs.ts";
import { Housekeeper } from "../../runtime/agent/retention/housekeeper.ts";
import { neededBlobs, pruneManifests } from "../../runtime/agent/retention/prune_content.ts";
import { pruneEvents, pruneRuns } from "../../runtime/agent/retention/prune_records.ts";
import { Store } from "../../runtime/agent/store/store.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { canonicalBytes } from "../../runtime/core/canonical_json.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { SCRIPT_ORDERER } from "../../runtime/core/verification/order.ts";
import { DEFAULT_RETENTION, type Retention } from "../../runtime/policy/mod.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { TestAgent } from "./agent_fixture.ts";
import { instant, NOON } from "./fixture.ts";

const HOUR = 3_600_000;

/** The state of an agent that ran some orders, once it has stopped. */
async function afterRuns(count: number, changes: Record<string, unknown> = {}) {
  const test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const orders = [];
  for (let i = 0; i < count; i++) {
    const made = test.fleet.order(test.agent.id, changes);
    orders.push(made);
    const { run } = await (await test.send(made.envelope)).json();
    await test.ended(run);
  }
  await test.agent.stop();
  return { test, orders };
}

const count = (store: Store, table: string) =>
  Number(store.sql(`SELECT count(*) AS rows FROM ${table}`).get()!.rows);

Deno.test("pruneEvents() leaves the outcome of a run, and the events of younger runs", async () => {
  const { test } = await afterRuns(2);
  await using _ = test;
  using store = Store.open(statePaths(test.stateDir).database);
  await store.write(() => store.sql("UPDATE runs SET ended = ? WHERE id = 2").run(NOON + HOUR));
  const young = store.sql("SELECT * FROM run_events WHERE run = 2").all();
  await pruneEvents(store, NOON);
  const left = store.sql("SELECT event FROM run_events WHERE run = 1").all();
  assert.deepEqual(left.map(({ event }) => JSON.parse(String(event)).type), ["outcome"]);
  assert.deepEqual(store.sql("SELECT * FROM run_events WHERE run = 2").all(), young);
});

Deno.test("pruneRuns() removes an order when its last run is old, and not before", async () => {
  const { test } = await afterRuns(1);
  await using _ = test;
  using store = Store.open(statePaths(test.stateDir).database);
  const ended = Number(store.sql("SELECT ended FROM runs").get()!.ended);
  assert.equal(await pruneRuns(store, { before: ended, floor: 0 }), 0);
  assert.equal(await pruneRuns(store, { before: ended + 1, floor: 0 }), 1);
  assert.deepEqual([count(store, "orders"), count(store, "runs"), count(store, "run_events")], [
    0,
    0,
    0,
  ]);
});

Deno.test("an order that was removed is refused as long as it could be in time again", async () => {
  const { test, orders } = await afterRuns(1);
  await using _ = test;
  const expires = NOON + HOUR;
  const prune = async (floor: number) => {
    using store = Store.open(statePaths(test.stateDir).database);
    await pruneRuns(store, { before: NOON + 1, floor });
    return count(store, "spent_orders");
  };
  assert.equal(await prune(expires - 1), 1);
  await test.start();
  const again = await test.send(orders[0]!.envelope);
  assert.deepEqual([again.status, (await again.json()).error.code], [409, "replayed"]);
  await test.agent.stop();
  assert.equal(await prune(expires), 0);
});

Deno.test("pruneRuns() never gives a number of a run out again", async () => {
  const { test } = await afterRuns(2);
  await using _ = test;
  {
    using store = Store.open(statePaths(test.stateDir).database);
    await pruneRuns(store, { before: NOON + 1, floor: 0 });
  }
  await test.start();
  assert.equal((await test.order()).run, 3);
});

Deno.test("pruneRuns() leaves orders whose idempotency key still counts, when told to", async () => {
  const { test } = await afterRuns(1, { idempotencyKey: "once" });
  await using _ = test;
  using store = Store.open(statePaths(test.stateDir).database);
  const options = { before: NOON + 1, floor: 0 };
  assert.equal(await pruneRuns(store, { ...options, keepIdempotent: true }), 0);
  assert.equal(await pruneRuns(store, options), 1);
});

Deno.test("pruneManifests() forgets scripts that nothing accepts, and not their sequence", async () => {
  const { test } = await afterRuns(1);
  await using _ = test;
  using store = Store.open(statePaths(test.stateDir).database);
  const policy = test.fleet.policy();
  assert.equal((await pruneManifests(store, policy)).size, 1);
  assert.equal((await pruneManifests(store, { ...policy, accept: [] })).size, 0);
  assert.deepEqual([count(store, "manifests"), count(store, "sequences")], [0, 1]);
});

Deno.test("ContentStore.removeUnused() leaves what is young or was just asked for", async () => {
  using folder = new TemporaryDir();
  const content = new ContentStore(folder.path, 1_000);
  const bytes = new TextEncoder().encode("document");
  const digest = digestOf(bytes);
  const put = () => content.put(digest, ReadableStream.from([bytes]));
  await put();
  const later = Date.now() + HOUR;
  assert.equal(content.removeUnused(digest, Date.now() - HOUR), 0, "young");
  assert.equal(content.removeUnused(digest, later), bytes.length);
  assert.equal(await content.length(digest), undefined);
  await put();
  Deno.utimeSync(`${folder.path}/${digest.slice(7, 9)}/${digest.slice(7)}`, 0, 0);
  const asked = Date.now();
  await content.length(digest);
  assert.equal(content.removeUnused(digest, asked), 0, "asked for");
});

Deno.test("neededBlobs() names documents of signed and of scheduled orders that are to come", async () => {
  const { test } = await afterRuns(1);
  await using _ = test;
  using store = Store.open(statePaths(test.stateDir).database);
  const attached = (name: string) => ({
    attachments: [{ name, sha256: digestOf(new TextEncoder().encode(name)), length: 1 }],
    issued: instant(NOON),
  });
  const [orders, runs] = [new OrderTable(store), new RunTable(store)];
  const signed = test.fleet.order(test.agent.id, attached("signed"));
  // A script's wake is kept as a bare payload: nobody signed it.
  const { order: wake } = test.fleet.order(test.agent.id, attached("scheduled"));
  await store.write(() => {
    for (
      const [order, orderer, envelope] of [
        [signed.order, "operator", signed.envelope],
        [wake, SCRIPT_ORDERER, canonicalBytes(wake)],
      ] as const
    ) {
      orders.insert({ order, orderer, digest: digestOf(envelope), envelope }, NOON);
      runs.create(order.id, test.fleet.script, NOON);
    }
  });
  const wanted = [...signed.order.attachments, ...wake.attachments].map(({ sha256 }) => sha256);
  assert.deepEqual(await neededBlobs(store), new Set(wanted));
  await store.write(() => store.sql("UPDATE runs SET state = 'ended', ended = ?").run(NOON));
  assert.deepEqual(await neededBlobs(store), new Set());
});

Deno.test("neededBlobs() lets others have their turn between long orders", async () => {
  const { test } = await afterRuns(1);
  await using _ = test;
  using store = Store.open(statePaths(test.stateDir).database);
  const [orders, runs] = [new OrderTable(store), new RunTable(store)];
  const input = Array.from({ length: 50_000 }, (_, a) => ({ a }));
  await store.write(() => {
    for (let i = 0; i < 20; i++) {
      const { order, envelope } = test.fleet.order(test.agent.id, { input });
      const digest = digestOf(envelope);
      orders.insert({ order, orderer: "operator", digest, envelope }, NOON);
      runs.create(order.id, test.fleet.script, NOON);
    }
  });
  let turns = 0;
  const others = setInterval(() => turns++);
  await neededBlobs(store);
  clearInterval(others);
  assert.ok(turns >= 5, `${turns}`);
});

/** A housekeeper of its own on the state of an agent that has stopped. */
function housekeeperOf(test: TestAgent, retention: Partial<Retention>) {
  const paths = statePaths(test.stateDir);
  const store = Store.open(paths.database);
  const blobs = new ContentStore(paths.blobs, 10_000_000);
  const keeper = new Housekeeper({
    stateDir: test.stateDir,
    store,
    clock: new TrustedClock(() => NOON + HOUR),
    blobs,
    modules: new ContentStore(paths.modules, 10_000),
    policy: () => test.fleet.policy(),
    retention: () => ({ ...DEFAULT_RETENTION, ...retention }),
    log: silentLog,
  });
  return { store, blobs, keeper };
}

Deno.test("Housekeeper refuses more above the limit of the folder, and takes it after a sweep", async () => {
  const { test } = await afterRuns(1);
  await using _ = test;
  const document = new Uint8Array(400_000);
  const digest = digestOf(document);
  const { store, blobs, keeper } = housekeeperOf(test, { stateBytes: 400_000 });
  using _store = store;
  await using _keeper = keeper;
  await keeper.usage.measure();
  keeper.requireRoom();
  await blobs.put(digest, ReadableStream.from([document]));
  assert.throws(() => keeper.requireRoom(), { name: "AgentError", code: "state_full" });
  const other = ReadableStream.from([new Uint8Array(1)]);
  await assert.rejects(blobs.put(digestOf(new Uint8Array(1)), other), { code: "state_full" });
  await other.cancel().catch(() => {});

  await keeper.sweep();
  assert.throws(() => keeper.requireRoom(), { code: "state_full" }, "it was asked for just now");
  const file = `${statePaths(test.stateDir).blobs}/${digest.slice(7, 9)}/${digest.slice(7)}`;
  Deno.utimeSync(file, 0, 0);
  const rows = count(store, "audit");
  await keeper.sweep();
  keeper.requireRoom();
  assert.equal(count(store, "audit"), rows, "the audit log is never shortened");
});

Deno.test("an agent at its limit refuses orders by its own code, writes that down and answers", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const rules = () =>
    Promise.resolve({
      policy: test.fleet.policy(),
      sources: [test.fleet.source()],
      retention: { ...DEFAULT_RETENTION, stateBytes: 1 },
    });
  await test.agent.stop();
  await test.start({ rules });
  const refused = await test.send(test.fleet.order(test.agent.id).envelope);
  assert.deepEqual([refused.status, (await refused.json()).error.code], [507, "state_full"]);
  assert.equal((await test.ask("/v1/runs")).status, 200);
  await test.agent.stop();
  using audit = AuditReader.open(test.stateDir);
  const row = audit.tail(2).find(({ event }) => event === "order_refused")!;
  assert.equal(JSON.parse(row.detail).code, "state_full");
});

import assert from "node:assert/strict";
import { encodeBase64 } from "../../runtime/core/base64.ts";
import type { FromHub } from "../../runtime/agent/hub_link/wire.ts";
import { HUB_LIMITS, HubError } from "../../runtime/hub/mod.ts";
import { removeArtefacts } from "../../runtime/hub/artefacts/artefacts.ts";
import { prune } from "../../runtime/hub/retention/prune.ts";
import { within } from "../within.ts";
import { TestHub, WHO } from "./hub_fixture.ts";
import { RawAgent, type RawLink } from "./raw_agent.ts";
import { testInBothStores } from "./stores.ts";

/** An agent that was ordered something, and tells of events of its run. */
async function stage(database: string) {
  const hub = await TestHub.start({ database });
  const agent = await RawAgent.enrolled(hub);
  const link = await agent.connect();
  const { id } = await hub.services.orders.create("acme", WHO, {
    ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 60_000 },
  });
  await link.hello();
  const { order } = await link.hear("order");
  const close = async () => {
    link[Symbol.dispose]();
    agent[Symbol.dispose]();
    await hub[Symbol.asyncDispose]();
  };
  return { hub, agent: agent.id, id, ...teller(link, order), [Symbol.asyncDispose]: close };
}

type RefusedArtefact = Extract<FromHub, { type: "artefact_refused" }>;

function teller(link: RawLink, order: string) {
  let seq = 0;
  const say = async (said: { first: number; over: boolean }, told: unknown[]) => {
    const events = told.map((data, i) => ({
      ...{ run: 1, seq: said.first + i, time: 1_000 },
      event: JSON.stringify({ type: "event", name: "artefact", data }),
    }));
    seq = Math.max(seq, said.first + told.length - 1);
    await link.say({ type: "events", order, events, over: said.over });
    return await within(refusedUntilStored(link), "stored");
  };
  const tell = (...told: unknown[]) => say({ first: seq + 1, over: false }, told);
  /** As an agent that has lost the answer to the last that it told. */
  const tellAgain = (over: boolean, ...told: unknown[]) =>
    say({ first: seq + 1 - told.length, over }, told);
  return { tell, tellAgain };
}

async function refusedUntilStored(link: RawLink): Promise<RefusedArtefact[]> {
  const refused: RefusedArtefact[] = [];
  for await (const message of link.socket.messages) {
    const heard = JSON.parse(String(message)) as FromHub;
    if (heard.type === "artefact_refused") refused.push(heard);
    if (heard.type === "stored") return refused;
  }
  throw new Error("the hub ended before it had stored anything");
}

const BYTES = crypto.getRandomValues(new Uint8Array(50_000));
const part = (part: number, of: number, bytes: Uint8Array, name = "report.pdf") => ({
  ...{ name, part, of },
  base64: encodeBase64(bytes),
});

testInBothStores("an artefact of a run", {
  "is listed and read as it was, however many parts it came in": async (database) => {
    const { hub, agent, id, tell, ...stages } = await stage(database);
    await using _stages = stages;
    const { artefacts, orders } = hub.services;
    await tell(part(2, 2, BYTES.subarray(30_000)));
    const [half] = (await artefacts.list("acme", id)).items;
    assert.deepEqual([half!.bytes, half!.isWhole], [20_000, false]);
    const file = { agent, run: 1, name: "report.pdf" };
    await assert.rejects(
      artefacts.read("acme", id, file),
      (e) => e instanceof HubError && e.code === "not_found",
    );
    await tell(part(1, 2, BYTES.subarray(0, 30_000)));
    const { items } = await artefacts.list("acme", id);
    const { agentName } = items[0]!;
    const whole = { ...file, agentName, bytes: 50_000, isWhole: true, refused: null, at: 1_000 };
    assert.deepEqual(items, [whole]);
    assert.deepEqual(await (await artefacts.read("acme", id, file)).bytes(), BYTES);
    // The log tells of it, without its bytes.
    const [entry] = (await orders.log("acme", id)).items;
    const data = { name: "report.pdf", part: 2, of: 2, bytes: 20_000 };
    assert.deepEqual(entry!.event, { type: "event", name: "artefact", data });
  },
  "is none whose name leads elsewhere, or that is no file": async (database) => {
    const { hub, id, tell, ...stages } = await stage(database);
    await using _stages = stages;
    const bad = [
      ...["../x", "a/b", ".hidden", "", "a\nb"].map((name) => part(1, 1, BYTES.slice(0, 9), name)),
      part(3, 2, BYTES.slice(0, 9)),
      { name: "x", base64: "no base64!" },
      null,
    ];
    await tell(...bad);
    assert.deepEqual((await hub.services.artefacts.list("acme", id)).items, []);
    assert.equal((await hub.services.orders.log("acme", id)).items.length, bad.length);
    await tell(part(1, 1, BYTES.slice(0, 9), "a b-c_1.txt"));
    assert.equal((await hub.services.artefacts.list("acme", id)).items.length, 1);
  },
  "is not kept beyond what an agent may leave in one order": async (database) => {
    const { hub, agent, id, tell, ...stages } = await stage(database);
    await using _stages = stages;
    const { artefacts, database: db } = hub.services;
    const full = HUB_LIMITS.ARTEFACT_BYTES - 10;
    await db.run(
      "INSERT INTO artefacts VALUES ('acme', ?1, ?2, 1, 'before', 1, 1, ?3, 0, ?4, NULL)",
      [id, agent, full, new Uint8Array(1)],
    );
    const told = await tell(
      part(1, 1, BYTES.slice(0, 11), "more"),
      part(1, 1, BYTES.slice(0, 10), "fits"),
    );
    assert.deepEqual(told.map(({ run, name, code }) => [run, name, code]), [
      [1, "more", "order_full"],
    ]);
    const { items } = await artefacts.list("acme", id);
    assert.deepEqual(items.map(({ name, isWhole, refused }) => [name, isWhole, refused]), [
      ["before", true, null],
      ["fits", true, null],
      ["more", false, "order_full"],
    ]);
  },
  "is refused in words beyond what its tenant may keep, until some has gone": async (database) => {
    const { hub, agent, id, tell, ...stages } = await stage(database);
    await using _stages = stages;
    const { artefacts, orders, tenants, database: db } = hub.services;
    const held = async () => (await tenants.get("acme")).artefactBytes;
    await assert.rejects(tenants.change(WHO, "acme", {}), { code: "bad_request" });
    await tenants.change(WHO, "acme", { maxArtefactBytes: 100 });
    const fits = part(1, 1, BYTES.slice(0, 60), "fits");
    assert.deepEqual(await tell(fits), []);
    assert.deepEqual([await tell(fits), await held()], [[], 60], "the same again takes no room");
    const two = [1, 2].map((n) => part(n, 2, BYTES.slice(0, 41), "more"));
    const told = await tell(...two);
    assert.deepEqual(told.map(({ name, code }) => [name, code]), [["more", "tenant_full"]]);
    assert.equal(await held(), 60);
    const { items } = await artefacts.list("acme", id);
    assert.deepEqual(items.map(({ name, isWhole, refused }) => [name, isWhole, refused]), [
      ["fits", true, null],
      ["more", false, "tenant_full"],
    ]);
    await assert.rejects(
      artefacts.read("acme", id, { agent, run: 1, name: "more" }),
      (e) => e instanceof HubError && e.code === "not_found",
    );
    // The log of the run says why.
    const log = (await orders.log("acme", id)).items.at(-1)!;
    const data = { name: "more", part: 2, of: 2, bytes: 41, refused: "tenant_full" };
    assert.deepEqual(log.event, { type: "event", name: "artefact", data });
    // What retention takes away is room again.
    await prune(db, Date.now() + HUB_LIMITS.KEPT_MS + 120_000);
    assert.equal(await held(), 0);
  },
  "is refused again to an agent that did not hear it, also when its order is over": async (
    database,
  ) => {
    const { hub, tell, tellAgain, ...stages } = await stage(database);
    await using _stages = stages;
    await hub.services.tenants.change(WHO, "acme", { maxArtefactBytes: 10 });
    const two = [1, 2].map((n) => part(n, 2, BYTES.slice(0, 11), "more"));
    const fits = part(1, 1, BYTES.slice(0, 9), "fits");
    const named = (told: RefusedArtefact[]) => told.map(({ name, code }) => [name, code]);
    const refused = [["more", "tenant_full"]];
    assert.deepEqual(named(await tell(fits, ...two)), refused);
    assert.deepEqual(named(await tellAgain(true, fits, ...two)), refused);
    assert.deepEqual(named(await tellAgain(true, fits, ...two)), refused);
    assert.deepEqual(named(await tellAgain(true, fits)), []);
  },
  "that comes when the order's log is full is refused, and counted": async (database) => {
    const { hub, agent, id, tell, ...stages } = await stage(database);
    await using _stages = stages;
    const { artefacts, orders, database: db } = hub.services;
    await db.run("UPDATE deliveries SET events = ?1", [HUB_LIMITS.RUN_EVENTS - 2]);
    const parts = [1, 2].map((n) => part(n, 2, BYTES.slice(0, 9), "cut"));
    const told = await tell(...parts, part(1, 1, BYTES.slice(0, 9), "late"));
    assert.deepEqual(told.map(({ name, code }) => [name, code]), [
      ["cut", "log_full"],
      ["late", "log_full"],
    ]);
    const listed = (await artefacts.list("acme", id)).items;
    assert.deepEqual(listed.map(({ name, isWhole, refused }) => [name, isWhole, refused]), [
      ["cut", false, "log_full"],
      ["late", false, "log_full"],
    ]);
    const delivery = async () => (await orders.deliveries("acme", id)).items[0]!;
    assert.equal((await delivery()).leftOut, 2);
    await tell(part(1, 1, BYTES.slice(0, 9), "later"));
    assert.equal((await delivery()).leftOut, 3);
    const log = (await orders.log("acme", id)).items.map(({ event }) => event);
    assert.deepEqual(
      log.map(({ type }) => type),
      ["event", "log"],
      "what is kept, and that it ends",
    );
    const missing = artefacts.read("acme", id, { agent, run: 1, name: "cut" });
    await assert.rejects(missing, (e) => e instanceof HubError && e.code === "not_found");
  },
  "is not whole where its parts do not say the same of how many there are": async (database) => {
    const { hub, id, tell, ...stages } = await stage(database);
    await using _stages = stages;
    const bytes = BYTES.slice(0, 9);
    await tell(part(1, 1, bytes), part(2, 2, bytes));
    const [item] = (await hub.services.artefacts.list("acme", id)).items;
    // What is listed as whole can be read: one that cannot would end the saving of all others.
    assert.equal(item!.isWhole, false);
  },
  "gives back its room once, though two hubs remove it at the same time": async (database) => {
    const { hub, id, tell, ...stages } = await stage(database);
    await using _stages = stages;
    await tell(part(1, 1, BYTES.slice(0, 9)));
    const { database: db, tenants } = hub.services;
    await db.run("UPDATE tenants SET artefact_bytes = 1009");
    const remove = () => db.transaction((tx) => removeArtefacts(tx, "acme", id));
    await Promise.all(Array.from({ length: 4 }, remove));
    assert.equal((await tenants.get("acme")).artefactBytes, 1_000);
  },
  "goes with its order": async (database) => {
    const { hub, id, tell, ...stages } = await stage(database);
    await using _stages = stages;
    await tell(part(1, 1, BYTES.slice(0, 9)));
    const { database: db } = hub.services;
    await prune(db, Date.now() + HUB_LIMITS.KEPT_MS);
    assert.ok(await db.get("SELECT 1 FROM artefacts WHERE order_id = ?1", [id]), "not before");
    await prune(db, Date.now() + HUB_LIMITS.KEPT_MS + 120_000);
    assert.equal(await db.get("SELECT 1 FROM artefacts WHERE order_id = ?1", [id]), undefined);
  },
});

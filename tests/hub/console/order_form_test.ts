import assert from "node:assert/strict";
import { digestOf } from "../../../runtime/core/digest.ts";
import { consoleFixture } from "./fixture.ts";

const AGENT = `writ-key:${"A".repeat(43)}`;
const PDF = new File(["%PDF-1.7"], "report.pdf", { type: "application/pdf" });
const EVIL = new File(["x"], `"><svg onload=alert(1)>.txt`);

/** A hub with a script that can be ordered, and who orders it. */
async function stage() {
  const hub = await consoleFixture();
  await hub.publish("1.0.0");
  await hub.agent({ id: AGENT });
  const path = `/scripts/${hub.test.fleet.script}/order?version=1.0.0`;
  return {
    hub,
    path,
    ada: await hub.enter("ada"),
    [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose](),
  };
}

/** What an order's document, as the hub signed it, says. */
async function signedOrder(hub: Awaited<ReturnType<typeof consoleFixture>>) {
  const sql = "SELECT envelope FROM order_documents LIMIT 1";
  const { envelope } = (await hub.database.get<{ envelope: string }>(sql))!;
  return JSON.parse(atob(JSON.parse(envelope).payload));
}

Deno.test("documents are attached at the form, kept when it is refused, and named in the order", async () => {
  await using s = await stage();
  const { hub, path, ada } = s;
  const fields = { for: "all", minutes: "10", input: "{" };
  const refused = await ada.sendFiles(path, fields, [PDF, EVIL]);
  assert.equal(refused.status, 400);
  assert.ok(!refused.text.includes("<svg"));
  const kept = [...refused.text.matchAll(/name="attached" value="([^"]+)"/g)]
    .map(([, value]) => value!.replaceAll("&quot;", '"'));
  assert.equal(kept.length, 2);
  const sent = await ada.sendFiles(path, { ...fields, input: "7", attached: kept[0]! }, []);
  assert.equal(sent.status, 303);
  assert.deepEqual((await signedOrder(hub)).attachments, [{
    name: "report.pdf",
    sha256: digestOf(new TextEncoder().encode("%PDF-1.7")),
    length: 8,
    mediaType: "application/pdf",
  }]);
});

Deno.test("agents are ordered by their names, and by their keys where two have one name", async () => {
  await using s = await stage();
  const { hub, path, ada } = s;
  const twins = ["B", "C"].map((letter) => `writ-key:${letter.repeat(42)}A`);
  for (const id of twins) await hub.agent({ id, name: "front desk" });
  await hub.agent({ id: `writ-key:${"D".repeat(42)}A`, name: "till 1" });
  const form = (await ada.open(`${path}&agent=till+1`)).text;
  assert.match(form, /<input name="agents" value="till 1" list="known-agents"/);
  assert.match(form, /<option value="till 1">/);
  assert.match(form, new RegExp(`<option value="${twins[0]}">front desk<`));
  const fields = { for: "agents", minutes: "10", input: "7" };
  for (const agents of ["front desk", "nobody"]) {
    const refused = await ada.send(path, { ...fields, agents });
    assert.equal(refused.status, 400);
    assert.ok(refused.text.includes(`value="${agents}"`), "what was typed stays");
  }
  assert.equal((await ada.send(path, { ...fields, agents: twins[1]! })).status, 303);
  assert.equal((await ada.send(path, { ...fields, agents: "till 1" })).status, 303);
});

Deno.test("documents are taken from nobody who may not order, and none that was never sent", async () => {
  await using s = await stage();
  const { hub, path, ada } = s;
  const viewer = await hub.enter("vic", "viewer");
  assert.equal((await viewer.sendFiles(path, { for: "all" }, [PDF])).status, 400);
  assert.equal((await hub.visit().sendFiles(path, { for: "all" }, [PDF])).status, 400);
  assert.equal((await ada.sendFiles("/sign-out", {}, [PDF])).status, 400);
  const digest = `sha256:${"0".repeat(64)}`;
  const never = JSON.stringify({ name: "x", sha256: digest, length: 3 });
  const fields = { for: "all", minutes: "10", input: "7" };
  const missing = await ada.send(path, { ...fields, attached: never });
  assert.match(missing.text, /Cannot take the order without sha256:0/);
  for (const attached of ["{", "[]", '{"name":"x"}']) {
    assert.equal((await ada.send(path, { ...fields, attached })).status, 400);
  }
  assert.deepEqual((await hub.orders.list("acme")).items, []);
});

Deno.test("an order repeats by a pattern in a time zone, and stands among the scheduled ones", async () => {
  await using s = await stage();
  const { hub, path, ada } = s;
  const fields = { for: "all", minutes: "43200", input: "7" };
  await ada.send(path, fields);
  const cron = { ...fields, cron: "0 9 * * 1", timezone: "Europe/Berlin" };
  const location = (await ada.send(path, cron)).headers.get("location")!.split("?")[0]!;
  assert.match((await ada.open(location)).text, /then as 0 9 \* \* 1 in Europe\/Berlin/);
  const { schedule } = await hub.orders.get("acme", location.slice("/orders/".length));
  assert.deepEqual(schedule!.repeat, { cron: "0 9 * * 1", timezone: "Europe/Berlin" });
  const due = new Date(schedule!.at);
  assert.equal(due.getUTCDay(), 1);
  const scheduled = await ada.open("/orders?only=scheduled");
  assert.match(scheduled.text, /as 0 9 \* \* 1 in Europe\/Berlin/);
  assert.equal(scheduled.text.match(/<tr>/g)!.length, 2, "the heads, and the one that repeats");
  await ada.send(`${location}/cancel`, {});
  assert.match((await ada.open("/orders?only=scheduled")).text, /Nothing is due later/);
});

Deno.test("an order that cannot repeat as it says is refused with its form", async (t) => {
  await using s = await stage();
  const { path, ada } = s;
  const cases: Record<string, [Record<string, string>, RegExp]> = {
    "no pattern": [{ cron: "<b>daily</b>" }, /is no pattern or zone/],
    "six parts": [{ cron: "* * * * * *" }, /is no pattern or zone/],
    "no zone": [{ cron: "0 9 * * *", timezone: "Mars/Base" }, /is no pattern or zone/],
    "both": [{ cron: "0 9 * * *", every: "5" }, /leave one of them empty/],
    "too short": [{ cron: "0 9 1 1 *", minutes: "10" }, /before its second time/],
    "no time": [{ every: "0" }, /every minute/],
  };
  for (const [what, [fields, words]] of Object.entries(cases)) {
    await t.step(what, async () => {
      const sent = { for: "all", minutes: "1440", input: "7", ...fields };
      const { status, text } = await ada.send(path, sent);
      assert.equal(status, 400);
      assert.match(text, words);
      assert.ok(!text.includes("<b>daily"));
    });
  }
});

import assert from "node:assert/strict";
import { sealDocument } from "../../../runtime/core/dsse.ts";
import { inputFields } from "../../../runtime/hub/console/orders/input_fields.ts";
import { readInput } from "../../../runtime/hub/console/orders/read_input.ts";
import { Form } from "../../../runtime/hub/console/environment.ts";
import { HubError } from "../../../runtime/hub/mod.ts";
import { until } from "../hub_fixture.ts";
import { consoleFixture } from "./fixture.ts";

const SCHEMA = {
  type: "object",
  properties: {
    copies: { type: "integer", minimum: 1, maximum: 9 },
    title: { type: "string" },
    duplex: { type: "boolean" },
    paper: { enum: ["a4", 5, null] },
    pages: { type: "array", items: { type: "string" } },
    more: { type: "object" },
    __proto__x: { type: "string" },
  },
  required: ["copies"],
};

Deno.test("inputFields() and readInput() turn a schema into a form, and that into an input", () => {
  const fields = inputFields(SCHEMA);
  assert.deepEqual(fields.map(({ kind }) => kind), [
    ...["integer", "text", "flag", "choice", "lines", "json", "text"],
  ]);
  const sent = new Form(
    new URLSearchParams({
      "input.copies": "2",
      "input.title": "",
      "input.duplex": "false",
      "input.paper": "1",
      "input.pages": "one\r\ntwo\r\n",
      "input.more": '{"a":[1]}',
    }),
  );
  assert.deepEqual(readInput(sent, fields), {
    copies: 2,
    duplex: false,
    paper: 5,
    pages: ["one", "two"],
    more: { a: [1] },
  });
});

Deno.test("readInput() refuses what is no number or no JSON, and takes any key as a property", () => {
  const read = (key: string, type: string, value: string) => {
    const fields = inputFields({ properties: Object.fromEntries([[key, { type }]]) });
    return readInput(new Form(new URLSearchParams({ [`input.${key}`]: value })), fields);
  };
  const refused = (error: unknown) => error instanceof HubError && error.code === "bad_request";
  assert.throws(() => read("n", "number", "two"), refused);
  assert.throws(() => read("n", "number", "Infinity"), refused);
  assert.throws(() => read("o", "object", "{"), refused);
  const input = read("__proto__", "object", '{"admin":true}');
  assert.deepEqual(Object.keys(input as object), ["__proto__"]);
  assert.equal((input as { admin?: boolean }).admin, undefined);
  for (const none of [undefined, null, 7, { properties: [] }, { properties: { a: true } }]) {
    assert.ok(Array.isArray(inputFields(none)));
  }
});

Deno.test("a script is ordered by its form, and the page shows what came of it", async () => {
  await using hub = await consoleFixture();
  await hub.publish("1.0.0", { inputSchema: SCHEMA });
  await using machine = await hub.test.machine({ labels: ["office"] });
  await machine.enrol();
  await machine.start();
  const ada = await hub.enter("ada");
  const path = `/scripts/${hub.test.fleet.script}/order?version=1.0.0`;
  assert.match((await ada.open(path)).text, /type="number" name="input.copies" value="" required/);
  const fields = { for: "labels", labels: "office", minutes: "10" };
  const bad = await ada.send(path, { ...fields, "input.copies": "99", "input.title": "mine" });
  assert.equal(bad.status, 400);
  assert.match(bad.text, /\/copies/);
  assert.match(bad.text, /value="mine"/);
  const sent = await ada.send(path, { ...fields, "input.copies": "3" });
  assert.equal(sent.status, 303);
  const order = sent.headers.get("location")!.split("?")[0]!;
  const id = order.slice("/orders/".length);
  await until(hub.test, async () => (await hub.orders.get("acme", id)).counts.ended === 1);
  const over = (await ada.open(order)).text;
  assert.match(over, /Agents: ok 1/);
  assert.doesNotMatch(over, /Cancel the order/);
  assert.match(over, /1\.0\.0, exactly/);
  const run = await ada.open(`${order}/agents/${encodeURIComponent(machine.id)}`);
  assert.match(run.text, /&quot;copies&quot;: 3/);
  assert.match(run.text, /ended: ok/);
  assert.match((await ada.open("/")).text, /acme\/echo: ok 1/);
});

Deno.test("an order is not for viewers, nor for another tenant to see", async () => {
  await using hub = await consoleFixture();
  await hub.publish("1.0.0");
  await hub.agent({ id: `writ-key:${"A".repeat(43)}` });
  const ada = await hub.enter("ada");
  const path = `/scripts/${hub.test.fleet.script}/order?version=1.0.0`;
  const sent = await ada.send(path, { for: "all", minutes: "10", input: "7" });
  const order = sent.headers.get("location")!.split("?")[0]!;
  const viewer = await hub.enter("vic", "viewer");
  const eve = await hub.enter("eve", "admin", "other");
  assert.equal((await viewer.open(order)).status, 200);
  assert.match((await ada.open(order)).text, /Cancel the order/);
  assert.equal((await viewer.open(path)).status, 403);
  assert.equal((await viewer.send(path, { for: "all" })).status, 403);
  assert.equal((await viewer.send(`${order}/cancel`, {})).status, 403);
  for (const page of [order, path, `${order}/agents/writ-key:${"A".repeat(43)}`]) {
    assert.equal((await eve.open(page)).status, 404);
  }
  assert.equal((await eve.send(`${order}/cancel`, {})).status, 404);
  assert.equal((await ada.send(`${order}/cancel`, {})).status, 303);
  assert.match((await ada.open(order)).text, /cancelled 1/);
});

Deno.test("where the hub may not order, the page gives the very file to sign, and takes it signed", async () => {
  await using hub = await consoleFixture();
  const { test } = hub;
  const root = test.root("acme");
  const { hub: _, ...orderers } = root.orderers;
  const next = { ...root, version: 2, orderers };
  await hub.lists.putRoot("acme", "system", sealDocument("root", next, [test.rootKey]));
  await hub.publish("1.0.0");
  await hub.agent({ id: `writ-key:${"A".repeat(43)}` });
  const ada = await hub.enter("ada");
  const path = `/scripts/${test.fleet.script}/order?version=1.0.0`;
  const agents = `writ-key:${"A".repeat(43)}`;
  const { text } = await ada.send(path, { for: "agents", agents, input: "7", minutes: "10" });
  assert.match(text, /writ sign order\.json --key/);
  const order = /name="order" value="([^"]+)"/.exec(text)![1]!.replaceAll("&quot;", '"');
  const file = await ada.send("/orders/file", { order });
  assert.equal(file.text, order);
  assert.match(file.headers.get("content-disposition")!, /attachment/);
  assert.equal(file.headers.get("x-content-type-options"), "nosniff");
  for (const other of ["", "<script>alert(1)</script>", "{}", `${order} `, order.slice(1)]) {
    const { status, text } = await ada.send("/orders/file", { order: other });
    assert.deepEqual([status, text.includes("alert(1)")], [400, false], other);
  }
  const envelope = sealDocument("order", JSON.parse(order), [test.fleet.operator]);
  const sent = await ada.send("/orders/signed", { envelope: new TextDecoder().decode(envelope) });
  assert.equal(sent.status, 303);
  assert.equal((await hub.orders.list("acme")).items[0]!.orderer, "offline");
});

import assert from "node:assert/strict";
import { AuditReader } from "../../runtime/agent/audit/audit_reader.ts";
import { AGENT_LIMITS } from "../../runtime/agent/limits.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { signedFetch } from "../../runtime/peer/mod.ts";
import { TestAgent } from "./agent_fixture.ts";

/** Refusals in the audit log of an agent that has stopped. */
async function refusalsOf(test: TestAgent): Promise<{ event: string; detail: unknown }[]> {
  await test.agent.stop();
  using audit = AuditReader.open(test.stateDir);
  return audit.tail(100)
    .filter(({ event }) => event === "order_refused" || event === "refusals_counted")
    .map(({ event, detail }) => ({ event, detail: JSON.parse(detail) }));
}

Deno.test("the refused order of a known orderer has a row of its own, once", async () => {
  await using test = await TestAgent.start();
  const wrong = () => test.fleet.order(test.agent.id, { fleet: "other" });
  const { envelope } = wrong();
  for (const bytes of [envelope, envelope, envelope, wrong().envelope]) {
    await (await test.send(bytes)).text();
  }
  const rows = await refusalsOf(test);
  const [first, second, counted] = rows;
  assert.deepEqual(rows.map(({ event }) => event), [
    "order_refused",
    "order_refused",
    "refusals_counted",
  ]);
  const { code, orderers } = first!.detail as Record<string, unknown>;
  assert.deepEqual([code, orderers], ["wrong_fleet", ["operator"]]);
  assert.notDeepEqual(first!.detail, second!.detail);
  assert.deepEqual((counted!.detail as { counts: unknown }).counts, { wrong_fleet: 2 });
});

Deno.test("refused orders of a known orderer are counted where there are too many", async () => {
  await using test = await TestAgent.start();
  const wrong = () => test.fleet.order(test.agent.id, { fleet: "other" }).envelope;
  const most = AGENT_LIMITS.REFUSED_ROWS;
  for (let i = 0; i < most + 3; i++) await (await test.send(wrong())).text();
  await test.agent.stop();
  using audit = AuditReader.open(test.stateDir);
  const rows = audit.tail(most + 10);
  assert.equal(rows.filter(({ event }) => event === "order_refused").length, most);
  const counted = rows.find(({ event }) => event === "refusals_counted")!;
  assert.deepEqual(JSON.parse(counted.detail).counts, { wrong_fleet: 3 });
});

Deno.test("strangers leave one row between them, however much they send", async () => {
  await using test = await TestAgent.start();
  const stranger = generateSigner();
  for (let i = 0; i < 20; i++) {
    await (await test.send(test.fleet.order(test.agent.id, {}, stranger).envelope)).text();
    await (await test.send(new TextEncoder().encode(`garbage ${i}`))).text();
  }
  await (await fetch(`${test.agent.url}/v1/runs`)).text();
  const rows = await refusalsOf(test);
  assert.equal(rows.length, 1);
  assert.deepEqual((rows[0]!.detail as { counts: unknown }).counts, {
    threshold: 20,
    bad_envelope: 20,
    unauthorized: 1,
  });
});

Deno.test("the refused call of a known caller has a row for each route, once in a while", async () => {
  await using test = await TestAgent.start();
  const { url, id } = test.agent;
  const call = { signer: test.fleet.operator, recipient: id, now: test.now };
  for (const path of ["/v1/runs/7", "/v1/runs/8", "/v1/audit", "/v1/audit", "/v1/runs"]) {
    await (await signedFetch(url + path, call)).text();
  }
  await test.agent.stop();
  using audit = AuditReader.open(test.stateDir);
  const rows = audit.tail(100).filter(({ event }) => event === "call_refused")
    .map(({ detail }) => JSON.parse(detail));
  const { publicKey } = test.fleet.operator;
  const row = { key: publicKey, orderers: ["operator"], code: "not_found" };
  assert.deepEqual(rows, [
    { ...row, route: "GET /v1/runs/:id", path: "/v1/runs/7" },
    { ...row, route: "GET /v1/audit", path: "/v1/audit" },
  ]);
});

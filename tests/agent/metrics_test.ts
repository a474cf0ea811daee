import assert from "node:assert/strict";
import { METRICS } from "../../runtime/agent/metrics/catalogue.ts";
import { PrometheusInstruments } from "../../runtime/agent/metrics/prometheus.ts";
import { TestAgent } from "./agent_fixture.ts";
import { TestApp } from "./app_fixture.ts";

/** The samples of a scrape, by name and labels as they stand there. */
async function scrape(test: TestAgent): Promise<Map<string, number>> {
  const response = await fetch(`${test.agent.url}/metrics`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split("\n").filter((line) => /^writ_/.test(line));
  return new Map(lines.map((line) => {
    const at = line.lastIndexOf(" ");
    return [line.slice(0, at), Number(line.slice(at + 1))];
  }));
}

Deno.test("/metrics counts orders, refusals and runs since the start", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const { run } = await test.order();
  await test.ended(run);
  const { script } = await test.run(run);
  const before = await scrape(test);
  assert.equal(before.get(`writ_orders_accepted_total{orderer="operator",script="${script}"}`), 1);
  assert.equal(before.get(`writ_runs_ended_total{script="${script}",outcome="ok"}`), 1);
  assert.equal(before.get(`writ_run_wall_seconds_count{script="${script}"}`), 1);
  assert.equal(before.get("writ_runs_running"), 0);
  assert.equal(before.get("writ_runs_waiting"), 0);

  test.now += 24 * 3_600_000;
  const expired = test.fleet.order(test.agent.id);
  assert.equal((await test.send(expired.envelope)).status, 403);
  const after = await scrape(test);
  assert.equal(after.get('writ_orders_refused_total{rule="expired"}'), 1);
  assert.equal(after.get(`writ_runs_ended_total{script="${script}",outcome="ok"}`), 1);
  const added = after.get("writ_audit_rows")! - before.get("writ_audit_rows")!;
  assert.equal(added, 1);
});

Deno.test("/metrics answers programs on this machine alone", async (t) => {
  await using test = await TestApp.open();
  const status = async (remote: unknown, headers: Record<string, string> = {}) => {
    const env = remote === undefined ? undefined : { remoteAddr: remote };
    return (await test.app.request("http://127.0.0.1/metrics", { headers }, env)).status;
  };
  const from = (hostname: string) => ({ transport: "tcp", hostname, port: 1 });
  for (const hostname of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) {
    await t.step(hostname, async () => assert.equal(await status(from(hostname)), 200));
  }
  for (const hostname of ["192.0.2.1", "::ffff:192.0.2.1", "127.0.0.1.example", "::", ""]) {
    await t.step(hostname || "nothing", async () => {
      assert.equal(await status(from(hostname)), 403);
    });
  }
  await t.step("no address at all", async () => assert.equal(await status(undefined), 403));
  await t.step("a program that a proxy speaks for", async () => {
    assert.equal(await status(from("127.0.0.1"), { "x-forwarded-for": "127.0.0.1" }), 403);
  });
});

Deno.test("PrometheusInstruments has every metric of the catalogue", async () => {
  const { text } = await new PrometheusInstruments().exposition();
  for (const [name, { kind }] of Object.entries(METRICS)) {
    assert.ok(text.includes(`# TYPE ${name} ${kind}\n`), name);
  }
});

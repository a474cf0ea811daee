import assert from "node:assert/strict";
import { sandboxRunner } from "../../runtime/agent/cells/sandbox_runner.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { modulePath } from "../../runtime/core/source_layout.ts";
import { AGENT_LIMITS } from "../../runtime/agent/limits.ts";
import { ServingAgent } from "./endpoint/fixture.ts";
import { until } from "../until.ts";

const SCRIPT = `async run(input, ctx) { ctx.emit("ran", { input }); },
  async fetch(request, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/long") ctx.emit("n".repeat(100) + "\\ud800", "x".repeat(5_000));
    else if (pathname === "/many") for (let i = 0; i < 100; i++) ctx.emit("one", i);
    else if (pathname === "/loud") for (let i = 0; i < 100; i++) ctx.log.warn("loud " + i);
    else if (pathname === "/later") setTimeout(() => ctx.emit("later", null), 1);
    else ctx.emit("job", { user: "ada", pages: 3, outcome: "completed" });
    return new Response("done");
  }`;

type Row = { event: string; detail: Record<string, unknown> };

async function start(life: "fresh" | "live" = "fresh") {
  const agent = await ServingAgent.start(SCRIPT, { life }, { life });
  const rows = async (): Promise<Row[]> => {
    const { rows } = await (await agent.test.ask("/v1/audit?limit=500")).json();
    return rows.filter(({ event }: Row) => event.startsWith("script_event"))
      .map(({ event, detail }: { event: string; detail: string }) => ({
        event,
        detail: JSON.parse(detail),
      }));
  };
  return { agent, rows, [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose]() };
}

Deno.test("what a script emits in a request and in a run is in the audit log", async () => {
  await using started = await start();
  const { agent, rows } = started;
  await agent.text("/");
  const { run } = await agent.test.order();
  await agent.test.ended(run);
  const [request, ran] = await rows();
  assert.deepEqual(request!.detail, {
    script: "acme/echo",
    name: "job",
    data: { user: "ada", pages: 3, outcome: "completed" },
  });
  assert.deepEqual([ran!.detail.run, ran!.detail.name], [run, "ran"]);
});

Deno.test("what a live script emits after its request is over is in the audit log", async () => {
  await using started = await start("live");
  const { agent, rows } = started;
  await agent.text("/later");
  let found: Row[] = [];
  await until(async () => (found = await rows()).length > 0);
  assert.deepEqual(found[0]!.detail, { script: "acme/echo", name: "later", data: null });
});

Deno.test("a script's rows and lines are bounded in length and number", async () => {
  await using started = await start();
  const { agent, rows } = started;
  const lines: string[] = [];
  await agent.test.agent.stop();
  await agent.test.start({
    runner: sandboxRunner(),
    log: (_level, message) => lines.push(message),
  });
  await agent.text("/long");
  const [long] = await rows();
  const { name, beginning } = long!.detail as Record<string, string>;
  assert.equal(name!.length, AGENT_LIMITS.SCRIPT_EVENT_NAME);
  assert.equal(beginning!.length, AGENT_LIMITS.SCRIPT_EVENT_CHARACTERS);

  await agent.text("/many");
  await agent.text("/loud");
  const said = lines.filter((message) => message === "script says");
  assert.equal(said.length, AGENT_LIMITS.SCRIPT_LINES);
  assert.equal((await rows()).length, AGENT_LIMITS.SCRIPT_EVENTS);
  await agent.test.agent.stop();
  await agent.test.start({ runner: sandboxRunner() });
  const counted = (await rows()).find(({ event }) => event === "script_events_counted");
  assert.deepEqual(counted!.detail.counts, { "acme/echo": 101 - AGENT_LIMITS.SCRIPT_EVENTS });
});

Deno.test("errors that a script does not catch are told at the author's own lines", async (t) => {
  const body = `fetch(request) {
    if (request.url.endsWith("/later")) setTimeout(() => { throw new Error("late"); });
    else throw new Error("now");
    return new Response("done");
  }`;
  for (const life of ["fresh", "live"] as const) {
    await t.step(life, async () => {
      await using agent = await ServingAgent.start(body, { life }, { life });
      const { fleet } = agent.test;
      // Every place of the module is the seventh line of one file.
      const map = new TextEncoder().encode(
        JSON.stringify({ version: 3, sources: ["lib/a.ts"], mappings: "AAMA;AAAA;AAAA;AAAA" }),
      );
      const sha256 = digestOf(map);
      const sourceMap = { sha256, length: map.length };
      fleet.files.set(modulePath(sha256), map);
      fleet.publish("1.0.1", { life, sequence: 2, sourceMap }, `export default { ${body} };`);
      const said: string[] = [];
      await agent.test.agent.stop();
      await agent.test.start({
        runner: sandboxRunner(),
        log: (_level, message, fields) => {
          if (message === "script says") said.push(String(fields!.text));
        },
      });
      assert.deepEqual(await agent.refusal("/now"), [503, "script_error"]);
      if (life === "live") await agent.text("/later");
      await until(() => said.length >= (life === "live" ? 2 : 1));
      assert.match(said[0]!, /Uncaught Error: now\n.*script:\/\/acme\/echo@1\.0\.1\/lib\/a\.ts:7:/);
      const late = said.find((text) => text.includes("late"));
      if (life === "live") assert.match(late!, /script:\/\/acme\/echo@1\.0\.1\/lib\/a\.ts:7:/);
    });
  }
});

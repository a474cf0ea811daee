import assert from "node:assert/strict";
import { linesOf } from "../bench/lines.ts";
import { writ } from "../bench/program.ts";
import { within } from "../within.ts";
import { FleetFolder } from "./fleet_folder.ts";

interface Received {
  resourceMetrics?: { scopeMetrics: { scope: { name: string }; metrics: { name: string }[] }[] }[];
  resourceSpans?: { scopeSpans: { spans: { name: string }[] }[] }[];
}

/** A collector on this machine that says what it was sent. */
class Collector implements AsyncDisposable {
  readonly metrics = Promise.withResolvers<Set<string>>();
  readonly spans = Promise.withResolvers<Set<string>>();
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (r) => {
    const { resourceMetrics = [], resourceSpans = [] }: Received = await r.json();
    const ours = resourceMetrics.flatMap((resource) => resource.scopeMetrics)
      .filter(({ scope }) => scope.name === "writ").flatMap(({ metrics }) => metrics);
    if (ours.length > 1) this.metrics.resolve(new Set(ours.map(({ name }) => name)));
    const spans = resourceSpans.flatMap((resource) => resource.scopeSpans)
      .flatMap(({ spans }) => spans);
    if (spans.length > 0) this.spans.resolve(new Set(spans.map(({ name }) => name)));
    return Response.json({});
  });
  readonly url = `http://127.0.0.1:${this.#server.addr.port}`;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test("an agent started with OTEL_DENO sends its metrics and a span for each request", async () => {
  using fleet = await FleetFolder.make();
  await using collector = new Collector();
  const [command, args] = writ("-C", fleet.path, "agent", "--json", "--prewarm", "0");
  const agent = new Deno.Command(command, {
    args,
    env: {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRIC_EXPORT_INTERVAL: "200",
      OTEL_BSP_SCHEDULE_DELAY: "200",
    },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    const { value } = await within(linesOf(agent.stdout).next(), "a word of the agent");
    const { url } = JSON.parse(value!);
    await (await fetch(`${url}/healthz`)).body?.cancel();
    const names = await collector.metrics.promise;
    assert.ok(names.has("writ_audit_rows"), [...names].join());
    assert.ok([...await collector.spans.promise].some((name) => name.startsWith("GET")));
  } finally {
    agent.kill("SIGTERM");
    assert.equal((await agent.status).code, 0);
  }
});

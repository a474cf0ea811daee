// An agent with real cells in a process of its own, for tests that kill it. Arguments: the state
// folder, and the operator's key once there is one. Says on stdout where it is.
import { startAgent } from "../../runtime/agent/agent.ts";
import { sandboxRunner } from "../../runtime/agent/cells/sandbox_runner.ts";
import { signerToPem } from "../../runtime/core/pem.ts";
import { TestFleet } from "./fixture.ts";

/** Counts what it is told at once, and what it is told to be woken for. */
const SCRIPT = `export default {
  async run({ n }, ctx) {
    await ctx.store.add("done " + n);
  },
  async fetch(request, ctx) {
    const { searchParams } = new URL(request.url);
    if (searchParams.has("add")) return Response.json(await ctx.store.add(searchParams.get("add")));
    if (searchParams.has("at")) {
      await ctx.schedule(0, { n: Number(searchParams.get("at")) });
      return Response.json("scheduled");
    }
    return Response.json(await ctx.store.list());
  },
};`;

const fleet = new TestFleet(Deno.args[1]);
fleet.publish("1.0.0", { life: "live", idempotent: false }, SCRIPT);
const grant = fleet.grant({
  capabilities: { store: {} },
  serve: { allow: ["loopback"], requests: 64 },
  life: "live",
});
const policy = fleet.policy({ grants: new Map([[fleet.script, grant]]) });
await using agent = await startAgent({
  stateDir: Deno.args[0]!,
  rules: () => Promise.resolve({ policy, sources: [fleet.source()] }),
  runner: sandboxRunner(),
  listen: { hostname: "127.0.0.1", port: 0 },
});
const ready = { url: agent.url, operator: signerToPem(fleet.operator) };
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(ready) + "\n"));
for await (const _ of Deno.stdin.readable);

// An agent in a process of its own, for tests that kill it. Its argument is the state folder; says
// on stdout where it is, and whose orders it takes.
import { startAgent } from "../../runtime/agent/agent.ts";
import { signerToPem } from "../../runtime/core/pem.ts";
import { FakeRunner, NOON, TestFleet } from "./fixture.ts";

const fleet = new TestFleet();
fleet.publish("1.0.0");
const runner = new FakeRunner();
await using agent = await startAgent({
  stateDir: Deno.args[0]!,
  rules: () => Promise.resolve({ policy: fleet.policy(), sources: [fleet.source()] }),
  runner,
  listen: { hostname: "127.0.0.1", port: 0 },
  now: () => NOON,
});
const operator = signerToPem(fleet.operator);
const ready = JSON.stringify({ url: agent.url, id: agent.id, operator }) + "\n";
await Deno.stdout.write(new TextEncoder().encode(ready));
for await (const _ of Deno.stdin.readable);

// An agent in a process of its own, with rules from memory: its arguments are the state folder and
// the public key whose orders it takes. Says on stdout where it is and who it is, and ends when
// its stdin does.
import { startAgent } from "../../runtime/agent/agent.ts";
import { sandboxRunner } from "../../runtime/agent/runs/sandbox_runner.ts";
import { DEFAULT_LIMITS } from "../../runtime/core/documents/grant.ts";
import { parsePublicKey } from "../../runtime/core/key.ts";
import { makePolicy } from "../../runtime/core/policy_in_force.ts";
import { FLEET, SCRIPT } from "./order_batch.ts";

const [stateDir, key] = Deno.args as [string, string];
const policy = makePolicy({
  fleet: FLEET,
  orderers: new Map([["operator", { keys: [parsePublicKey(key)], threshold: 1 }]]),
  publishers: new Map(),
  accept: [{ script: SCRIPT, range: "*" }],
  deny: [],
  grants: new Map([
    [SCRIPT, { script: SCRIPT, orders: ["operator"], permissions: {}, limits: DEFAULT_LIMITS }],
  ]),
  labels: new Map(),
  ceiling: { permissions: {}, limits: DEFAULT_LIMITS },
});
await using agent = await startAgent({
  stateDir,
  rules: () => Promise.resolve({ policy, sources: [] }),
  runner: sandboxRunner(),
  listen: { hostname: "127.0.0.1", port: 0 },
});
const ready = JSON.stringify({ id: agent.id, url: agent.url }) + "\n";
await Deno.stdout.write(new TextEncoder().encode(ready));
for await (const _ of Deno.stdin.readable);

// One agent of many, in a process of its own: reads a command a line, answers a line of JSON.
// Arguments: where its state is, and how many bytes a second it gets at most.
//   peers FILE     takes the other agents from a JSON file
//   warm           runs the script once: its cell stays, as that of a script that syncs all day
//   put BYTES      makes a blob and shares it: {"list": …, "sha256": …}
//   pull LIST      gets it from the others: {"sha256": …, "length": …}
//   figures        {"peakBytes": …, "sent": …, "received": …, "cpuSeconds": …}
import process from "node:process";
import { startAgent } from "../../../runtime/agent/agent.ts";
import { sandboxRunner } from "../../../runtime/agent/cells/sandbox_runner.ts";
import { statePaths } from "../../../runtime/agent/state/state_dir.ts";
import type { PeerEntry } from "../../../runtime/policy/mod.ts";
import { payloadType } from "../../../runtime/core/dsse.ts";
import { instant, TestFleet } from "../../agent/fixture.ts";
import { linesOf } from "../lines.ts";

const SCRIPT = `export default {
  async run({ put, pull }, ctx) {
    if (pull) return await ctx.blobs.pull(pull);
    if (!put) return {};
    let seed = 1;
    const stream = ReadableStream.from((function* () {
      for (let left = put; left > 0; left -= 262144) {
        const chunk = new Uint32Array(65536);
        for (let i = 0; i < chunk.length; i++) chunk[i] = seed = Math.imul(seed, 1664525) + 1013904223;
        yield new Uint8Array(chunk.buffer, 0, Math.min(left, 262144));
      }
    })());
    const { sha256 } = await ctx.blobs.put(stream);
    return { sha256, ...await ctx.blobs.share(sha256) };
  },
};`;

const [stateDir, downBytes] = Deno.args as [string, string?];
const fleet = new TestFleet();
const capabilities = { blobs: { quotaBytes: 1_000_000_000 }, peers: {} };
const limits = { ...fleet.grant().limits, wallMs: 300_000, cpuMs: 60_000 };
const grant = fleet.grant({ capabilities, limits, life: "warm" });
fleet.publish("1.0.0", { limits, life: "warm" }, SCRIPT);
let peers: PeerEntry[] = [];
const policy = fleet.policy({
  grants: new Map([[fleet.script, grant]]),
  ceiling: { permissions: {}, limits },
});
const traffic = downBytes === undefined ? {} : { downBytes: Number(downBytes) };
const rules = () => Promise.resolve({ policy, sources: [fleet.source()], peers, traffic });
const listen = { hostname: "127.0.0.1", port: 0 };
const agent = await startAgent({ stateDir, rules, runner: sandboxRunner(), listen });
say({ id: agent.id, url: agent.url });

for await (const line of linesOf(Deno.stdin.readable)) {
  const [command, argument = ""] = line.split(" ");
  if (command === "peers") {
    peers = JSON.parse(await Deno.readTextFile(argument));
    await agent.reload();
    say({});
  } else if (command === "warm") say(await resultOf({}));
  else if (command === "put") say(await resultOf({ put: Number(argument) }));
  else if (command === "pull") say(await resultOf({ pull: argument }));
  else if (command === "figures") say(await figures());
}
await agent.stop();

/** Orders the script from this very agent, and waits for its result. */
async function resultOf(input: unknown): Promise<unknown> {
  const now = Date.now();
  const times = { issued: instant(now), expires: instant(now + 600_000) };
  const { envelope } = fleet.order(agent.id, { input, ...times });
  const headers = { "content-type": payloadType("order") };
  const body = new Uint8Array(envelope);
  const taken = await fetch(`${agent.url}/v1/orders`, { method: "POST", headers, body });
  const { run } = await taken.json();
  await (await ask(`/v1/runs/${run}/events`)).text();
  const { outcome } = await (await ask(`/v1/runs/${run}`)).json();
  return outcome.outcome === "ok" ? outcome.result : { failed: outcome };
}

async function figures() {
  const metrics = await (await fetch(`${agent.url}/metrics`)).text();
  const bytes = (way: string) =>
    Number(new RegExp(`writ_swarm_bytes\\{way="${way}"\\} (\\S+)`).exec(metrics)?.[1]);
  const status = await Deno.readTextFile("/proc/self/status");
  const peakBytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024;
  const { user, system } = process.cpuUsage();
  const cpuSeconds = (user + system) / 1e6;
  return { peakBytes, sent: bytes("sent"), received: bytes("received"), cpuSeconds };
}

async function ask(path: string): Promise<Response> {
  const token = (await Deno.readTextFile(statePaths(stateDir).token)).trim();
  return await fetch(agent.url + path, { headers: { authorization: `Bearer ${token}` } });
}

function say(value: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(value) + "\n"));
}

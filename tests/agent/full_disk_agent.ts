// Runs in a process that may write no file longer than 1 MiB, which is what a full disk looks like
// to a program. Fills up an agent and prints, as one JSON object, what each step was answered.
import { digestOf } from "../../runtime/core/digest.ts";
import { AuditReader } from "../../runtime/agent/audit/audit_reader.ts";
import { TestAgent } from "./agent_fixture.ts";
import { instant, NOON } from "./fixture.ts";

await using test = await TestAgent.start();
const put = async (length: number) => {
  const bytes = new Uint8Array(length);
  const path = `/v1/blobs/${digestOf(bytes)}`;
  const response = await test.ask(path, { method: "PUT", body: bytes });
  const code = (await response.json()).error?.code ?? null;
  const { status } = await test.ask(path, { method: "HEAD" });
  return { status: response.status, code, stored: status === 200 };
};
const order = async (inputLength: number) => {
  const later = { at: instant(NOON + 60_000) };
  const input = "x".repeat(inputLength);
  const { envelope } = test.fleet.order(test.agent.id, { input, schedule: later });
  const response = await test.send(envelope);
  await response.body?.cancel();
  return response.status;
};

const largeBlob = await put(2_000_000);
const smallBlob = await put(1_000);
const incoming = [...Deno.readDirSync(`${test.stateDir}/blobs/incoming`)].length;
const orders: number[] = [];
for (let i = 0; i < 8; i++) orders.push(await order(400_000));
const { runs } = await (await test.ask("/v1/runs")).json();
const health = (await fetch(`${test.agent.url}/healthz`)).status;
await test.agent.stop();
using audit = AuditReader.open(test.stateDir);
const answer = {
  largeBlob,
  smallBlob,
  incoming,
  orders,
  runs: runs.length,
  health,
  audit: audit.verify().ok,
};
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(answer)));

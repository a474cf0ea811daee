import assert from "node:assert/strict";
import { AgentChild } from "../bench/swarm/agent_child.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { until } from "../until.ts";

const LENGTH = 64_000_000;
/** So that a download lasts some seconds, on a quick machine too. */
const DOWN_BYTES = 16_000_000;
/** A killed peer delays no download by more. */
const DELAY_MS = 2_000;
const LOOK_MS = 50;

async function receivedBy({ url }: AgentChild): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^writ_swarm_bytes\{way="received"\} (\S+)$/m.exec(metrics)?.[1] ?? 0);
}

/** The longest time in which a download got nothing, milliseconds. @param half Called at half of it. */
async function longestPause(agent: AgentChild, list: string, half: () => void): Promise<number> {
  const done = agent.ask<{ length?: number }>(`pull ${list}`);
  let over = false;
  const ended = done.finally(() => over = true);
  let [received, since, longest, isHalf] = [0, performance.now(), 0, false];
  while (!over) {
    const now = await receivedBy(agent);
    if (now > received) {
      // Nothing was under way before the first chunk.
      if (received > 0) longest = Math.max(longest, performance.now() - since);
      [received, since] = [now, performance.now()];
    }
    if (!isHalf && received >= LENGTH / 2) {
      half();
      isHalf = true;
    }
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, LOOK_MS))]);
  }
  assert.equal((await done).length, LENGTH, JSON.stringify(await done));
  assert.ok(isHalf, "it was over before its half was seen");
  return longest;
}

/** Has an agent know others. */
async function introduce({ path }: TemporaryDir, agent: AgentChild, peers: readonly AgentChild[]) {
  const entries = peers.map(({ id, url }, i) => ({ name: `peer-${i}`, id, url, labels: [] }));
  await Deno.writeTextFile(`${path}/peers.json`, JSON.stringify(entries));
  await agent.ask(`peers ${path}/peers.json`);
}

Deno.test("an agent that is killed in its own download goes on where it was when it is back", async () => {
  const length = 12_000_000;
  using folder = new TemporaryDir();
  await using stack = new AsyncDisposableStack();
  const start = async (name: string) =>
    stack.use(await AgentChild.start(`${folder.path}/${name}`, 3_000_000));
  const [source, first] = [await start("source"), await start("doomed")];
  await introduce(folder, source, [first]);
  await introduce(folder, first, [source]);
  const { list } = await source.ask<{ list: string }>(`put ${length}`);
  const cutShort = assert.rejects(first.ask(`pull ${list}`));
  let got = 0;
  await until(async () => (got = await receivedBy(first)) >= length / 4);
  assert.ok(got < length, "it was over before it could be killed");
  first.kill();
  await cutShort;
  const again = await start("doomed");
  assert.equal(again.id, first.id);
  await introduce(folder, again, [source]);
  const pulled = await again.ask<{ length?: number }>(`pull ${list}`);
  assert.equal(pulled.length, length);
  assert.ok(await receivedBy(again) <= length - got, `${got} bytes were there`);
});

Deno.test("an agent that is killed in a download of 64 MB delays it by no more than 2 s", async () => {
  using folder = new TemporaryDir();
  await using stack = new AsyncDisposableStack();
  const start = async (name: string, down?: number) =>
    stack.use(await AgentChild.start(`${folder.path}/${name}`, down));
  const source = await start("source");
  const other = await start("other");
  const [before, after] = [await start("before", DOWN_BYTES), await start("after", DOWN_BYTES)];
  const know = (agent: AgentChild, ...peers: AgentChild[]) => introduce(folder, agent, peers);
  await know(source, other, before, after);
  await know(other, source, before, after);
  for (const agent of [before, after]) await know(agent, source, other);
  const { list } = await source.ask<{ list: string }>(`put ${LENGTH}`);
  await other.ask(`pull ${list}`);
  for (const agent of [before, after]) await agent.ask("warm");
  // A busy machine has pauses of its own.
  const usual = await longestPause(before, list, () => {});
  const killed = await longestPause(after, list, () => other.kill());
  assert.ok(killed <= usual + DELAY_MS, `${killed.toFixed(0)} ms, and ${usual.toFixed(0)} without`);
});

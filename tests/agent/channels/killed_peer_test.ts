import assert from "node:assert/strict";
import { begin, ChannelOffice, emitted, resultOf, type Seen } from "./office.ts";

Deno.test("ctx.channel notices at once that a peer was killed", async () => {
  await using office = new ChannelOffice();
  const here = await office.join();
  const { id, url } = here.agent;
  const program = new URL("channel_peer.ts", import.meta.url).pathname;
  const entry = JSON.stringify({ name: "parent", id, url, labels: ["desk"] });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", program, entry],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    const line = await firstLine(child.stdout);
    await office.know({ name: "child", labels: ["desk"], ...JSON.parse(line) });
    const listening = await begin(here, { until: "left" });
    await emitted(here, listening, "joined");
    const killed = performance.now();
    child.kill("SIGKILL");
    const { seen } = await resultOf<{ seen: Seen[] }>(here, listening);
    // By the connection's end: what is only silent is noticed after 15 s.
    assert.ok(performance.now() - killed < 12_000);
    assert.equal(seen.at(-1)?.type, "left");
  } finally {
    await child.status;
  }
});

/** What comes after it is not read. */
async function firstLine(stdout: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const piece of stdout.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0]!;
}

import assert from "node:assert/strict";
import { type AttachmentSource, type RunEvent, Sandbox } from "../../runtime/sandbox/mod.ts";
import { runSealed } from "./cells.ts";

async function eventsOf(script: string): Promise<RunEvent[]> {
  await using sandbox = await Sandbox.open();
  const events: RunEvent[] = [];
  const { outcome } = await runSealed(sandbox, script, {}, { onEvent: (e) => events.push(e) });
  assert.equal(outcome.outcome, "ok", JSON.stringify(outcome));
  return events;
}

Deno.test("a script's honest output becomes log events in order", async () => {
  const events = await eventsOf(`async (_, ctx) => {
    console.log("one", { a: 1 });
    console.error("two");
    ctx.log.warn("three %s");
    process.stdout.write("four\\n");
    process.stderr.write("five");
    Deno.stdout.writeSync(new TextEncoder().encode("six"));
    await Deno.stderr.write(new TextEncoder().encode("seven"));
  }`);
  assert.deepEqual(events.map((e) => e.type === "log" ? [e.level, e.text] : e), [
    ["info", "one { a: 1 }"],
    ["error", "two"],
    ["warn", "three %s"],
    ["info", "four"],
    ["error", "five"],
    ["info", "six"],
    ["error", "seven"],
  ]);
});

Deno.test("ctx.progress() is kept between 0 and 1 and ctx.emit() carries JSON", async () => {
  const events = await eventsOf(`(_, ctx) => {
    ctx.progress(0.5, "half");
    ctx.progress(7);
    ctx.progress(NaN);
    ctx.emit("page", { n: 1 });
    ctx.emit("bare");
  }`);
  assert.deepEqual(JSON.parse(JSON.stringify(events)), [
    { type: "progress", fraction: 0.5, message: "half" },
    { type: "progress", fraction: 1 },
    { type: "progress", fraction: 0 },
    { type: "event", name: "page", data: { n: 1 } },
    { type: "event", name: "bare", data: null },
  ]);
});

Deno.test("ctx.attachments are read in pieces and arrive byte for byte", async () => {
  const document = crypto.getRandomValues(new Uint8Array(60_000));
  const reads: number[] = [];
  const source: AttachmentSource = {
    name: "a.bin",
    length: document.length * 10,
    mediaType: "application/octet-stream",
    read: (offset, length) => {
      reads.push(length);
      const piece = new Uint8Array(length);
      for (let i = 0; i < length; i++) piece[i] = document[(offset + i) % document.length]!;
      return Promise.resolve(piece);
    },
  };
  await using sandbox = await Sandbox.open();
  const { outcome } = await runSealed(
    sandbox,
    `async (_, ctx) => {
      const [a] = ctx.attachments;
      const bytes = await a.bytes();
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      return [a.name, a.length, a.mediaType, hash.toHex()];
    }`,
    {},
    { attachments: [source] },
  );
  const whole = new Uint8Array(source.length);
  for (let i = 0; i < whole.length; i++) whole[i] = document[i % document.length]!;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", whole)).toHex();
  assert.deepEqual(outcome, {
    outcome: "ok",
    result: ["a.bin", 600_000, "application/octet-stream", hash],
  });
  assert.deepEqual(reads, [262_144, 262_144, 75_712]);
});

Deno.test("a call that the honest worker never makes ends the run as protocol", async (t) => {
  await using sandbox = await Sandbox.open();
  const source: AttachmentSource = {
    name: "a",
    length: 10,
    mediaType: "text/plain",
    read: (_, length) => Promise.resolve(new Uint8Array(length)),
  };
  const calls = {
    "another method": `{ t: "call", id: 1, task: 1, method: "store.get", params: "{}" }`,
    "another attachment": read('{ "index": 1, "offset": 0, "length": 1 }'),
    "a read past the end": read('{ "index": 0, "offset": 5, "length": 6 }'),
    "a negative offset": read('{ "index": 0, "offset": -1, "length": 1 }'),
    "a fraction": read('{ "index": 0, "offset": 0.5, "length": 1 }'),
    "a key of the prototype": read('{ "index": "constructor", "offset": 0, "length": 1 }'),
    "no id": `{ t: "call", task: 1, method: "attachment.read", params: "{}" }`,
    "no task": `{ t: "call", id: 1, method: "attachment.read", params: "{}" }`,
    "an id ahead of its turn": `{ t: "call", id: 2, task: 1, method: "attachment.read",
      params: '{ "index": 0, "offset": 0, "length": 1 }' }`,
    "a run that is not under way": `{ t: "call", id: 1, task: 2, method: "attachment.read",
      params: '{ "index": 0, "offset": 0, "length": 1 }' }`,
    "params that are not JSON": read("{"),
    "bytes that are none": `{ t: "call", id: 1, task: 1, method: "attachment.read",
      params: '{ "index": 0, "offset": 0, "length": 1 }', body: "text" }`,
  };
  for (const [name, call] of Object.entries(calls)) {
    await t.step(name, async () => {
      const script = `() => { postMessage(${call}); return new Promise(() => {}) }`;
      const { outcome } = await runSealed(sandbox, script, {}, { attachments: [source] });
      assert.equal(outcome.outcome, "protocol", JSON.stringify(outcome));
    });
  }
});

function read(params: string): string {
  return `{ t: "call", id: 1, task: 1, method: "attachment.read", params: '${params}' }`;
}

/** Attachments of zeros, and how many bytes of them were read. */
function zeros(count: number, length: number) {
  const read = { bytes: 0 };
  const attachments = Array.from({ length: count }, (_, i): AttachmentSource => ({
    name: `${i}.bin`,
    length,
    mediaType: "application/octet-stream",
    read: (_offset, size) => {
      read.bytes += size;
      return Promise.resolve(new Uint8Array(size));
    },
  }));
  return { attachments, read };
}

Deno.test("as many ctx.attachments as an order can have are read at the same time", async () => {
  const { attachments, read } = zeros(64, 30_000);
  await using sandbox = await Sandbox.open();
  const { outcome } = await runSealed(
    sandbox,
    "async (_, ctx) => (await Promise.all(ctx.attachments.map((a) => a.bytes()))).length",
    {},
    { attachments },
  );
  assert.deepEqual(outcome, { outcome: "ok", result: 64 });
  assert.equal(read.bytes, 64 * 30_000);
});

Deno.test("answers to calls that are asked for faster than they are taken are not piled up", async () => {
  const { attachments, read } = zeros(1, 300_000);
  await using sandbox = await Sandbox.open();
  const { outcome } = await runSealed(
    sandbox,
    `() => {
      const read = { index: 0, offset: 0, length: 262_144, padding: "x".repeat(4_000) };
      const params = JSON.stringify(read);
      for (let id = 1;; id++) {
        postMessage({ t: "call", id, task: 1, method: "attachment.read", params });
      }
    }`,
    { memoryBytes: 256_000_000, cpuMs: 5_000 },
    { attachments },
  );
  assert.equal(outcome.outcome, "protocol", JSON.stringify(outcome));
  assert.ok(read.bytes < 100_000_000, `${read.bytes} bytes`); // all memory there is, before
});

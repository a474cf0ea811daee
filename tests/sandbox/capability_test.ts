import assert from "node:assert/strict";
import { type CapabilityAnswer, CapabilityError, Sandbox } from "../../runtime/sandbox/mod.ts";
import { runSealed } from "./cells.ts";

type Asked = { method: string; params: unknown; body: Uint8Array };

/** A host that answers as told and keeps what it was asked. */
function host(
  offered: Record<string, unknown>,
  answer: (asked: Asked, signal: AbortSignal) => CapabilityAnswer | Promise<CapabilityAnswer>,
) {
  const asked: Asked[] = [];
  return {
    asked,
    offered,
    call: async (method: string, params: unknown, body: Uint8Array, signal: AbortSignal) => {
      const call = { method, params: structuredClone(params), body };
      asked.push(call);
      return await answer(call, signal);
    },
  };
}

async function resultOf(source: string, capabilities: ReturnType<typeof host>): Promise<unknown> {
  await using sandbox = await Sandbox.open();
  const { outcome } = await runSealed(sandbox, source, {}, { capabilities });
  assert.equal(outcome.outcome, "ok", JSON.stringify(outcome));
  return outcome.outcome === "ok" ? JSON.parse(JSON.stringify(outcome.result)) : undefined;
}

Deno.test("ctx shows what is offered and nothing else", async () => {
  const lent = host({ store: {}, dir: { path: "/data" } }, () => ({}));
  const shown = await resultOf(
    `async (_, ctx) => {
      const refused = await ctx.schedule(0, null).catch((error) => [error.name, error.code]);
      return [typeof ctx.store, ctx.dir, typeof ctx.blobs, typeof ctx.peers, refused];
    }`,
    lent,
  );
  assert.deepEqual(shown, [
    "object",
    { path: "/data" },
    "undefined",
    "undefined",
    ["CapabilityError", "not_granted"],
  ]);
  assert.deepEqual(lent.asked, []);
});

Deno.test("ctx.store asks the agent in its words", async () => {
  const pages = [
    { entries: [["a", 1], ["b", 2]], done: false },
    { entries: [["c", 3]], done: true },
  ];
  const lent = host({ store: {} }, ({ method }) => {
    if (method === "store.get") return { value: { found: true, value: { n: 1 } } };
    if (method === "store.list") return { value: pages.shift() };
    return { value: method === "store.add" ? 3 : true };
  });
  const result = await resultOf(
    `async (_, { store }) => [
      await store.get("k"),
      await store.set("k", [1]) === undefined,
      await store.delete("k"),
      await store.list({ prefix: "p", after: "a0", limit: 10 }),
      await store.batch([{ set: "k", value: 1 }, { delete: "l" }], [
        { key: "m", equals: 2 }, { key: "n", equals: undefined },
      ]),
      await store.add("n"),
    ]`,
    lent,
  );
  const entries = [{ key: "a", value: 1 }, { key: "b", value: 2 }, { key: "c", value: 3 }];
  assert.deepEqual(result, [{ n: 1 }, true, true, entries, true, 3]);
  assert.deepEqual(lent.asked.map(({ method, params }) => [method, params]), [
    ["store.get", { key: "k" }],
    ["store.set", { key: "k", value: [1] }],
    ["store.delete", { key: "k" }],
    ["store.list", { prefix: "p", after: "a0", limit: 10 }],
    ["store.list", { prefix: "p", after: "b", limit: 8 }],
    ["store.batch", {
      writes: [{ set: "k", value: 1 }, { delete: "l" }],
      checks: [{ key: "m", equals: 2 }, { key: "n" }],
    }],
    ["store.add", { key: "n", by: 1 }],
  ]);
});

Deno.test("ctx.blobs carries documents both ways in pieces", async () => {
  const kept: Uint8Array[] = [];
  const lent = host({ blobs: {} }, ({ method, params, body }) => {
    const { offset, length } = params as { offset: number; length: number };
    const whole = new Uint8Array(kept.flatMap((piece) => [...piece]));
    switch (method) {
      case "blobs.begin":
        return { value: { upload: 7 } };
      case "blobs.write":
        kept.push(body);
        return {};
      case "blobs.stat":
        return { value: { length: whole.length, mediaType: "text/plain" } };
      case "blobs.read":
        return { body: whole.slice(offset, offset + length) };
      default:
        return { value: { sha256: "sha256:x", length: 1 } };
    }
  });
  const result = await resultOf(
    `async (_, { blobs }) => {
      const whole = new Uint8Array(300_000).map((_, i) => i * 3);
      const hash = async (bytes) =>
        new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
      await blobs.put("short", { mediaType: "text/plain" });
      const { sha256 } = await blobs.put(new Blob([whole]).stream());
      const blob = await blobs.get(sha256);
      const tail = await new Response(blob.stream(299_990)).bytes();
      return [blob.length, await hash(await blob.bytes()) === await hash(whole), tail.length];
    }`,
    lent,
  );
  assert.deepEqual(result, [300_000, true, 10]);
  const [put, begin] = lent.asked;
  assert.deepEqual([put!.method, new TextDecoder().decode(put!.body)], ["blobs.put", "short"]);
  assert.equal(begin!.method, "blobs.begin");
});

Deno.test("an upload that fails half-way is given up", async () => {
  const lent = host({ blobs: {} }, ({ method }) => {
    if (method === "blobs.write") throw new CapabilityError("quota", "Cannot keep more");
    return { value: { upload: 1 } };
  });
  const code = await resultOf(
    `(_, { blobs }) => blobs.put(new Blob([new Uint8Array(300_000)]).stream()).catch((e) => e.code)`,
    lent,
  );
  assert.equal(code, "quota");
  assert.equal(lent.asked.at(-1)!.method, "blobs.abort");
});

Deno.test("ctx.schedule() and ctx.peers ask the agent in its words", async () => {
  const lent = host({ schedule: {}, peers: {} }, () => ({ value: { id: "1" } }));
  await resultOf(
    `async (_, ctx) => {
      await ctx.schedule(new Date(5), { n: 1 }, { key: "k" });
      await ctx.unschedule("k");
      await ctx.peers.list();
      await ctx.peers.order("office", 1, { queueKey: "q" });
      await ctx.peers.run("office", 9);
    }`,
    lent,
  );
  assert.deepEqual(lent.asked.map(({ method, params }) => [method, params]), [
    ["schedule.set", { at: 5, input: { n: 1 }, key: "k" }],
    ["schedule.delete", { key: "k" }],
    ["peers.list", {}],
    ["peers.order", { peer: "office", input: 1, options: { queueKey: "q" } }],
    ["peers.run", { peer: "office", run: 9 }],
  ]);
});

Deno.test("a script learns of a CapabilityError all, and of any other error only that it was", async () => {
  const errors = [new CapabilityError("quota", "Cannot keep more"), new Error("secret")];
  const lent = host({ store: {} }, () => {
    throw errors.shift()!;
  });
  const told = await resultOf(
    `async (_, { store }) => {
      const fail = () => store.get("k").catch(({ name, code, message }) => [name, code, message]);
      return [await fail(), await fail()];
    }`,
    lent,
  );
  assert.deepEqual(told, [
    ["CapabilityError", "quota", "Cannot keep more"],
    ["CapabilityError", "failed", "Cannot answer store.get"],
  ]);
});

Deno.test("a script may ask for a thousand things at once; forty-eight of them wait", async () => {
  let waiting = 0;
  let most = 0;
  const lent = host({ store: {} }, async () => {
    most = Math.max(most, ++waiting);
    await new Promise((resolve) => setTimeout(resolve, 0));
    waiting--;
    return { value: 1 };
  });
  const source = "async (_, { store }) => (await Promise.all(Array.from({ length: 1_000 }, " +
    "(_, i) => store.add(String(i))))).length";
  assert.equal(await resultOf(source, lent), 1_000);
  assert.equal(most, 48);
});

Deno.test("a script that asks anew with each long answer is not ended for it", async () => {
  const long = "é".repeat(90_000);
  const lent = host(
    { store: {} },
    () => Promise.resolve({ value: { entries: [long], done: true } }),
  );
  const source = `async (_, { store }) => {
    let left = 1_000;
    const loop = async () => { while (left-- > 0) await store.list(); };
    await Promise.all(Array.from({ length: 64 }, loop));
    return "all answered";
  }`;
  assert.equal(await resultOf(source, lent), "all answered");
});

Deno.test("hostile params are only data, and the host is told when the run is over", async () => {
  let over: AbortSignal | undefined;
  const lent = host({ store: {} }, ({ params }, signal) => {
    over = signal;
    assert.ok(Object.hasOwn(params as object, "__proto__"));
    return new Promise(() => {});
  });
  await using sandbox = await Sandbox.open();
  const source = `async () => {
    postMessage({ t: "call", id: 1, task: 1, method: "store.set", params: '{"__proto__":{"a":1}}' });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }`;
  const { outcome, figures } = await runSealed(sandbox, source, {}, { capabilities: lent });
  assert.equal(outcome.outcome, "ok");
  assert.equal(figures.calls, 1);
  assert.ok(over?.aborted);
  assert.equal(({} as { a?: number }).a, undefined);
});

Deno.test("what is not JSON is an error of the script's own and no broken protocol", async () => {
  const lent = host({ store: {} }, () => ({ value: 1 }));
  const result = await resultOf(
    `async (_, { store }) => [
      await store.set("k", 1n).catch((error) => error.name),
      await store.add("k"),
    ]`,
    lent,
  );
  assert.deepEqual(result, ["TypeError", 1]);
});

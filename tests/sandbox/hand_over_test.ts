import assert from "node:assert/strict";
import {
  type CapabilityAnswer,
  type CapabilityHost,
  Sandbox,
  type UnreadBody,
} from "../../runtime/sandbox/mod.ts";
import { asking, live, textOf } from "./live_cells.ts";

/** Keeps what it is given, as the agent's blobs do. */
class Shelf implements CapabilityHost {
  readonly offered = { blobs: {} };
  readonly asked: string[] = [];
  readonly #kept: Uint8Array[] = [];

  async call(
    method: string,
    params: unknown,
    body: Uint8Array,
    _signal: AbortSignal,
    unread?: UnreadBody,
  ): Promise<CapabilityAnswer> {
    const { rest = false } = params as { rest?: boolean };
    this.asked.push(rest ? `${method} and the rest` : method);
    if (method === "blobs.put" || method === "blobs.write") this.#kept.push(body.slice());
    if (rest) { for (let piece; (piece = await unread!.next());) this.#kept.push(piece.slice()); }
    return { value: { upload: 1 } };
  }

  async kept(): Promise<Uint8Array> {
    return await new Blob(this.#kept as BlobPart[]).bytes();
  }
}

const DOCUMENT = Uint8Array.from({ length: 700_001 }, (_, i) => i * 7);
const streamed = () => new Blob([DOCUMENT]).stream();

/** What a script asked of the agent, and what was kept, when it answered one request. */
async function kept(
  source: string,
  body: () => ReadableStream<Uint8Array> = streamed,
  first = new Uint8Array(0),
) {
  await using sandbox = await Sandbox.open();
  const script = live(sandbox, source);
  const capabilities = new Shelf();
  const text = await textOf(script, asking("/", { first, body: body(), capabilities }));
  return { text, asked: capabilities.asked, bytes: await capabilities.kept() };
}

Deno.test("ctx.blobs has the agent keep what a script did not read of its request", async (t) => {
  const REST = ["blobs.put and the rest"];
  await t.step("all of it", async () => {
    const { asked, bytes } = await kept(
      "async (request, { blobs }) => (await blobs.put(request.body), new Response())",
    );
    assert.deepEqual([asked, bytes], [REST, DOCUMENT]);
  });
  await t.step("all of it, with the beginning that the script has", async () => {
    const { asked, bytes } = await kept(
      "async (request, { blobs }) => (await blobs.put(request.body), new Response())",
      () => new Blob([DOCUMENT.subarray(9)]).stream(),
      DOCUMENT.slice(0, 9),
    );
    assert.deepEqual([asked, bytes], [REST, DOCUMENT]);
  });
  await t.step("what comes after a head, with what was read too much", async () => {
    const { text, asked, bytes } = await kept(`async (request, { blobs }) => {
      const reader = request.body.getReader();
      const { value } = await reader.read();
      reader.releaseLock();
      await blobs.put(["new head ", value.subarray(3), request.body], { most: 1e6 });
      return new Response(JSON.stringify([request.bodyUsed, request.body.locked]));
    }`);
    assert.deepEqual([asked, text], [REST, "[true,true]"]);
    const head = new TextEncoder().encode("new head ");
    assert.deepEqual(bytes, new Uint8Array([...head, ...DOCUMENT.subarray(3)]));
  });
});

Deno.test("ctx.blobs reads a body through the script where the agent has not all that is left", async (t) => {
  const cases = {
    "a stream made of it": "blobs.put(request.body.pipeThrough(new TransformStream()))",
    "a copy of it": "blobs.put(request.clone().body)",
    "one that something comes after": 'blobs.put([request.body, ""])',
    "one that is being read": `(async () => {
      await new Promise((resolve) => setTimeout(resolve, 0)); // until the stream has started
      const reader = request.body.getReader();
      reader.read().catch(() => {});
      reader.releaseLock();
      await blobs.put(request.body);
    })()`,
  };
  for (const [name, put] of Object.entries(cases)) {
    await t.step(name, async () => {
      const { asked, bytes } = await kept(
        `async (request, { blobs }) => (await ${put}, new Response())`,
      );
      assert.equal(asked.includes("blobs.put and the rest"), false);
      assert.deepEqual([asked[0], bytes], ["blobs.begin", DOCUMENT]);
    });
  }
});

Deno.test("ctx.blobs keeps no request's body for another, and none that was given up", async (t) => {
  await t.step("another's", async () => {
    await using sandbox = await Sandbox.open();
    const script = live(
      sandbox,
      `async (request, { blobs }) => {
        if (new URL(request.url).pathname === "/first") {
          globalThis.first = request;
          await new Promise((resolve) => globalThis.done = resolve);
        } else {
          await blobs.put(globalThis.first.body);
          globalThis.done();
        }
        return new Response();
      }`,
    );
    const [first, second] = [new Shelf(), new Shelf()];
    const answered = textOf(
      script,
      asking("/first", { body: streamed(), capabilities: first }),
    );
    await textOf(
      script,
      asking("/second", { body: new Blob(["no"]).stream(), capabilities: second }),
    );
    await answered;
    assert.deepEqual([first.asked, second.asked[0]], [[], "blobs.begin"]);
    assert.deepEqual(await second.kept(), DOCUMENT);
  });
  await t.step("one that is locked", async () => {
    const { text, asked } = await kept(`async (request, { blobs }) => {
      request.body.getReader();
      return new Response(await blobs.put(request.body).catch((error) => error.name));
    }`);
    assert.deepEqual([text, asked], ["TypeError", []]);
  });
  await t.step("one that was cancelled", async () => {
    const { asked, bytes } = await kept(
      `async (request, { blobs }) =>
        (await request.body.cancel(), await blobs.put(request.body), new Response())`,
    );
    assert.deepEqual([asked, bytes.length], [["blobs.put"], 0]);
  });
});

Deno.test("a client that breaks off fails the call that takes its body", async () => {
  await using sandbox = await Sandbox.open();
  const capabilities = new Shelf();
  const script = live(
    sandbox,
    "async (request, { blobs }) => (await blobs.put(request.body), new Response())",
  );
  let pieces = 3;
  const body = new ReadableStream<Uint8Array>({
    pull(to) {
      if (pieces-- > 0) to.enqueue(new Uint8Array(9_000));
      else to.error(new Error("reset"));
    },
  });
  const failed = script.fetch(asking("/", { body, capabilities }));
  const error = await failed.then(() => undefined, (error) => error);
  assert.equal(error?.report.outcome.outcome, "cancelled");
});

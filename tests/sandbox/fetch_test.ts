import assert from "node:assert/strict";
import { FetchFailed, Sandbox } from "../../runtime/sandbox/mod.ts";
import { calling, sealed } from "./cells.ts";
import { asking, failureOf, live, serving, textOf } from "./live_cells.ts";

const ECHO = "(request) => new Response(request.body)";
const NEVER = "() => new Promise(() => {})";

Deno.test("Sandbox.fetch() shows a script the request as it is, and gives back its response", async () => {
  await using sandbox = await Sandbox.open();
  const module = serving(`async (request, ctx) => {
    const seen = [request.method, request.url, [...request.headers], await request.text()];
    return new Response(JSON.stringify([...seen, ctx.caller, ctx.run, ctx.script.name]), {
      status: 201,
      headers: [["x-one", "1"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]],
    });
  }`);
  const response = await sandbox.fetch(
    sealed(),
    module,
    asking("/jobs?all=1", {
      method: "PUT",
      headers: [["cookie", "c=3"], ["host", "printer"]],
      body: new TextEncoder().encode("hello"),
      caller: { kind: "peer", address: "10.0.0.1", peer: "writ-key:x" },
    }),
  );
  assert.equal(response.status, 201);
  assert.deepEqual(response.headers.filter(([name]) => name !== "content-type"), [
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
    ["x-one", "1"],
  ]);
  assert.deepEqual(await new Response(response.body).json(), [
    "PUT",
    "http://script.invalid/jobs?all=1",
    [["cookie", "c=3"], ["host", "printer"]],
    "hello",
    { kind: "peer", address: "10.0.0.1", peer: "writ-key:x" },
    null,
    "case",
  ]);
  assert.equal((await response.report).outcome.outcome, "ok");
});

Deno.test("a module loads with only `fetch` or only `run`, and tells which half it has not", async () => {
  await using sandbox = await Sandbox.open();
  const { outcome } = await sandbox.run(sealed(), { ...serving(ECHO), input: null });
  assert.equal(outcome.outcome, "script_error");
  const run = sandbox.load(sealed(), calling("() => 1"));
  assert.equal((await failureOf(run, asking())).outcome.outcome, "script_error");
  assert.deepEqual((await run.call({ input: null })).outcome, { outcome: "ok", result: 1 });
});

Deno.test("bodies of any size pass through a script byte for byte", async (t) => {
  await using sandbox = await Sandbox.open();
  const script = live(sandbox, ECHO);
  for (const length of [0, 1, 65_536, 65_537, 262_144, 262_145, 1_000_003]) {
    await t.step(`${length} bytes`, async () => {
      const bytes = new Uint8Array(length).map((_, i) => i * 7);
      const bodies = [
        { body: bytes },
        { body: new Blob([bytes]).stream() },
        { first: bytes.subarray(0, 5), body: new Blob([bytes.subarray(5)]).stream() },
      ];
      for (const request of bodies) {
        const response = await script.fetch(asking("/", request));
        assert.deepEqual(await new Response(response.body).bytes(), bytes);
        assert.equal((await response.report).outcome.outcome, "ok");
      }
    });
  }
});

Deno.test("a request's body is read no faster than the script reads it", async () => {
  await using sandbox = await Sandbox.open();
  const script = live(
    sandbox,
    `async (request) => {
    const reader = request.body.getReader();
    await reader.read();
    return new Response("enough");
  }`,
  );
  let pulled = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(1_000));
    },
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  const response = await script.fetch(asking("/", { body }));
  assert.equal(await new Response(response.body).text(), "enough");
  await response.report;
  assert.equal(pulled, 1);
  assert.ok(cancelled);
});

Deno.test("a response's body is asked of the script no faster than the client reads it", async () => {
  await using sandbox = await Sandbox.open();
  const script = live(
    sandbox,
    `(_, ctx) => {
    let n = 0;
    return new Response(new ReadableStream({
      pull(controller) {
        ctx.emit("made", ++n);
        controller.enqueue(new Uint8Array(1_000));
      },
    }, { highWaterMark: 0 }));
  }`,
  );
  const made: unknown[] = [];
  let said = () => {};
  const response = await script.fetch(asking("/", {
    onEvent(event) {
      if (event.type === "event") made.push(event.data);
      said();
    },
  }));
  const reader = response.body!.getReader();
  for (let i = 0; i < 5; i++) await reader.read();
  while (made.length < 7) await new Promise<void>((resolve) => said = resolve);
  await textOf(live(sandbox, ECHO), asking()); // time for more of it, if it were unbounded
  assert.deepEqual(made, [1, 2, 3, 4, 5, 6, 7]);
  await reader.cancel();
  assert.equal((await response.report).outcome.outcome, "cancelled");
});

Deno.test("a client that leaves is told to the script, and the others go on", async () => {
  await using sandbox = await Sandbox.open();
  const script = live(
    sandbox,
    `async (request, ctx) => {
    if (request.url.endsWith("/quick")) return new Response("quick");
    await new Promise((resolve) => ctx.signal.onabort = resolve);
    ctx.emit("told", [request.signal.aborted, ctx.signal.reason.message]);
    throw ctx.signal.reason;
  }`,
  );
  const client = new AbortController();
  const events: unknown[] = [];
  const begun = textOf(script, asking("/quick"));
  const left = failureOf(
    script,
    asking("/slow", { signal: client.signal, onEvent: (event) => events.push(event) }),
  );
  await begun;
  client.abort(new Error("the client has left"));
  assert.deepEqual((await left).outcome, {
    outcome: "cancelled",
    detail: { reason: "the client has left" },
  });
  assert.deepEqual(events, [
    { type: "event", name: "told", data: [true, "the client has left"] },
  ]);
  assert.equal(await textOf(script, asking("/quick")), "quick");
});

Deno.test("a request that passes a limit of its own ends alone", async (t) => {
  await using sandbox = await Sandbox.open();
  const script = live(
    sandbox,
    `async (request, ctx) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/never") return await new Promise(() => {});
    if (pathname === "/headers") return new Response(null, { headers: { x: "x".repeat(100) } });
    if (pathname === "/log") for (let i = 0; i < 300; i++) ctx.log.info("x".repeat(1_000));
    if (pathname === "/throw") throw new Error("no");
    return new Response(request.body);
  }`,
  );
  const other = script.fetch(asking("/", { body: new ReadableStream() }));
  const body = () => ReadableStream.from([new Uint8Array(600), new Uint8Array(500)]);
  const ended: [string, Parameters<typeof asking>[1], string][] = [
    ["/never", { limits: { wallMs: 100 } }, "wall"],
    ["/never", { limits: { idleMs: 100 } }, "wall"],
    ["/headers", { limits: { headerBytes: 100 } }, "output"],
    ["/log", {}, "output"],
    ["/throw", {}, "script_error"],
    ["/", { limits: { concurrent: 1 } }, "refused"],
  ];
  for (const [path, request, outcome] of ended) {
    await t.step(`${path} ${JSON.stringify(request)}`, async () => {
      assert.equal((await failureOf(script, asking(path, request))).outcome.outcome, outcome);
    });
  }
  await t.step("a body that is longer than it may be", async () => {
    const { report, body: got } = await script.fetch(
      asking("/", { body: body(), limits: { bodyBytes: 1_000 } }),
    );
    await assert.rejects(new Response(got).bytes(), FetchFailed);
    assert.equal((await report).outcome.outcome, "cancelled");
  });
  await t.step("a body that is just as long as it may be", async () => {
    const length = async () =>
      (await textOf(script, asking("/", { body: body(), limits: { bodyBytes: 1_100 } }))).length;
    assert.equal(await length(), 1_100);
  });
  assert.ok(script.alive);
  script.close();
  await (await other).report;
});

Deno.test("a response that breaks off errors its body with how the request ended", async () => {
  await using sandbox = await Sandbox.open();
  const script = live(
    sandbox,
    `() => new Response(new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(3)),
    async pull() {
      await new Promise((resolve) => setTimeout(resolve, 1));
      throw new Error("broken");
    },
  }))`,
  );
  const { body, report } = await script.fetch(asking());
  await assert.rejects(
    new Response(body).bytes(),
    (error) => error instanceof FetchFailed && error.report.outcome.outcome === "script_error",
  );
  assert.equal((await report).outcome.outcome, "script_error");
});

Deno.test("a warm script answers requests and runs one after another in the same cell", async () => {
  await using sandbox = await Sandbox.open();
  const script = sandbox.load(
    sealed(),
    serving("() => new Response(String(++globalThis.n))", "run: () => globalThis.n = 40,"),
  );
  assert.deepEqual((await script.call({ input: null })).outcome, { outcome: "ok", result: 40 });
  for (const n of ["41", "42"]) {
    const first = script.fetch(asking());
    await assert.rejects(script.fetch(asking()), RangeError);
    const response = await first;
    assert.equal(await new Response(response.body).text(), n);
    await response.report;
  }
  assert.equal(script.uses, 3);
  assert.ok(script.alive);
});

Deno.test("a warm cell that a cancelled request was given up in is not used again", async () => {
  await using sandbox = await Sandbox.open();
  const script = sandbox.load(sealed(), serving(NEVER));
  const signal = AbortSignal.timeout(200);
  assert.equal((await failureOf(script, asking("/", { signal }))).outcome.outcome, "cancelled");
  assert.ok(!script.alive);
});

Deno.test("a request has what a run has, but what tells an orderer", async () => {
  await using sandbox = await Sandbox.open();
  const own = "(_, ctx) => Response.json(Object.keys(ctx))";
  const script = sandbox.live(sealed(), serving(own, "run: (_, ctx) => Object.keys(ctx),"));
  const inRequest = new Set<string>(JSON.parse(await textOf(script, asking())));
  const { outcome } = await script.call({ input: null });
  assert.equal(outcome.outcome, "ok");
  const inRun = new Set((outcome as { result: string[] }).result);
  assert.deepEqual([...inRun.difference(inRequest)], ["leaving", "progress"]);
  assert.deepEqual([...inRequest.difference(inRun)], ["caller", "upgradeWebSocket"]);
});

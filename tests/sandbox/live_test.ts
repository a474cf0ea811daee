import assert from "node:assert/strict";
import { type RunEvent, Sandbox } from "../../runtime/sandbox/mod.ts";
import { sealed } from "./cells.ts";
import { asking, failureOf, live, serving, textOf } from "./live_cells.ts";

Deno.test("a live script answers a thousand requests at the same time", async () => {
  await using sandbox = await Sandbox.open();
  const script = live(
    sandbox,
    `async (request) => {
    globalThis.held ??= [];
    // Not one is answered before all of them are here.
    await new Promise((resolve) => held.push(resolve) === 1_000 && held.forEach((go) => go()));
    return new Response(new URL(request.url).pathname);
  }`,
  );
  const answers = await Promise.all(Array.from({ length: 1_000 }, (_, i) => {
    return textOf(script, asking(`/${i}`, { limits: { concurrent: 1_000 } }));
  }));
  assert.deepEqual(answers, answers.map((_, i) => `/${i}`));
  assert.equal(script.underWay, 0);
});

Deno.test("a live script takes runs and requests at the same time", async () => {
  await using sandbox = await Sandbox.open();
  const run = "run: (n) => new Promise((resolve) => globalThis.go = () => resolve(n + 1)),";
  const script = sandbox.live(sealed(), serving("() => (go(), new Response('gone'))", run));
  const report = script.call({ input: 1 });
  assert.equal(await textOf(script, asking()), "gone");
  assert.deepEqual((await report).outcome, { outcome: "ok", result: 2 });
});

Deno.test("a run of a live script is told what the cell used meanwhile", async () => {
  await using sandbox = await Sandbox.open();
  const run = `run: (bytes) => {
    for (const end = performance.now() + 100; performance.now() < end;);
    return (globalThis.held = new Uint8Array(bytes).fill(1)).length;
  },`;
  const script = sandbox.live(sealed(), serving("() => new Response()", run));
  const { figures } = await script.call({ input: 20_000_000 });
  assert.equal(figures.shared, true);
  assert.ok(figures.cpuMs > 0, `${figures.cpuMs} ms`);
  assert.ok(figures.peakBytes >= 20_000_000, `${figures.peakBytes} bytes`);
});

Deno.test("a run is told that the agent is about to stop, and ends by itself", async () => {
  await using sandbox = await Sandbox.open();
  const run = `run: async (_, { leaving, signal }) => {
    if (!leaving.aborted) {
      await new Promise((resolve) => {
        leaving.addEventListener("abort", resolve);
        globalThis.told?.();
      });
    }
    return [leaving.aborted, signal.aborted];
  },`;
  const wait =
    "() => new Promise((resolve) => globalThis.told = () => resolve(new Response('waits')))";
  const script = sandbox.live(sealed(), serving(wait, run));
  const leaving = new AbortController();
  const waits = textOf(script, asking());
  const report = script.call({ input: null, leaving: leaving.signal });
  await waits;
  leaving.abort();
  assert.deepEqual((await report).outcome, { outcome: "ok", result: [true, false] });
  const late = await script.call({ input: null, leaving: leaving.signal });
  assert.deepEqual(late.outcome, { outcome: "ok", result: [true, false] });
});

Deno.test("what breaks a live cell ends all that is under way with its outcome", async (t) => {
  const cases: Record<string, [string, string]> = {
    cpu: ["for (;;);", "cpu"],
    memory: ["const all = []; for (;;) all.push(new Uint8Array(1e7).fill(1));", "memory"],
    "a line on stdout": ['process.getBuiltinModule("node:fs").writeSync(1, "x");', "protocol"],
    "an end of its own": ["Deno.exit(3);", "exited"],
    "console without end": ['for (;;) console.log("x".repeat(1000));', "output"],
  };
  for (const [what, [body, outcome]] of Object.entries(cases)) {
    await t.step(what, async () => {
      await using sandbox = await Sandbox.open();
      const script = live(
        sandbox,
        `async (request) => {
        if (request.url.endsWith("/bystander")) return await new Promise(() => {});
        ${body}
        return await new Promise(() => {});
      }`,
        { cpuMs: 500 },
      );
      const reports = await Promise.all([
        failureOf(script, asking("/bystander")),
        failureOf(script, asking("/culprit")),
      ]);
      for (const report of reports) assert.equal(report.outcome.outcome, outcome);
      assert.equal((await script.ended).outcome, outcome);
      assert.ok(!script.alive);
      assert.equal((await failureOf(script, asking())).outcome.outcome, "refused");
    });
  }
});

Deno.test("a live cell that does not load ends with why", async () => {
  await using sandbox = await Sandbox.open();
  const script = sandbox.live(sealed(), { ...serving(""), javascript: "null.x" });
  assert.equal((await failureOf(script, asking())).outcome.outcome, "script_error");
  assert.equal((await script.ended).outcome, "script_error");
});

Deno.test("a live cell may use as much processor time again and again, and no more at once", async () => {
  await using sandbox = await Sandbox.open();
  const busy = `async (request) => {
    const end = performance.now() + Number(new URL(request.url).pathname.slice(1));
    while (performance.now() < end);
    return new Response("done");
  }`;
  const script = live(sandbox, busy, { cpuMs: 400, wallMs: 400 });
  for (let i = 0; i < 6; i++) assert.equal(await textOf(script, asking("/150")), "done");
  const tight = live(sandbox, busy, { cpuMs: 400, wallMs: 60_000 });
  assert.equal((await failureOf(tight, asking("/30000"))).outcome.outcome, "cpu");
});

Deno.test("a cell that burns processor time between its calls is ended", async () => {
  await using sandbox = await Sandbox.open();
  const script = live(
    sandbox,
    `() => {
    setTimeout(() => { for (;;); }, 1);
    return new Response("answered");
  }`,
    { cpuMs: 300, wallMs: 60_000 },
  );
  assert.equal(await textOf(script, asking()), "answered");
  assert.equal((await script.ended).outcome, "cpu");
});

Deno.test("an error that nobody caught in a live cell is told and ends nothing", async () => {
  await using sandbox = await Sandbox.open();
  const events: RunEvent[] = [];
  let said = () => {};
  const told = new Promise<void>((resolve) => said = resolve);
  const script = live(
    sandbox,
    `() => (Promise.reject(new Error("stray")), new Response("answered"))`,
    {},
    { onEvent: (event) => (events.push(event), said()) },
  );
  assert.equal(await textOf(script, asking()), "answered");
  await told;
  assert.equal(await textOf(script, asking()), "answered");
  const [first] = events;
  assert.ok(first?.type === "log" && first.level === "error" && first.text.includes("stray"));
});

Deno.test("a live cell does not grow by its errors", async () => {
  await using sandbox = await Sandbox.open();
  const script = live(
    sandbox,
    `(request) => {
    if (request.method === "GET") throw new Error("no");
    return new Response(null);
  }`,
  );
  const fine = asking("/", { method: "PUT" });
  await textOf(script, fine);
  await Promise.all(Array.from({ length: 100 }, () => failureOf(script, asking())));
  await textOf(script, fine);
  assert.ok(script.grownBytes < 20_000_000, `${script.grownBytes} bytes`); // 50 MB and more, before
});

Deno.test("what a live script says goes to the request that it says it for", async () => {
  await using sandbox = await Sandbox.open();
  const heard: Record<string, string[]> = { a: [], b: [], cell: [] };
  const hear = (list: string[]) => (event: RunEvent) => {
    if (event.type === "log") list.push(event.text);
  };
  const script = live(
    sandbox,
    `(request, ctx) => {
      ctx.log.info(new URL(request.url).pathname);
      console.log("all");
      return new Response(null);
    }`,
    {},
    { onEvent: hear(heard.cell!) },
  );
  await textOf(script, asking("/a", { onEvent: hear(heard.a!) }));
  await textOf(script, asking("/b", { onEvent: hear(heard.b!) }));
  assert.deepEqual(heard, { a: ["/a"], b: ["/b"], cell: ["all", "all"] });
});

Deno.test("a script that waits for the agent when its request ends is not left waiting", async (t) => {
  const cases: Record<string, [string, Parameters<typeof asking>[1]]> = {
    "for a capability": ['await ctx.store.get("k")', {}],
    "for more of the request": ["await request.text()", { body: new ReadableStream() }],
  };
  for (const [what, [body, request]] of Object.entries(cases)) {
    await t.step(what, async () => {
      await using sandbox = await Sandbox.open();
      const capabilities = {
        offered: { store: {} },
        call: (_method: string, _params: unknown, _body: Uint8Array, over: AbortSignal) =>
          new Promise<never>((_, reject) => over.onabort = () => reject(over.reason)),
      };
      let told = () => {};
      const gone = new Promise<void>((resolve) => told = resolve);
      const script = live(
        sandbox,
        `async (request, ctx) => {
          try { ${body} } catch (error) { console.log(error.message) }
          return new Response(null);
        }`,
        {},
        { onEvent: () => told() },
      );
      await script.fetch(asking("/", { ...request, capabilities, limits: { idleMs: 100 } }))
        .catch(() => {});
      await gone;
      assert.ok(script.alive);
    });
  }
});

Deno.test("Sandbox.close() ends what is under way in a live cell as interrupted", async () => {
  const sandbox = await Sandbox.open();
  const script = live(sandbox, "() => new Promise(() => {})");
  const report = failureOf(script, asking());
  await sandbox.close();
  assert.equal((await report).outcome.outcome, "interrupted");
});

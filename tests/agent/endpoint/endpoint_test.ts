import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../../runtime/core/documents/grant.ts";
import { ServingAgent } from "./fixture.ts";

Deno.test("a script answers requests to its endpoint, and knows no more of them than it may", async () => {
  await using agent = await ServingAgent.start(
    `async fetch(request, ctx) {
       return Response.json({
         method: request.method,
         url: request.url,
         headers: Object.fromEntries(request.headers),
         body: await request.text(),
         caller: ctx.caller.kind,
         run: ctx.run,
       }, { headers: { "set-cookie": "a=b", "service-worker-allowed": "/", "clear-site-data": "*",
         "x-own": "1", "content-security-policy": "default-src 'self'" } });
     }`,
  );
  const response = await agent.fetch("/jobs/1%2F2?all=1", {
    method: "POST",
    headers: { cookie: "session=1", "x-asked": "yes" },
    body: "hello",
  });
  const told = await response.json();
  assert.equal(told.method, "POST");
  assert.equal(told.url, "http://script.invalid/jobs/1%2F2?all=1");
  assert.equal(told.body, "hello");
  assert.equal(told.caller, "loopback");
  assert.equal(told.run, null);
  assert.equal(told.headers["x-asked"], "yes");
  assert.equal(told.headers["writ-mount"], "/s/acme/echo");
  assert.equal(told.headers.cookie, undefined);
  for (const name of ["set-cookie", "service-worker-allowed", "clear-site-data"]) {
    assert.equal(response.headers.get(name), null, name);
  }
  assert.equal(response.headers.get("x-own"), "1");
  assert.equal(
    response.headers.get("content-security-policy"),
    "default-src 'self', sandbox allow-scripts allow-forms",
  );
});

Deno.test("the operator is known by the token, which the script does not see", async () => {
  await using agent = await ServingAgent.start(
    `fetch: (request, ctx) => Response.json([ctx.caller.kind, request.headers.get("authorization")])`,
  );
  const asked = await agent.test.ask("/s/acme/echo/");
  assert.deepEqual(await asked.json(), ["operator", null]);
  const headers = { authorization: "Bearer of-the-script" };
  const other = await agent.fetch("/", { headers });
  assert.deepEqual(await other.json(), ["loopback", "Bearer of-the-script"]);
});

Deno.test("a request reaches no script that is not there for its sender", async (t) => {
  await using agent = await ServingAgent.start(`fetch(request, { caller: { kind } }) {
    if (!request.url.endsWith("/token")) return new Response("hello");
    return Response.json({ kind, token: request.headers.get("writ-page") });
  }`);
  const { port } = new URL(agent.url);
  const own = `http://127.0.0.1:${port}`;
  assert.equal(await agent.text(), "hello");
  assert.equal(await agent.text("/", { headers: { origin: own } }), "hello");
  const { kind, token } = JSON.parse(await agent.text("/token"));
  assert.equal(kind, "loopback");
  const page = { origin: "null" };
  assert.equal(await agent.text(`/?writ-page=${token}`, { headers: page }), "hello");
  const cases: [what: string, headers: Record<string, string>, code: string][] = [
    ["a name that is not ours", { host: "evil.example" }, "bad_name"],
    ["a page of another origin", { origin: "https://evil.example" }, "bad_name"],
    ["a sandboxed page of nobody", { origin: "null" }, "bad_name"],
    [
      "a sandboxed page of somebody else",
      { origin: "null", referer: `${own}/s/acme/echo/` },
      "bad_name",
    ],
    ["a proxy", { "x-forwarded-for": "127.0.0.1" }, "not_admitted"],
    ["a proxy that says so properly", { forwarded: "for=10.0.0.1" }, "not_admitted"],
  ];
  for (const [what, headers, code] of cases) {
    await t.step(what, async () => {
      assert.deepEqual(await raw(agent, headers), [404, code]);
    });
  }
  await t.step("a script that no grant serves", async () => {
    assert.deepEqual(await agent.refusal("/../other/"), [404, "not_served"]);
  });
  await t.step("a script that is accepted no more", async () => {
    const policy = agent.test.fleet.policy;
    agent.test.fleet.policy = () => policy({ accept: [] });
    await agent.test.agent.reload();
    assert.deepEqual(await agent.refusal(), [404, "not_accepted"]);
    agent.test.fleet.policy = policy;
    await agent.test.agent.reload();
    assert.equal(await agent.text(), "hello");
  });
});

Deno.test("a request that a script cannot answer ends as 503 with the outcome", async (t) => {
  await using agent = await ServingAgent.start(
    `async fetch(request) {
       const path = new URL(request.url).pathname;
       if (path === "/throw") throw new Error("no");
       if (path === "/spin") for (;;);
       if (path === "/hang") await new Promise(() => {});
       if (path === "/read") await request.bytes();
       return new Response("hello");
     }`,
    {
      serve: { allow: ["loopback"], bodyBytes: 1_000, idleMs: 3_000, wallMs: 4_000, requests: 2 },
      limits: { ...DEFAULT_LIMITS, cpuMs: 150 },
    },
  );
  const cases: [path: string, code: string][] = [
    ["/throw", "script_error"],
    ["/spin", "cpu"],
    ["/hang", "wall"],
  ];
  for (const [path, code] of cases) {
    await t.step(path, async () => assert.deepEqual(await agent.refusal(path), [503, code]));
  }
  await t.step("a body that is announced as too long", async () => {
    const body = new Uint8Array(1_001);
    assert.deepEqual(await agent.refusal("/read", { method: "POST", body }), [
      503,
      "body_too_large",
    ]);
  });
  await t.step("headers that are too long together", async () => {
    const withNote = (length: number) =>
      agent.refusal("/throw", { headers: { "x-note": "a".repeat(length) } });
    assert.deepEqual(await withNote(32_000), [503, "script_error"]);
    assert.deepEqual(await withNote(33_000), [503, "headers_too_large"]);
  });
  await t.step("more requests than there may be", async () => {
    const hanging = [agent.refusal("/hang"), agent.refusal("/hang"), agent.refusal("/hang")];
    const codes = (await Promise.all(hanging)).map(([, code]) => code);
    assert.deepEqual(codes.sort(), ["busy", "wall", "wall"]);
  });
  assert.equal(await agent.text(), "hello", "and others go on");
});

Deno.test("both bodies stream", async () => {
  await using agent = await ServingAgent.start(
    `fetch: (request) => new Response(request.body.pipeThrough(new TransformStream({
       transform: (chunk, to) => to.enqueue(chunk.map((byte) => byte + 1)) })))`,
    { serve: { allow: ["loopback"], bodyBytes: 20_000_000 } },
  );
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const asked = agent.fetch("/", { method: "POST", body: readable });
  writer.write(new Uint8Array(10).fill(1));
  const reader = (await asked).body!.getReader();
  assert.deepEqual((await reader.read()).value, new Uint8Array(10).fill(2));
  let length = 0;
  const reading = (async () => {
    for (let part; !(part = await reader.read()).done;) length += part.value.length;
  })();
  for (let n = 0; n < 50; n++) await writer.write(new Uint8Array(100_000));
  await writer.close();
  await reading;
  assert.equal(length, 5_000_000);
});

Deno.test("an alias leads to the script, and a path without a slash to its page", async () => {
  await using agent = await ServingAgent.start(
    `fetch: (request) => Response.json([new URL(request.url).pathname, request.headers.get("writ-mount")])`,
    { serve: { allow: ["loopback"], alias: "/ipp/print" } },
  );
  const at = async (path: string, init?: RequestInit) =>
    await (await fetch(`${agent.test.agent.url}${path}`, init)).json();
  const post = { method: "POST" };
  assert.deepEqual(await at("/ipp/print/q1"), ["/q1", "/ipp/print"]);
  assert.deepEqual(await at("/ipp/print", post), ["/", "/ipp/print"]);
  assert.deepEqual(await at("/s/acme/echo", post), ["/", "/s/acme/echo"]);
  const response = await fetch(agent.url, { redirect: "manual" });
  await response.body?.cancel();
  assert.deepEqual([response.status, response.headers.get("location")], [308, "/s/acme/echo/"]);
  assert.equal((await at("/ipp/printer")).error.code, "not_found");
});

Deno.test("what was served is in the audit log, counted", async () => {
  await using agent = await ServingAgent.start(
    `fetch(request) { if (request.url.endsWith("/throw")) throw 1; return new Response("x"); }`,
  );
  await agent.text();
  await agent.text();
  await agent.refusal("/throw");
  await agent.refusal("/", { headers: { origin: "https://evil.example" } });
  await agent.test.agent.stop();
  await agent.test.start();
  const { rows } = await (await agent.test.ask("/v1/audit?limit=100")).json();
  const detail = (event: string) =>
    JSON.parse(rows.find((row: { event: string }) => row.event === event).detail);
  assert.deepEqual(detail("requests_served").counts, {
    "acme/echo": { "loopback ok": 2, "loopback script_error": 1 },
  });
  assert.deepEqual(detail("refusals_counted").counts, { bad_name: 1 });
});

/** Asks with headers that `fetch` would not let through. */
async function raw(
  agent: ServingAgent,
  headers: Record<string, string>,
): Promise<[number, string]> {
  const { hostname, port } = new URL(agent.url);
  using socket = await Deno.connect({ hostname, port: Number(port) });
  const all = { host: `${hostname}:${port}`, connection: "close", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await socket.write(new TextEncoder().encode(`GET /s/acme/echo/ HTTP/1.1\r\n${lines}\r\n`));
  const answer = await new Response(socket.readable).text();
  const code = /"code":"([a-z_]+)"/.exec(answer)?.[1] ?? "";
  return [Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]), code];
}

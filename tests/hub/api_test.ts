import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import { API_ROUTES } from "../../runtime/hub/api/route_table.ts";
import { ROOT } from "../project/project_files.ts";
import { apiTable } from "./api_document.ts";
import { TestHub } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";
import { testInBothStores } from "./stores.ts";

const DOCUMENT = Deno.readTextFileSync(`${ROOT}/docs/hub.md`);

Deno.test("docs/hub.md has the table of every route that deno task docs:api writes", () => {
  assert.ok(DOCUMENT.includes(`\n${apiTable()}\n`));
});

Deno.test("/openapi.json has every route, and schemas that a validator takes", async () => {
  await using hub = await TestHub.start();
  const answer = await hub.ask(undefined, "GET", "/openapi.json");
  const { openapi, paths } = await answer.json() as {
    openapi: string;
    paths: Record<string, Record<string, { requestBody?: { content: Record<string, Content> } }>>;
  };
  assert.equal(openapi, "3.1.1");
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation }))
  );
  assert.equal(operations.length, API_ROUTES.length);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  for (const { operation } of operations) {
    for (const { schema } of Object.values(operation.requestBody?.content ?? {})) {
      assert.ok(ajv.compile(schema));
    }
  }
});

interface Content {
  readonly schema: Record<string, unknown>;
}

Deno.test("the API answers nobody without a token, and no token beyond its scopes", async () => {
  await using hub = await TestHub.start();
  const narrow = await hub.token("acme", ["audit:read"]);
  for (const { method, path, scope } of API_ROUTES) {
    const at = "/api/v1" + path.replace(/:\w+/g, "x");
    const stranger = await hub.ask(undefined, method, at);
    assert.equal(stranger.status, 401, `${method} ${path}`);
    await stranger.body?.cancel();
    if (scope === "audit:read") continue;
    const beyond = await hub.ask(narrow, method, at);
    assert.deepEqual(
      [beyond.status, (await beyond.json()).error.code],
      [403, "forbidden"],
      `${method} ${path}`,
    );
  }
  assert.equal((await hub.ask(narrow, "GET", "/api/v1/audit")).status, 200);
});

Deno.test("the API refuses a token that was revoked, has expired, or is nobody's", async () => {
  let later = 0;
  await using hub = await TestHub.start({ now: () => Date.now() + later });
  const { tokens } = hub.services;
  const revoked = await tokens.create("acme", "user:ada", { name: "a", scopes: ["audit:read"] });
  await tokens.revoke("acme", "user:ada", revoked.id);
  const short = await tokens.create("acme", "user:ada", {
    ...{ name: "b", scopes: ["audit:read"], expiresMs: 1_000 },
  });
  const status = async (token: string) => {
    const answer = await hub.ask(token, "GET", "/api/v1/audit");
    await answer.body?.cancel();
    return answer.status;
  };
  assert.equal(await status(short.token), 200);
  later = 1_001;
  for (const token of [revoked.token, short.token, "wapi_" + "A".repeat(43), ""]) {
    assert.equal(await status(token), 401);
  }
});

Deno.test("a token ends with the token that made it, and within a year", async () => {
  await using hub = await TestHub.start();
  const { tokens } = hub.services;
  const short = await tokens.create("acme", "user:ada", {
    ...{ name: "thief", scopes: ["tokens:write"], expiresMs: 60_000 },
  });
  const body = JSON.stringify({ name: "thief", scopes: ["tokens:write"] });
  const made = await (await hub.ask(short.token, "POST", "/api/v1/tokens", body)).json();
  assert.equal(made.expires, short.expires);
  const [first, second] = await Promise.all([short, made].map(({ token }) => tokens.admit(token)));
  assert.notEqual(first!.who, second!.who, "one of them must not look like the other in the log");
  const { created, expires } = await tokens.create("acme", "user:ada", {
    ...{ name: "unsaid", scopes: ["audit:read"] },
  });
  assert.equal(expires! - created, 365 * 24 * 3_600_000);
  const long = { name: "long", scopes: ["audit:read"], expiresMs: 366 * 24 * 3_600_000 } as const;
  await assert.rejects(tokens.create("acme", "user:ada", long), { code: "bad_request" });
});

Deno.test("a token that is revoked takes along those that it made, and no other", async () => {
  await using hub = await TestHub.start();
  const token = await hub.token("acme", ["tokens:write"]);
  const make = async (by: string) => {
    const body = JSON.stringify({ name: "ci", scopes: ["tokens:write"] });
    return await (await hub.ask(by, "POST", "/api/v1/tokens", body)).json();
  };
  const stolen = await make(token);
  const child = await make(stolen.token);
  const grandchild = await make(child.token);
  const other = await make(token);
  const { tokens, audit } = hub.services;
  await tokens.revoke("acme", "user:ada", stolen.id);
  const lives = await Promise.all(
    [stolen, child, grandchild, other].map(async ({ token }) =>
      await tokens.admit(token) !== undefined
    ),
  );
  assert.deepEqual(lives, [false, false, false, true]);
  // Whoever was let in before makes nothing after it.
  await assert.rejects(
    tokens.create("acme", "token:ci", {
      ...{ name: "late", scopes: ["audit:read"], maker: { token: stolen.id } },
    }),
    { code: "unauthorized" },
  );
  const { items } = await audit.list("acme", { action: "token_revoked" });
  assert.deepEqual(
    new Set(items.map(({ subject }) => subject)),
    new Set([stolen.id, child.id, grandchild.id]),
  );
});

Deno.test("a token makes no other with scopes that it lacks", async () => {
  await using hub = await TestHub.start();
  const token = await hub.token("acme", ["tokens:write", "audit:read"]);
  const make = async (scopes: string[]) => {
    const body = JSON.stringify({ name: "more", scopes });
    const answer = await hub.ask(token, "POST", "/api/v1/tokens", body);
    await answer.body?.cancel();
    return answer.status;
  };
  assert.equal(await make(["audit:read"]), 201);
  assert.equal(await make(["audit:read", "agents:write"]), 403);
});

Deno.test("the API refuses bodies that are none, too deep, too long, or say too much", async () => {
  await using hub = await TestHub.start();
  const token = await hub.token();
  const bodies: [string, number][] = [
    ["", 400],
    ["{", 400],
    ["[".repeat(1_000) + "]".repeat(1_000), 400],
    [JSON.stringify({ expiresMs: 60_000, admin: true }), 400],
    [JSON.stringify({ expiresMs: 60_000, labels: ["x".repeat(2 << 20)] }), 413],
    [JSON.stringify({ expiresMs: 60_000 }), 201],
  ];
  for (const [body, status] of bodies) {
    const answer = await hub.ask(token, "POST", "/api/v1/enrol-tokens", body);
    assert.equal(answer.status, status, body.slice(0, 50));
    await answer.body?.cancel();
  }
});

Deno.test("the API looks for no text with a zero byte in it, and for others", async () => {
  await using hub = await TestHub.start();
  const token = await hub.token();
  for (const [who, status] of [["a%00", 400], ["a%2500", 200]] as const) {
    const answer = await hub.ask(token, "GET", `/api/v1/audit?who=${who}`);
    assert.equal(answer.status, status, await answer.text());
  }
});

Deno.test("the API orders with no input that cannot be signed", async () => {
  await using hub = await TestHub.start();
  using _agent = await RawAgent.enrolled(hub);
  const token = await hub.token();
  const order = { script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 60_000 };
  for (const [input, status] of [["\ud800", 400], ["\0 \u{1f600}", 202]] as const) {
    const body = JSON.stringify({ ...order, input });
    const answer = await hub.ask(token, "POST", "/api/v1/orders", body);
    assert.equal(answer.status, status, await answer.text());
  }
});

testInBothStores("the hub", {
  "fails at no text that its store cannot keep, and at no label that is given twice": async (
    database,
  ) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    const token = await hub.token();
    const path = `/api/v1/agents/${agent.id}`;
    const labels = JSON.stringify({ labels: ["office", "lab"] });
    const puts = Array.from({ length: 20 }, () => hub.ask(token, "PUT", `${path}/labels`, labels));
    for (const answer of await Promise.all(puts)) {
      assert.equal(answer.status, 200, await answer.text());
    }
    const reason = JSON.stringify({ reason: "lost\0" });
    const { status, body } = await hub.ask(token, "POST", `${path}/revoke`, reason);
    await body?.cancel();
    assert.equal(status, hub.services.database.kind === "postgres" ? 400 : 200);
  },
});

Deno.test("the API reads nothing of a body before it knows who sends it", async (t) => {
  await using hub = await TestHub.start();
  const token = await hub.token("acme", ["audit:read"]);
  const { hostname, port } = new URL(hub.hub.url);
  /** The first line of the answer to a request whose body never comes. */
  const begin = async (path: string, authorization?: string) => {
    const connection = await Deno.connect({ hostname, port: Number(port) });
    // Who waits for the body waits for ever.
    const late = setTimeout(() => connection.close(), 10_000);
    const head = [
      `PUT /api/v1${path} HTTP/1.1`,
      `host: ${hostname}:${port}`,
      ...(authorization === undefined ? [] : [`authorization: ${authorization}`]),
      ...["transfer-encoding: chunked", "", ""],
    ];
    await connection.write(new TextEncoder().encode(head.join("\r\n")));
    const bytes = new Uint8Array(64);
    const length = await connection.read(bytes);
    clearTimeout(late);
    connection.close();
    return new TextDecoder().decode(bytes.subarray(0, length ?? 0)).split("\r\n")[0];
  };
  await t.step("of a stranger", async () => {
    assert.match((await begin("/blobs/x"))!, /^HTTP\/1\.1 401 /);
  });
  await t.step("of a token without the scope", async () => {
    assert.match((await begin("/blobs/x", `Bearer ${token}`))!, /^HTTP\/1\.1 403 /);
  });
});

Deno.test("rolling out asks for what it comes to: a list to be taken, or an order given", async () => {
  await using hub = await TestHub.start();
  const token = await hub.token("acme", ["rollouts:write"]);
  const subject = { script: "acme/echo", version: "1.0.0", before: null, input: null };
  const bodies = {
    "/rollouts": JSON.stringify({ subject }),
    "/rollouts/some/back": undefined,
    "/acceptlists/rollout": "x",
  };
  const both = await hub.token("acme", ["rollouts:write", "orders:write", "lists:write"]);
  for (const [path, body] of Object.entries(bodies)) {
    const statusOf = async (token: string) => {
      const answer = await hub.ask(token, "POST", `/api/v1${path}`, body);
      await answer.body?.cancel();
      return answer.status;
    };
    assert.equal(await statusOf(token), 403, path);
    assert.notEqual(await statusOf(both), 403, path);
  }
});

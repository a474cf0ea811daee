import assert from "node:assert/strict";
import { sandboxRunner } from "../../../runtime/agent/cells/sandbox_runner.ts";
import type { ScriptName } from "../../../runtime/core/documents/common.ts";
import { DEFAULT_LIMITS } from "../../../runtime/core/documents/grant.ts";
import { indexPath, manifestPath } from "../../../runtime/core/source_layout.ts";
import { ServingAgent } from "./fixture.ts";

/** Answers with all that would hold for the whole host, and with more than it announces. */
const BODY = `fetch(request) {
  const { pathname } = new URL(request.url);
  const next = "HTTP/1.1 200 OK\\r\\nset-cookie: a=b\\r\\ncontent-length: 7\\r\\n\\r\\nplanted";
  const announced = { headers: { "content-length": "5" } };
  if (pathname === "/whole") return new Response("hello" + next, announced);
  if (pathname === "/pieces") {
    const pieces = ReadableStream.from(["hello", next]).pipeThrough(new TextEncoderStream());
    return new Response(pieces, announced);
  }
  return new Response("own", { headers: {
    "set-cookie": "session=stolen; path=/", "clear-site-data": "*", "service-worker-allowed": "/",
    "alt-svc": 'h2="evil.example:443"', "strict-transport-security": "max-age=1", "nel": "{}",
    "signature": "writ=:AAAA:", "signature-input": "writ=()", "x-frame-options": "ALLOWALL",
    "content-security-policy": "sandbox allow-same-origin allow-scripts", "x-own": "1",
  } });
}`;
/** What must not pass, and does without the filter. */
const FOR_THE_HOST = [
  "set-cookie",
  "clear-site-data",
  "service-worker-allowed",
  "alt-svc",
  "strict-transport-security",
  "nel",
  "signature",
  "signature-input",
];

Deno.test("what a script answers holds for no more than the script", async (t) => {
  await using agent = await ServingAgent.start(BODY);
  await t.step("its headers", async () => {
    const { headers, body } = await agent.fetch("/");
    await body?.cancel();
    for (const name of FOR_THE_HOST) assert.equal(headers.get(name), null, name);
    // Policies add up, so that the narrower of two sandboxes holds.
    assert.match(headers.get("content-security-policy")!, /, sandbox allow-scripts allow-forms$/);
    assert.deepEqual([headers.get("x-frame-options"), headers.get("x-own")], ["DENY", "1"]);
  });
  await t.step("as the cell says them, they would hold", async () => {
    const runner = sandboxRunner();
    const { headers, body, report } = await runner.fetch!(
      { permissions: {}, limits: DEFAULT_LIMITS },
      { javascript: `export default { ${BODY} };`, scriptUrl: "script://acme/echo@1.0.0" },
      {
        method: "GET",
        url: "http://script.invalid/",
        headers: [],
        body: null,
        caller: { kind: "public", address: "192.0.2.1" },
      },
    );
    await body?.cancel();
    await report;
    await runner.close();
    const names = headers.map(([name]) => name);
    for (const name of FOR_THE_HOST) assert.ok(names.includes(name), name);
  });
  for (const path of ["/whole", "/pieces"]) {
    await t.step(`no second answer behind its own: ${path}`, async () => {
      const text = await pipelined(agent, path);
      assert.match(text, /hello/);
      assert.match(text, /\bown\b/, "the connection goes on with the answer to the second request");
      assert.doesNotMatch(text, /planted|set-cookie/i);
    });
  }
});

Deno.test("no path but its own leads to a script", async (t) => {
  await using agent = await ServingAgent.start(`fetch: () => new Response("echo")`);
  const { origin } = new URL(agent.url);
  assert.equal(await agent.text(), "echo");
  const paths = [
    "/s/acme/other/",
    "/s/acme/echoes/",
    "/s/acme/Echo/",
    "/s/acme/echo%2f",
    "/s/acme%2fecho/",
    "//s/acme/echo/",
    "/s//acme/echo/",
    "/s/acme/other/../echo%00/",
    "/s/acme/",
    "/S/acme/echo/",
  ];
  for (const path of paths) {
    await t.step(path, async () => {
      const response = await fetch(origin + path);
      assert.deepEqual([response.status, (await response.text()).includes("echo")], [404, false]);
    });
  }
});

Deno.test("a script does not answer in another's name, whatever a source says", async () => {
  await using agent = await ServingAgent.start(`fetch: () => new Response("echo")`);
  const { fleet } = agent.test;
  const other: ScriptName = "acme/other";
  const { files } = fleet;
  files.set(indexPath(other), files.get(indexPath(fleet.script))!);
  files.set(manifestPath(other, "1.0.0"), files.get(manifestPath(fleet.script, "1.0.0"))!);
  const policy = fleet.policy.bind(fleet);
  fleet.policy = () => {
    const grant = fleet.grant({ serve: ["loopback"] });
    return policy({
      accept: [{ script: fleet.script, range: "*" }, { script: other, range: "*" }],
      grants: new Map([[fleet.script, grant], [other, { ...grant, script: other }]]),
    });
  };
  await agent.test.agent.reload();
  assert.equal(await agent.text(), "echo");
  const response = await fetch(`${agent.test.agent.url}/s/${other}/`);
  assert.deepEqual([response.status, (await response.json()).error.code], [404, "order_mismatch"]);
});

/** Two requests in one connection; all that comes back. */
async function pipelined(agent: ServingAgent, path: string): Promise<string> {
  const { hostname, port } = new URL(agent.url);
  using socket = await Deno.connect({ hostname, port: Number(port) });
  const ask = (path: string, last: string) =>
    `GET /s/acme/echo${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${last}\r\n`;
  const sent = ask(path, "") + ask("/", "connection: close\r\n");
  await socket.write(new TextEncoder().encode(sent));
  return await new Response(socket.readable).text();
}

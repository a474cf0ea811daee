import assert from "node:assert/strict";
import * as v from "valibot";
import { digestOf, hexOf } from "../../../runtime/core/digest.ts";
import { payloadType } from "../../../runtime/core/dsse.ts";
import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import { LIMITS } from "../../../runtime/core/limits.ts";
import { errorSchema } from "../../../runtime/agent/http/answers.ts";
import { ROUTES } from "../../../runtime/agent/http/route_table.ts";
import { TestApp } from "../app_fixture.ts";

/** What this test reads of an operation in `/openapi.json`. */
interface Operation {
  method: string;
  path: string;
  callers: string[];
  inPath: string[];
  inQuery: string[];
  bodyType: string | undefined;
}

const METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"];
const BODY = new TextEncoder().encode("a document");
/** Parts of paths that name something, and parts that name nothing. */
const GOOD: Record<string, string> = {
  digest: digestOf(BODY),
  hex: "0".repeat(64),
  publisher: "acme",
  name: "echo",
  file: "index.json",
  version: "1",
  id: "1",
};
const BAD = [
  "0",
  "-1",
  "1e3",
  "99999999999999999999",
  "%00",
  "..%2f..%2fagent.key",
  "x".repeat(5_000),
];

async function operationsOf(test: TestApp): Promise<Operation[]> {
  const { paths } = await (await test.request("/openapi.json")).json();
  return Object.entries<Record<string, never>>(paths).flatMap(([path, operations]) =>
    Object.entries<{
      parameters: { in: string; name: string }[];
      requestBody?: { content: Record<string, unknown> };
      "x-writ-callers": string[];
    }>(operations).map(([method, operation]) => {
      const named = (where: string) =>
        operation.parameters.filter((part) => part.in === where).map(({ name }) => name);
      return {
        method: method.toUpperCase(),
        path,
        callers: operation["x-writ-callers"],
        inPath: named("path"),
        inQuery: named("query"),
        bodyType: Object.keys(operation.requestBody?.content ?? {})[0],
      };
    })
  );
}

function pathOf({ path }: Operation, parts: Record<string, string> = GOOD): string {
  return path.replace(/\{(\w+)\}/g, (_, name) => parts[name] ?? "x");
}

/** A refusal is JSON of one form, says nothing of this machine, and is no failure of the agent. */
async function assertCleanRefusal(response: Response, what: string): Promise<string> {
  const text = await response.text();
  assert.ok(response.status >= 400 && response.status < 500, `${what}: ${response.status} ${text}`);
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/, what);
  const { error } = v.parse(errorSchema, JSON.parse(text), { message: what });
  assert.doesNotMatch(text, /\.ts\b|runtime\/|node:|\\n +at /, what);
  return error.code;
}

Deno.test("/openapi.json describes every route and nothing else", async () => {
  await using test = await TestApp.open();
  const described = (await operationsOf(test))
    .map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ":$1")}`);
  const served = test.app.routes.filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual([...new Set(described)].sort(), [...new Set(served)].sort());
  const document = await (await test.request("/openapi.json")).json();
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)];
  for (const [, reference] of references) {
    const target = reference!.split("/").reduce((at, step) => at?.[step], document);
    assert.ok(target, reference);
  }
  const ids = [...JSON.stringify(document).matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, described.length);
});

Deno.test("every route refuses wrong callers, methods, names, queries, types and sizes", async (t) => {
  await using test = await TestApp.open();
  const peer = generateSigner();
  test.peers.push({ id: keyId(peer.publicKey) });
  const callers = { orderer: test.fleet.operator, peer, stranger: generateSigner() };
  for (const operation of await operationsOf(test)) {
    const { method, path, bodyType } = operation;
    const body = bodyType === undefined ? undefined : BODY;
    const good = pathOf(operation);
    const isLocal = operation.callers.includes("local");
    const isOpen = operation.callers.includes("public");
    await t.step(`${method} ${path}`, async (t) => {
      await t.step("callers", async () => {
        const init = { method, ...(body && { body }) };
        for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: "" }]) {
          const response = await test.request(good, { ...init, headers });
          if (isOpen) await response.body?.cancel();
          else {
            const code = await assertCleanRefusal(response, JSON.stringify(headers));
            assert.ok(["unauthorized", "not_local"].includes(code), code);
          }
        }
        for (const [kind, signer] of Object.entries(callers)) {
          const response = await test.call(signer, good, { method, ...(body && { body }) });
          if (isLocal) assert.equal(await assertCleanRefusal(response, kind), "not_local");
          else if (kind === "stranger") {
            assert.equal(await assertCleanRefusal(response, kind), "unknown_key");
          } else if (!isOpen && !operation.callers.includes(kind)) {
            assert.equal(await assertCleanRefusal(response, kind), "not_found");
          } else await response.body?.cancel();
        }
      });
      await t.step("methods", async () => {
        const response = await test.ask(good, { method: "DELETE" });
        assert.equal(await assertCleanRefusal(response, "DELETE"), "method_not_allowed");
        const allow = response.headers.get("allow")!.split(", ");
        assert.ok(allow.includes(method));
        for (const other of METHODS.filter((name) => !allow.includes(name))) {
          const answer = await test.ask(good, { method: other });
          assert.equal(await assertCleanRefusal(answer, other), "method_not_allowed");
        }
      });
      await t.step("names", async () => {
        for (const part of operation.inPath) {
          for (const bad of BAD) {
            const init = { method, ...(body && { body }) };
            const response = await test.ask(pathOf(operation, { ...GOOD, [part]: bad }), init);
            await assertCleanRefusal(response, `${part}=${bad.slice(0, 30)}`);
          }
        }
      });
      await t.step("queries", async () => {
        for (const name of operation.inQuery) {
          for (const bad of ["", "x", "-1", "1.5", "%00", "9".repeat(40)]) {
            const response = await test.ask(`${good}?${name}=${bad}`);
            await assertCleanRefusal(response, `${name}=${bad}`);
          }
        }
      });
      if (bodyType === payloadType("order") || bodyType === payloadType("release")) {
        await t.step("types", async () => {
          for (const type of ["application/json", "text/plain", "", "multipart/form-data"]) {
            const headers = { "content-type": type };
            const response = await test.ask(good, { method, headers, body: BODY });
            assert.equal(await assertCleanRefusal(response, type), "unsupported_media_type");
          }
        });
        await t.step("sizes and contents", async () => {
          const headers = { "content-type": bodyType };
          const bodies: [Uint8Array<ArrayBuffer>, string][] = [
            [new Uint8Array(), "bad_envelope"],
            [BODY, "bad_envelope"],
            [new TextEncoder().encode("null"), "bad_envelope"],
            [new TextEncoder().encode("[".repeat(10_000)), "bad_envelope"],
            [new Uint8Array(LIMITS.ORDER_BYTES + 1), "too_large"],
          ];
          for (const [sent, code] of bodies) {
            const response = await test.ask(good, { method, headers, body: sent });
            assert.equal(await assertCleanRefusal(response, code), code);
          }
        });
      } else if (bodyType !== undefined) {
        await t.step("sizes and contents", async () => {
          for (const sent of [new Uint8Array(), BODY.slice(1), new Uint8Array(2_000)]) {
            const response = await test.ask(good, { method, body: sent });
            await assertCleanRefusal(response, String(sent.length));
          }
        });
      }
    });
  }
});

Deno.test("every route answers a success in the form that /openapi.json gives it", async (t) => {
  await using test = await TestApp.open();
  const envelope = new TextEncoder().encode('{"payload":""}');
  test.trust.roots.get = test.trust.acceptLists.get = () => ({ envelope }) as never;
  const { digest, envelope: manifest } = test.fleet.publish("1.0.0");
  const attachments = [{ name: "a", sha256: digestOf(BODY), length: BODY.length }];
  const first = test.fleet.order(test.id).envelope;
  const { run } = await (await test.send(first)).json();
  await (await test.ask(`/v1/runs/${run}/events`)).text();
  const order = () => test.fleet.order(test.id, { attachments }).envelope;
  // Put before it is read; an order before its runs.
  const operations = (await operationsOf(test)).sort((a, b) =>
    METHODS.indexOf(b.method) - METHODS.indexOf(a.method)
  );
  const parts = { ...GOOD, hex: hexOf(digest) };
  // Not on loopback, not for the operator, or tested where something is shared or signed.
  const absent = /^\/(metrics$|v1\/(ca$|calls$|relay|releases\/back$|swarm\/|peers\/|channels\/))/;
  await test.ask(`/v1/blobs/${digestOf(BODY)}`, { method: "PUT", body: BODY });
  for (const operation of operations) {
    const { method, bodyType, path } = operation;
    if (absent.test(path) || bodyType === payloadType("release")) continue;
    await t.step(`${method} ${path}`, async () => {
      const documents: Record<string, () => Uint8Array> = {
        [payloadType("order")]: order,
        [payloadType("manifest")]: () => manifest,
      };
      const body = bodyType && (documents[bodyType]?.() ?? BODY);
      const response = await test.ask(pathOf(operation, parts), {
        method,
        ...(body && { body: new Uint8Array(body) }),
        headers: { ...(bodyType && { "content-type": bodyType }) },
      });
      const route = ROUTES.find((row) =>
        row.method === method && row.path === path.replace(/\{(\w+)\}/g, ":$1")
      )!;
      const content = route.answers[response.status];
      const text = await response.text();
      assert.ok(content, `${response.status} ${text}`);
      assert.ok(response.headers.get("content-type")!.startsWith(content.type));
      if (content.schema) v.parse(content.schema, JSON.parse(text));
      if (method !== "GET") return;
      const head = await test.ask(pathOf(operation, parts), { method: "HEAD" });
      assert.deepEqual([head.status, await head.text()], [response.status, ""]);
    });
  }
});

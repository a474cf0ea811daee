import assert from "node:assert/strict";
import fc from "fast-check";
import { payloadType } from "../../../runtime/core/dsse.ts";
import { TestApp } from "../../agent/app_fixture.ts";
import { assertNoStack } from "../allowed.ts";
import { mutatedBytes, mutatedText, textOf } from "../mutate.ts";
import { probe, type Target } from "../target.ts";

const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "PROPFIND",
  "get",
  "X",
];
const HEX = "0".repeat(64);
const PATHS = [
  "/",
  "/healthz",
  "/v1/info",
  "/v1/orders",
  "/v1/runs",
  "/v1/runs/1",
  "/v1/runs/1/events?after=0",
  "/v1/runs/1/cancel",
  "/v1/runs?limit=5&before=9",
  `/v1/blobs/sha256:${HEX}`,
  `/v1/modules/${HEX}`,
  "/v1/manifests/acme/echo/index.json",
  "/v1/manifests/acme/echo/1.0.0.json",
  "/v1/roots/1",
  "/v1/acceptlists/1",
  "/v1/audit?limit=3&after=0",
  "/v1/attachments",
  "/v1/ca",
  "/openapi.json",
];
const PIECES = [
  "/",
  "..",
  "%2e%2e",
  "%00",
  "%",
  "%ff",
  "//",
  "\\",
  "?",
  "&",
  "#",
  "=",
  ":",
  "*",
  "é",
];
const HEADERS = [
  "host",
  "origin",
  "authorization",
  "content-type",
  "content-length",
  "content-encoding",
  "transfer-encoding",
  "last-event-id",
  "range",
  "if-none-match",
  "expect",
  "forwarded",
  "x-forwarded-for",
  "signature",
  "signature-input",
  "content-digest",
  "writ-recipient",
  "accept",
  "connection",
];
const VALUES = [
  "127.0.0.1",
  "localhost:1",
  "[::1]",
  "evil.example",
  "http://evil.example",
  "null",
  payloadType("order"),
  "text/plain",
  "gzip",
  "chunked",
  "0",
  "-1",
  "1e3",
  "99999999999999999999",
  "bytes=0-",
  "*",
  '"x"',
  "Bearer x",
  "Bearer",
  "writ=:AAAA:",
  'writ=("@method" "@path");created=1;expires=2;nonce="x";keyid="ed25519:A"',
  "",
];

interface Asked {
  method: string;
  path: string;
  headers: [string, string][];
  operator: boolean;
  order: boolean;
  body: Uint8Array<ArrayBuffer> | null;
  /** The sender breaks off after its body. */
  torn: boolean;
}

/** Anything that can be sent to an agent. */
export const http: Target = {
  name: "http",
  what: "Any request: an answer of 1xx–4xx or 503, refusals as JSON, never a stack trace.",
  async open() {
    const test = await TestApp.open();
    const order = test.fleet.order(test.id).envelope;
    test.fleet.publish("1.0.0");
    const asked: fc.Arbitrary<Asked> = fc.record({
      method: fc.oneof(fc.constantFrom(...METHODS), fc.string({ minLength: 1, maxLength: 8 })),
      path: fc.oneof(mutatedText(PATHS, PIECES), textOf([...PATHS, ...PIECES], 6)),
      headers: fc.array(
        fc.tuple(fc.constantFrom(...HEADERS), fc.oneof(fc.constantFrom(...VALUES), fc.string())),
        { maxLength: 3 },
      ),
      operator: fc.boolean(),
      order: fc.boolean(),
      body: fc.option(
        mutatedBytes([order, new Uint8Array(2_000)]).map((bytes) => new Uint8Array(bytes)),
      ),
      torn: fc.boolean(),
    });
    return probe(asked, async (input) => {
      const request = toRequest(input);
      if (!request) return;
      const answer = input.operator
        ? await test.ask(request.path, request.init)
        : await test.request(request.path, request.init);
      await assertWellAnswered(answer, input.method);
    }, () => test[Symbol.asyncDispose]());
  },
};

async function assertWellAnswered(answer: Response, method: string): Promise<void> {
  const { status } = answer;
  if (answer.headers.get("content-type") === "text/event-stream") {
    return await answer.body?.cancel();
  }
  const text = await answer.text();
  assert.ok(status < 500 || status === 503, `status ${status}: ${text}`);
  assertNoStack(text);
  if (status < 400 || method.toUpperCase() === "HEAD") return;
  const { error } = JSON.parse(text);
  assert.ok(typeof error.code === "string" && typeof error.message === "string", text);
}

/** What the platform would let a client send; nothing when it would not. */
function toRequest(asked: Asked): { path: string; init: RequestInit } | undefined {
  const { method, headers, order, body, torn } = asked;
  const path = asked.path.startsWith("/") ? asked.path : `/${asked.path}`;
  try {
    const all = new Headers(headers);
    if (order) all.set("content-type", payloadType("order"));
    const bodyless = ["GET", "HEAD"].includes(method.toUpperCase()) || body === null;
    const sent = () => torn ? tornStream(body!) : new Uint8Array(body!);
    const init: RequestInit = bodyless
      ? { method, headers: all }
      : { method, headers: all, body: sent() };
    void new Request(`http://127.0.0.1${path}`, { method, headers: all });
    return { path, init };
  } catch {
    return undefined;
  }
}

function tornStream(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) return controller.error(new TypeError("connection reset"));
      sent = true;
      controller.enqueue(bytes);
    },
  });
}

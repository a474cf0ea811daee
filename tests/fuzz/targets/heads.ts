import assert from "node:assert/strict";
import fc from "fast-check";
import { requestHeaders, responseHeaders } from "../../../runtime/agent/endpoint/header_filter.ts";
import { nameCheck } from "../../../runtime/agent/endpoint/known_names.ts";
import { mountOf } from "../../../runtime/agent/endpoint/mounts.ts";
import type { ScriptName } from "../../../runtime/core/documents/common.ts";
import { readHead } from "../../../runtime/sandbox/response_head.ts";
import { TestFleet } from "../../agent/fixture.ts";
import { allowing } from "../allowed.ts";
import { mutatedText, textOf } from "../mutate.ts";
import { mutatedJson } from "../mutate_json.ts";
import { probe, type Target } from "../target.ts";

const BODYLESS = [204, 205, 304];
/** Whatever would hold for the whole host, in a few spellings. */
const FORBIDDEN = [
  "set-cookie",
  "Service-Worker-Allowed",
  "CLEAR-SITE-DATA",
  "signature",
  "upgrade",
];
const NAMES = [...FORBIDDEN, "content-security-policy", "x-own", "location", "content-length", ""];
const VALUES = ["a=b", "*", "default-src *", "1\r\nset-cookie: a=b", "\0", "é", "", "sandbox"];

/** Heads of responses as a worker says them, and not quite so. */
export const responseHeads: Target = {
  name: "response-heads",
  what: "Status and headers of a script's answer: RangeError, or an answer that can be sent and " +
    "holds for no more than the script.",
  open: () => {
    const pair = fc.tuple(
      fc.oneof(fc.constantFrom(...NAMES), mutatedText(NAMES, ["\r\n", ":", " "])),
      fc.oneof(fc.constantFrom(...VALUES), textOf(VALUES)),
    );
    const head = fc.record({
      status: fc.oneof(fc.constantFrom(200, 204, 101, 304, 503), fc.integer(), fc.double()),
      headers: fc.array(pair, { maxLength: 6 }),
      body: fc.constantFrom("none", "whole", "stream", "x"),
    });
    const good = { status: 200, headers: [["x-own", "1"]], body: "whole" };
    const params = fc.oneof(head, mutatedJson(good), fc.jsonValue({ maxDepth: 3 }));
    return probe(fc.record({ params, upgrade: fc.boolean() }), ({ params, upgrade }) => {
      const read = allowing([RangeError], () => readHead(params, upgrade));
      if (read === undefined || read.status === 101) return;
      const sent = responseHeaders(read.headers);
      for (const name of FORBIDDEN) assert.equal(sent.get(name), null, name);
      const policies = sent.get("content-security-policy")!.split(",").map((text) => text.trim());
      assert.equal(policies.at(-1), "sandbox allow-scripts allow-forms");
      const body = read.body === "none" || BODYLESS.includes(read.status) ? null : "body";
      new Response(body, { status: read.status, headers: sent });
    });
  },
};

const PATHS = ["/s/acme/echo/", "/s/acme/echo", "/ipp/print", "/ipp/print/q?a=b", "/v1/runs"];
const PIECES = ["/", "..", "%2e%2e", "%2f", "//", "\\", "?", "#", "@evil.example", ":", "é", "s"];
const HOSTS = ["127.0.0.1:8799", "localhost", "evil.example", "[::1]", "null", "http://localhost"];

/** Requests for scripts' endpoints: where they lead, and what is told of them. */
export const requestHeads: Target = {
  name: "request-heads",
  what: "Path and headers of a request: they lead to the script that they name or to none, and " +
    "no cookie, no signature and no other host reaches it.",
  open: () => {
    const fleet = new TestFleet();
    const alias = "/ipp/print";
    const script: ScriptName = "acme/print";
    const grants = new Map([
      [fleet.script, fleet.grant({ serve: ["loopback"] })],
      [script, { ...fleet.grant(), script, serve: { allow: ["public" as const], alias } }],
    ]);
    const policy = fleet.policy({ grants });
    const isMeant = nameCheck([]);
    const name = fc.constantFrom("cookie", "signature", "host", "origin", "referer", "x-own", "te");
    const inputs = fc.record({
      path: fc.oneof(mutatedText(PATHS, PIECES), textOf(PIECES)),
      headers: fc.array(fc.tuple(name, fc.oneof(fc.constantFrom(...HOSTS), textOf(HOSTS)))),
    });
    return probe(inputs, ({ path, headers: pairs }) => {
      const url = URL.parse(`http://127.0.0.1:8799${path.startsWith("/") ? "" : "/"}${path}`);
      const headers = allowing([TypeError], () => new Headers(pairs));
      if (!url || !headers) return;
      const mounted = mountOf(url.pathname, policy);
      if (!mounted) return;
      const { mount, rest } = mounted;
      assert.ok(mount === `/s/${mounted.script}` || (mount === alias && mounted.script === script));
      assert.ok(mount + rest === url.pathname || (rest === "/" && mount === url.pathname));
      const seen = new URL(`http://script.invalid${rest}${url.search}`);
      assert.deepEqual([seen.host, seen.username], ["script.invalid", ""]);
      const meant = isMeant(new Request(url, { headers }));
      if ((headers.get("host") ?? "").includes("evil")) assert.ok(!meant, "another host");
      const told = new Headers(requestHeaders(headers, { mount }).map(([n, v]) => [n, v]));
      for (const hidden of ["cookie", "signature", "te"]) assert.equal(told.get(hidden), null);
      assert.equal(told.get("writ-mount"), mount);
    });
  },
};

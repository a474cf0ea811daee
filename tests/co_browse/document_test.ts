import assert from "node:assert/strict";
import { page } from "../../scripts/co-browse/viewer/document.ts";

Deno.test("page() lets its script open a socket to where it came from, and to nowhere else", () => {
  const connects = (headers: HeadersInit) => {
    const request = new Request("http://script.invalid/join", { headers });
    const { headers: answered } = page(request, { title: "", script: "", body: "" });
    return /connect-src ([^;]*)/.exec(answered.get("content-security-policy")!)?.[1];
  };
  const host = "anna.example:8799";
  assert.equal(connects({ host }), `ws://${host} wss://${host}`);
  assert.equal(connects({}), "'self'", "over HTTP/2 there is no such header");
});

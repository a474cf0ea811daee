import assert from "node:assert/strict";
import { permittedAddress } from "../../../runtime/capabilities/browser/addresses.ts";
import { refuseSite, type Sites } from "../../../runtime/capabilities/browser/sites.ts";
import { redactUrl, ShownUrls } from "../../../runtime/capabilities/browser/shown_urls.ts";

const SITES: Sites = {
  urls: [
    { origin: "https://shop.example", internal: false },
    { origin: "https://*.example.org", internal: false },
    { origin: "http://intranet.example:8080", internal: true },
    { origin: "http://169.254.169.254", internal: true },
  ],
  deny: ["https://bank.example.org"],
};

Deno.test("refuseSite() opens what is listed, by scheme, host and port, and nothing else", async (t) => {
  const table: [string, ReturnType<typeof refuseSite>][] = [
    ["https://shop.example/", undefined],
    ["https://shop.example:443/basket?a=1#b", undefined],
    ["https://shop.example:8443/", "not_listed"],
    ["http://shop.example/", "not_listed"],
    ["https://shop.example.evil.example/", "not_listed"],
    ["https://shop.example@evil.example/", "not_listed"],
    ["https://user:password@shop.example/", "not_listed"],
    ["https://a.example.org/", undefined],
    ["https://a.b.example.org/", undefined],
    ["https://example.org/", "not_listed"],
    ["https://evilexample.org/", "not_listed"],
    ["https://bank.example.org/", "denied"],
    ["https://bank.example.org./", "not_listed"],
    ["https://shop.example./", "not_listed"],
    ["http://intranet.example:8080/", undefined],
    ["file:///etc/passwd", "scheme"],
    ["chrome://version", "scheme"],
    ["devtools://devtools/bundled/inspector.html", "scheme"],
    ["view-source:https://shop.example/", "scheme"],
    ["data:text/html,hello", "scheme"],
    ["javascript:alert(1)", "scheme"],
    ["blob:https://shop.example/1", "scheme"],
    ["about:blank", "scheme"],
    ["", "scheme"],
    ["//shop.example", "scheme"],
  ];
  for (const [url, expected] of table) {
    await t.step(url || "nothing", () => assert.equal(refuseSite(SITES, url), expected));
  }
});

Deno.test("permittedAddress() stays outside this network unless the grant says otherwise", async (t) => {
  const addresses: Record<string, readonly string[]> = {
    "public.example": ["93.184.216.34"],
    "rebinding.example": ["127.0.0.1", "93.184.216.34"],
    "inside.example": ["10.0.0.7", "::1", "169.254.169.254", "100.100.100.200"],
    "intranet.example": ["169.254.169.254", "10.0.0.7"],
    "mapped.example": ["::ffff:127.0.0.1"],
  };
  const resolve = (host: string) => Promise.resolve(addresses[host] ?? []);
  const table: [string, number, string | undefined][] = [
    ["public.example", 443, "93.184.216.34"],
    ["93.184.216.34", 80, "93.184.216.34"],
    ["rebinding.example", 443, "93.184.216.34"],
    ["inside.example", 80, undefined],
    ["mapped.example", 80, undefined],
    ["127.0.0.1", 8080, undefined],
    ["::1", 8080, undefined],
    ["0.0.0.0", 8080, undefined],
    ["intranet.example", 8080, "10.0.0.7"],
    ["intranet.example", 80, undefined],
    ["169.254.169.254", 80, "169.254.169.254"],
    ["169.254.169.253", 80, undefined],
    ["nowhere.example", 80, undefined],
  ];
  for (const [host, port, expected] of table) {
    await t.step(`${host}:${port}`, async () => {
      assert.equal(await permittedAddress(SITES, host, port, resolve), expected);
    });
  }
});

Deno.test("redactUrl() cuts out what a masked field held, and leaves the rest", () => {
  const names = new Set(["pw"]);
  const cut = redactUrl("https://shop.example/in?user=ada&pw=hunter2", names);
  assert.deepEqual([cut.includes("hunter2"), cut.includes("ada")], [false, true]);
  const plain = "https://shop.example/in?user=ada%20l#pw";
  assert.equal(redactUrl(plain, names), plain);
});

Deno.test("ShownUrls keeps no more of what a page says than so much", () => {
  const urls = new ShownUrls();
  const site = "https://shop.example";
  for (let n = 0; n <= 500; n++) urls.addName(`n${n}`);
  urls.addName("x".repeat(1_001));
  assert.equal(urls.of(`${site}/?n0=a`), `${site}/?n0=a`, "the oldest is forgotten");
  for (const name of ["n1", "n500"]) assert.ok(!urls.of(`${site}/?${name}=abc`).includes("abc"));
  const kept = `${site}/?${"x".repeat(1_001)}=a`;
  assert.equal(urls.of(kept), kept);

  const long = (end: string) => `${site}/${"x".repeat(4_000 - site.length - 1)}${end}`;
  assert.equal(urls.of(long("")), long(""));
  assert.equal(urls.of(long("y")), `${site}/`);
  urls.add(`${site}/secret`, long("marks"));
  assert.equal(urls.of(`${site}/secret`), `${site}/`, "what would be shown is too long");
});

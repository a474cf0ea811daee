import assert from "node:assert/strict";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { TestSite } from "./site.ts";

const ASKS = `<script>setInterval(() => { alert(1); confirm(2); prompt(3); }, 1)</script>`;

Deno.test("a page that asks without end is left all the same", withoutChromium, async () => {
  await using site = new TestSite({ "/": "<input id=name>", "/asks": ASKS });
  await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
  const session = await browser.open(`${site.origin}/`);
  for (let round = 0; round < 5; round++) {
    await session.call("navigate", { to: `${site.origin}/asks` });
    await session.call("navigate", { to: `${site.origin}/` });
    const input = { type: "input", element: { path: "#name" }, value: `${round}` };
    assert.deepEqual(await session.call("apply", { input }), { applied: true });
  }
  assert.ok(!session.events.some(({ type }) => type === "browser"));
});

import assert from "node:assert/strict";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { TestSite } from "./site.ts";
import { within } from "../../within.ts";

const PAGE =
  `<button id=nothing>nothing</button><a id=next href="/next">next</a> <a id=slow href="/slow">slow</a>
  <button id=later onclick="setTimeout(() => location.assign('/later'), 200)">later</button>`;

Deno.test("who had a page go elsewhere is told", withoutChromium, async (t) => {
  const [asked, slow] = [Promise.withResolvers<void>(), Promise.withResolvers<Response>()];
  const answerSlowly = () => {
    asked.resolve();
    return slow.promise;
  };
  const answerInParts = () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    void writer.write(new TextEncoder().encode(`<button id=nothing>`.padEnd(2_000)));
    setTimeout(() => {
      void writer.write(new TextEncoder().encode("nothing</button><input id=name>"));
      void writer.close();
    }, 300);
    return new Response(readable, { headers: { "content-type": "text/html" } });
  };
  await using site = new TestSite({
    ...{ "/": PAGE, "/next": PAGE, "/later": PAGE, "/typed": PAGE },
    ...{ "/slow": answerSlowly, "/parsed": answerInParts },
  });
  await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
  const session = await browser.open(`${site.origin}/`);
  const click = (path: string) =>
    session.apply({ type: "click", point: { path, x: 0.5, y: 0.5 } } as const);
  /** As by the bar above the page. */
  const types = async (path: string) => {
    const { tab } = await browser.session(session.id);
    await tab!.send("Page.navigate", { url: site.origin + path });
  };
  const arrives = async (path: string) => {
    const { applied } = await session.told("navigation", ({ url }) => url === site.origin + path);
    await session.ready();
    session.forget();
    return applied;
  };

  await t.step("where the person goes is theirs, whatever was applied just before", async () => {
    await click("#nothing");
    await types("/typed");
    assert.equal(await arrives("/typed"), false);
    await click("#nothing");
    await types("/typed#below");
    assert.equal(await arrives("/typed#below"), false);
  });

  await t.step(
    "what an applied click leads to is not, and neither what comes of that",
    async () => {
      await click("#next");
      assert.equal(await arrives("/next"), true);
      await click("#later");
      assert.equal(await arrives("/later"), true);
    },
  );

  await t.step("however long that takes", async () => {
    await click("#slow");
    await within(asked.promise, "the request for a page");
    const { now } = Date;
    Date.now = () => now() + 60_000;
    try {
      slow.resolve(new Response(PAGE, { headers: { "content-type": "text/html" } }));
      assert.equal(await arrives("/slow"), true);
    } finally {
      Date.now = now;
    }
  });

  await t.step("it is there once its content is, for what is applied next", async () => {
    await session.apply({ type: "navigation", url: `${site.origin}/parsed` });
    await session.apply({ type: "input", element: { path: "#name" }, value: "Ada" });
    await arrives("/parsed");
  });

  await t.step("where the agent goes is not, whatever the person did just before", async () => {
    await session.click("#nothing");
    await session.told("click");
    await session.apply({ type: "navigation", url: `${site.origin}/` });
    assert.equal(await arrives("/"), true);
    await session.call("navigate", { to: "reload" });
    assert.equal(await arrives("/"), true);
    await session.call("navigate", { to: "back" });
    assert.equal(await arrives("/parsed"), true);
  });
});

import assert from "node:assert/strict";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { TestSite } from "./site.ts";

const PAGE = `<input id=name><input id=other><input type=checkbox id=gift>`;
const value = `document.querySelector("#name").value`;

Deno.test("what the person did since something was decided stays", withoutChromium, async (t) => {
  await using site = new TestSite({ "/": PAGE, "/next": PAGE });
  await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
  const session = await browser.open(`${site.origin}/`);
  const write = { type: "input", element: { path: "#name" }, value: "older" };
  const focus = { type: "focus", element: { path: "#other" } };
  const apply = (input: object, seen?: number) => session.call("apply", { input, seen });
  const done = { applied: true };
  const overtaken = { applied: false, why: "overtaken" };

  await t.step("session.apply() leaves a letter that was typed after what was heard", async () => {
    await session.click("#name");
    const { n: seen } = await session.told("focus");
    await session.type("ab");
    const { n: first } = await session.told("input", ({ value }) => value === "a");
    const { n: last, ...event } = await session.told("input", ({ value }) => value === "ab");
    assert.ok(!("deed" in event));
    assert.deepEqual(await apply(write, 0), overtaken);
    assert.deepEqual(await apply(write, seen), overtaken);
    assert.deepEqual(await apply(write, first), overtaken);
    assert.equal(await session.evaluate(value), "ab");
    assert.deepEqual(await apply({ ...write, element: { path: "#other" } }, seen), done);
    assert.deepEqual(await apply(write, last), done);
    assert.equal(await session.evaluate(value), "older");
  });

  await t.step("session.apply() leaves a focus that was moved after what was heard", async () => {
    const { n } = session.events.at(-1)!;
    await session.click("#gift");
    const { n: clicked } = await session.told("input", ({ checked }) => checked === true);
    assert.deepEqual(await apply(focus, n), overtaken);
    assert.deepEqual(await apply(focus, clicked), done);
  });

  await t.step("what was done in another document is nothing in this one", async () => {
    await session.apply({ type: "navigation", url: `${site.origin}/next` });
    await session.told("navigation", ({ url }) => url.endsWith("/next"));
    await session.ready();
    assert.deepEqual(await apply(write, 0), done);
    await session.click("#name");
    session.forget();
    await session.type("!");
    const { n } = await session.told("input");
    assert.deepEqual(await apply(write, n - 1), overtaken);
    assert.deepEqual(await apply(write, n), done);
  });

  await t.step("session.state() is that after all that was applied before", async () => {
    // A click goes through the browser, and is longer on its way.
    const click = { type: "click", point: { path: "#gift", x: 0.5, y: 0.5 } };
    const [, , state] = await Promise.all([
      apply(click),
      apply({ ...write, value: "newest" }),
      session.call("state"),
    ]);
    const inputs = state as { type: string; value?: string; checked?: boolean }[];
    const fields = inputs.filter(({ type }) => type === "input");
    assert.deepEqual(fields.map(({ value, checked }) => value ?? checked), ["newest", "", true]);
  });
});

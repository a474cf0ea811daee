import assert from "node:assert/strict";
import { refuses } from "../fixture.ts";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { TestSite } from "./site.ts";
import { everythingTold } from "./told.ts";

const SECRETS = {
  password: "hunter2-secr",
  card: "4111111111111111",
  code: "918273-once",
  iban: "DE02120300000000202051",
  prefilled: "prefilled-secret",
  region: "salary-of-ada",
};

const PAGE = `<form action="/in">
    <input id=user name=user>
    <input id=password name=pw type=password>
    <input id=card name=card autocomplete="section-a billing cc-number">
    <input id=code name=code autocomplete="one-time-code">
    <input id=iban name=iban class=iban>
    <input id=filled type=password value="${SECRETS.prefilled}">
    <button id=send>Send</button>
  </form>
  <button id=show onclick="document.querySelector('#password').type = 'text'">Show</button>
  <button id=copy onclick="document.querySelector('#copied').textContent =
    document.querySelector('#password').value">Copy</button>
  <p id=copied></p><div class=payroll>${SECRETS.region}</div>`;

Deno.test({
  name: "what stands in masked fields and hidden regions leaves the page in no form",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({ "/": PAGE, "/in": "welcome" });
    await using browser = new TestBrowser({
      urls: [{ origin: site.origin, internal: true }],
      mask: [".iban"],
      hide: [".payroll"],
    });
    const session = await browser.open(`${site.origin}/`);
    await everythingTold(session); // the mirror is on from here
    await session.click("#user");
    await session.type("ada-in-clear");
    for (const name of ["password", "card", "code", "iban"] as const) {
      await session.click(`#${name}`);
      await session.type(SECRETS[name]);
    }
    await session.settled();
    const inputs = session.events.filter(({ type }) => type === "input");
    assert.equal(inputs.length, "ada-in-clear".length, "not even how much was typed is told");
    // The page shows the password, and copies it elsewhere.
    await session.click("#show");
    await session.click("#password");
    await session.type("!");
    await session.click("#copy");
    await session.settled();
    let all = await everythingTold(session);
    await session.click("#send");
    await session.told("navigation", ({ url }) => url.includes("/in?"));
    all += await everythingTold(session);
    assert.ok(all.includes("ada-in-clear"), "the control: what is not masked is there");
    for (const [name, secret] of Object.entries(SECRETS)) {
      assert.ok(!all.includes(secret), `${name} has left the page`);
      assert.ok(!all.includes(encodeURIComponent(secret)), `${name} has left the page in a URL`);
    }
    const { masked } = await session.told("navigation", ({ url }) => url.includes("/in?"));
    assert.equal(masked, true);
  },
});

Deno.test({
  name: "a page's mirror goes on after its snapshot, over a navigation too",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({
      "/": `<p id=text>one</p><button id=b
        onclick="document.querySelector('#text').textContent = 'changed'">b</button>`,
      "/two": "<p>second page</p>",
    });
    await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
    const session = await browser.open(`${site.origin}/`);
    const { snapshot, document, n } = await session.call("snapshot");
    const bytes = await session.call("read", { snapshot, offset: 0 });
    const events = JSON.parse(new TextDecoder().decode(bytes));
    assert.deepEqual(events.map(({ type }: { type: number }) => type), [4, 2]);
    // A viewer names an element by its id in the mirror.
    const find = (node: { id: number; attributes?: { id?: string }; childNodes?: [] }): number =>
      node.attributes?.id === "b" ? node.id : (node.childNodes ?? []).map(find).find(Boolean) ?? 0;
    const point = { node: find(events[1].data.node), document, x: 0.5, y: 0.5 };
    const answer = await session.call("apply", { input: { type: "click", point } });
    assert.deepEqual(answer, { applied: true, path: "#b" });
    const change = await session.told(
      "mirror",
      ({ event }) => /changed/.test(JSON.stringify(event)),
    );
    assert.ok(change.n > n && change.document === document);
    await session.call("navigate", { to: `${site.origin}/two` });
    await session.told("mirror", ({ event }) => /second page/.test(JSON.stringify(event)));
    const stale = await session.call("apply", { input: { type: "click", point } });
    assert.deepEqual(stale, { applied: false, why: "gone" });
  },
});

Deno.test({
  name: "ctx.browser opens no page where a selector of the grant is none",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({ "/": "hello" });
    const urls = [{ origin: site.origin, internal: true }];
    await using broken = new TestBrowser({ urls, mask: [".iban", "data-x >"] });
    await refuses("failed", broken.ask("open", { url: `${site.origin}/` }));
    await using good = new TestBrowser({ urls, mask: [".iban", "[data-x]"] });
    await good.open(`${site.origin}/`);
  },
});

import assert from "node:assert/strict";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { TestSite } from "./site.ts";

Deno.test({
  name: "fields inside shadow roots and frames of the same site are told and driven by their path",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({
      "/": `<div id=host style="width: 300px"></div><iframe id=inner src="/inner"></iframe>
        <script>
          document.querySelector("#host").attachShadow({ mode: "open" }).innerHTML =
            "<input id=name style='width: 290px'><input id=pw type=password hidden>";
        </script>`,
      "/inner": `<input id=name style="width: 270px; height: 130px"><input id=pw type=password>
        <button id=b onclick="this.dataset.clicked = 1">b</button>`,
    });
    await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
    const session = await browser.open(`${site.origin}/`);
    const inFrame = "document.querySelector('#inner').contentDocument";
    for (const host of ["#host", "#inner"]) {
      await session.settled();
      session.forget();
      await session.click(host);
      await session.type("x");
      const { element, value } = await session.told("input");
      assert.equal(element.path, `${host} >>> #name`);
      assert.equal(value, "x");
      await session.apply({ type: "input", element, value: "from elsewhere" });
      const masked = { type: "input", element: { path: `${host} >>> #pw` }, value: "no" };
      const answer = await session.call("apply", { input: masked });
      assert.deepEqual(answer, { applied: false, why: "masked" });
    }
    assert.deepEqual(
      await session.evaluate(`[document.querySelector("#host").shadowRoot, ${inFrame}]
        .map((root) => root.querySelector("#name").value)`),
      ["from elsewhere", "from elsewhere"],
    );
    session.forget();
    await session.apply({ type: "click", point: { path: "#inner >>> #b", x: 0.5, y: 0.5 } });
    assert.equal(await session.evaluate(`${inFrame}.querySelector("#b").dataset.clicked`), "1");
    await session.settled();
    assert.deepEqual(session.ofPerson(), []);
  },
});

Deno.test({
  name: "nothing is told of what is done in a frame of another site",
  ...withoutChromium,
  fn: async () => {
    await using other = new TestSite({
      "/": "<input id=name style='width: 250px; height: 130px'>",
    });
    // Another port is another origin, another host name another site, with a process of its own.
    const away = other.origin.replace("127.0.0.1", "other.example");
    await using site = new TestSite({
      "/": `<iframe id=inner src="${away}/"></iframe><input id=own>`,
    });
    const urls = [site.origin, away].map((origin) => ({ origin, internal: true }));
    await using browser = new TestBrowser({ urls }, () => Promise.resolve(["127.0.0.1"]));
    const session = await browser.open(`${site.origin}/`);
    assert.deepEqual(other.asked, ["/"]);
    await session.call("snapshot");
    session.forget();
    await session.click("#inner");
    await session.type("secret");
    await session.click("#own");
    await session.type("a");
    await session.told("input");
    assert.equal(session.events.filter(({ type }) => type === "input").length, 1);
    assert.ok(!JSON.stringify(session.events).includes("secret"));
  },
});

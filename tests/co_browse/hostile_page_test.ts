import assert from "node:assert/strict";
import { CoBrowseParty } from "../../runtime/cli/demo/co_browse/party.ts";
import { DemoSite } from "../../runtime/cli/demo/co_browse/site.ts";
import { withoutChromium } from "../capabilities/browser/chromium.ts";
import { helloFor, Tap } from "./tap.ts";

/** Runs in whoever shows the page as it is: in Anna's browser, and nowhere else. */
const RUN = "globalThis.ran = (globalThis.ran ?? 0) + 1";

const hostile = (canary: string) => `
<button id="add">Add</button> <b id="count">0</b>
<img src="/none" onerror="${RUN}"><svg onload="${RUN}"><a xlink:href="javascript:${RUN}">x</a></svg>
<a id="leads" href="javascript:${RUN}">leads</a><img src="${canary}/picture">
<p style="background: url('${canary}/style')">styled</p>
<form id="form" action="${canary}/form"><button id="send">send</button></form>
<iframe src="/inside" title="inside"></iframe><object data="${canary}/object"></object>
<div id="host"></div><canvas id="canvas" aria-label="Sales"></canvas><video id="film" controls></video>
<iframe id="other" src="${canary}/other"></iframe><shut-box id="shut" style="display: block"></shut-box>
<img id="picture" src="/none" width="200" height="80"><p class="payroll">4711</p>
<form id="form2" name="documentElement"><button name="remove" id="remove">x</button></form>
<img name="createElement"><style>writ-overlay { display: none !important }</style>
<script>
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("p { letter-spacing: 7px }");
  document.adoptedStyleSheets = [sheet];
  customElements.define("shut-box", class extends HTMLElement {
    #root = this.attachShadow({ mode: "closed" }).innerHTML = "<p>in the closed shadow</p>";
  });
  document.querySelector("#host").attachShadow({ mode: "open" }).innerHTML = "<p>in the shadow</p>";
  ${RUN};
</script>`;

/** Counts who asks for anything. */
class Canary implements AsyncDisposable {
  asked = 0;
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    this.asked++;
    const { pathname, searchParams } = new URL(url);
    if (pathname !== "/frames") return new Response("seen");
    return new Response(`<!doctype html><iframe src="${searchParams.get("page")}"></iframe>`, {
      headers: { "content-type": "text/html" },
    });
  });
  readonly origin = `http://127.0.0.1:${this.#server.addr.port}`;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test("a hostile page, and hostile guests", withoutChromium, async (t) => {
  await using canary = new Canary();
  const site = new DemoSite({ "/": hostile(canary.origin), "/inside": "<p>inside the frame</p>" });
  await using party = await CoBrowseParty.open({ site });
  const anna = await party.share();
  await anna.until("globalThis.ran >= 2 && document.readyState === 'complete'");
  const cleo = await party.joinByLink("Cleo");

  await t.step(
    "what is mirrored is there: text in frames of the site, and in open shadows",
    async () => {
      const all = `(function texts(root) {
      return [...root.querySelectorAll("*")].map((one) =>
        (one.shadowRoot ? texts(one.shadowRoot) : "") + one.textContent).join(" ");
    })(document)`;
      await cleo.until(`(${all}).includes("in the shadow")`, "frame");
      await cleo.until(`(${all}).includes("inside the frame")`, "frame");
    },
  );

  await t.step("what is not mirrored is said at its place, and takes the same room", async () => {
    const words = {
      canvas: "Sales. A picture that is drawn by a script: not shown",
      film: "A film: not shown",
      other: "A page within this page: not shown",
      shut: "A part that shows itself to nobody else: not shown",
      picture: "A picture: not shown",
      payroll: "A part that is kept private: not shown",
    };
    const ids = JSON.stringify(Object.keys(words));
    const sizes = (find: string) =>
      `JSON.stringify(${ids}.map(${find}).map((one) => {
      const { width, height } = one.getBoundingClientRect();
      return [Math.round(width), Math.round(height)];
    }))`;
    const find = `((id) => document.querySelector("#" + id + ", ." + id))`;
    await cleo.until(`${ids}.every((id) => ${find}(id)?.role === "img")`, "frame");
    const told = await cleo.evaluateInFrame<{ label: string; drawn: string }[]>(
      `${ids}.map(${find}).map((one) => ({ label: one.ariaLabel,
        drawn: decodeURIComponent(getComputedStyle(one).backgroundImage) }))`,
    );
    assert.deepEqual(told.map(({ label }) => label), Object.values(words));
    for (const { label, drawn } of told) {
      const [what] = label.replace("Sales. ", "").split(":");
      assert.ok(drawn.includes(`>${what}<`), `${label} is drawn as ${drawn}`);
    }
    assert.equal(await cleo.evaluateInFrame("film.controls"), false);
    assert.equal(await cleo.evaluateInFrame(sizes(find)), await anna.evaluate(sizes(find)));
  });

  await t.step("it runs nothing, loads nothing, and leads nowhere", async () => {
    const before = canary.asked;
    const url = await cleo.evaluateInFrame("location.href");
    await cleo.evaluateInFrame(
      `for (const one of document.querySelectorAll("#leads, #send, svg a, img")) {
      one.dispatchEvent(new Event("error"));
      one.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    }`,
    );
    await anna.click("#add");
    await cleo.until(`document.querySelector("#count").textContent === "1"`, "frame");
    assert.equal(await cleo.evaluateInFrame("typeof ran"), "undefined");
    assert.equal(await cleo.evaluateInFrame("location.href"), url);
    assert.equal(
      await cleo.evaluateInFrame("document.querySelectorAll('iframe, object, script').length"),
      0,
    );
    assert.equal(canary.asked, before);
  });

  await t.step("what it calls its elements, and its style, ends with it", async () => {
    const spacing = `getComputedStyle(document.querySelector("p")).letterSpacing`;
    await cleo.until(`${spacing} === "7px"`, "frame");
    // Anna's own one has a place in what is mirrored, too.
    const overlay = `getComputedStyle(document.documentElement.lastElementChild).display`;
    assert.equal(await cleo.evaluateInFrame(overlay), "block");
    await anna.evaluate(`Element.prototype.remove.call(document.querySelector("#form2"))`);
    await cleo.until(`!document.querySelector("#form2")`, "frame");
    await anna.evaluate(`location.href = "/inside"`);
    await cleo.until(`document.body.innerText.includes("inside the frame")`, "frame");
    assert.equal(await cleo.evaluateInFrame(`document.querySelectorAll("html, #leads").length`), 1);
    assert.equal(await cleo.evaluateInFrame(spacing), "normal");
  });

  await t.step(
    "the page of the sharing person is framed by nobody, and only for this machine",
    async () => {
      const { endpoint } = party.office.get("anna");
      const desk = await party.desk();
      await desk.until("document.querySelector('[data-key]')");
      for (
        const [page, isShown] of [[`${canary.origin}/`, true], [`${endpoint}/`, false]] as const
      ) {
        await desk.goTo(`${canary.origin}/frames?page=${page}`);
        await desk.until(`location.href.endsWith(${JSON.stringify(page)})`);
        await desk.until("document.readyState === 'complete'");
        const shown = await desk.evaluateInFrame("location.href");
        assert.equal(shown, isShown ? page : "chrome-error://chromewebdata/");
      }
      const response = await fetch(`${endpoint}/`);
      assert.equal(response.headers.get("x-frame-options"), "DENY");
      assert.match(await response.text(), /data-key="[0-9a-f]{48}"/);
      const proxied = await fetch(`${endpoint}/`, {
        headers: { "x-forwarded-for": "203.0.113.7" },
      });
      assert.equal(proxied.status, 404);
      await proxied.body?.cancel();
    },
  );

  await t.step("who sends what is no message, or another's first one, is out", async () => {
    for (
      const text of ["{", "[]", JSON.stringify({ t: "admit", person: "p1" }), "x".repeat(250_000)]
    ) {
      using tap = await Tap.join(party, "web", `Eve ${text.length}`);
      tap.send(text);
      const { why } = await tap.told("ended");
      assert.equal(why, "malformed", text.slice(0, 20));
    }
    const hello = await helloFor(party, "web", "Mallory");
    using first = await Tap.open(party, hello);
    await first.told("wait");
    using replay = await Tap.open(party, hello);
    assert.equal((await replay.told("ended")).why, "invitation");
    using desk = await Tap.open(party, { t: "desk", key: "0".repeat(48) });
    await assert.rejects(desk.told("people"));
  });
});

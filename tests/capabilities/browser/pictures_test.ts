import assert from "node:assert/strict";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser, type TestSession } from "./fixture.ts";
import { TestSite } from "./site.ts";

const HEIGHT = 50;
const at = (place: number) =>
  `position: fixed; inset: auto; left: 0; top: ${
    place * HEIGHT
  }px; width: 300px; height: ${HEIGHT}px;
  margin: 0; border: 0; padding: 0; background: #fff`;

/** White where nothing covers it, on a green page. */
const PAGE = `<body style="background: #0a0"><style>.slow { transition: all 3s }</style>
  <div id=open style="${at(0)}">open</div><div id=later style="${at(1)}; background: #0a0"></div>
  <input type=password class=slow value=secret style="${at(2)}">
  <div class=payroll style="${at(3)}">salary <b>100</b></div>
  <div id=host></div>
  <input type=password id=shown value=secret style="${at(5)}">
  <div class=payroll style="display: contents"><div style="${at(6)}">salary</div></div>
  <div class=payroll><div id=above popover=manual style="${at(7)}">salary</div></div>
  <script>
    host.attachShadow({ mode: "open" }).innerHTML =
      \`<input autocomplete=cc-number value=4111 style="${at(4)}">\`;
    shown.type = "text";
    above.showPopover();
  </script>`;
const COVERED = {
  "a field with transitions": 2,
  "a hidden region": 3,
  "a field in a shadow root": 4,
  "a password turned to text": 5,
  "a region without a box of its own": 6,
  "what lies above the page": 7,
};

/** The next picture: how bright each place of it is at most, of 255. */
async function nextPicture(session: TestSession, stream: string): Promise<number[]> {
  const { length, width } = await session.call("frame", { stream });
  const bytes = await session.call("frame", { stream, offset: 0 });
  assert.equal(bytes.length, length);
  return await session.evaluate<number[]>(`(async () => {
    const bytes = Uint8Array.fromBase64("${bytes.toBase64()}");
    const image = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const scale = image.width / ${width};
    return Array.from({ length: 8 }, (_, place) => {
      const top = place * ${HEIGHT} + 10;
      const { data } = canvas.getImageData(10, top * scale, 200 * scale, 30 * scale);
      return Math.max(...data.filter((_, index) => index % 4 !== 3));
    });
  })()`);
}

Deno.test({
  name: "pictures of a page show nothing of what is masked or hidden, however it is drawn",
  ...withoutChromium,
  fn: async (t) => {
    await using site = new TestSite({ "/": PAGE });
    await using browser = new TestBrowser({
      urls: [{ origin: site.origin, internal: true }],
      hide: [".payroll"],
    });
    const session = await browser.open(`${site.origin}/`, { width: 400, height: 500 });
    const { stream } = await session.call("stream", { quality: 90 });
    const first = await nextPicture(session, stream);
    for (const [name, place] of Object.entries(COVERED)) {
      // Black, or the page's own ground.
      await t.step(name, () => assert.ok(first[place]! < 200, `${first}`));
    }
    await t.step("the control: the rest of the page is there", () => {
      assert.ok(first[0]! > 200 && first[1]! < 200, `${first}`);
    });
    await t.step("nor once the page has taken the covers away", async () => {
      await session.evaluate(`document.adoptedStyleSheets = [];
        host.shadowRoot.adoptedStyleSheets = []; later.style.background = "#fff"`);
      let picture = first;
      for (let more = 20; picture[1]! < 200 && more > 0; more--) {
        picture = await nextPicture(session, stream);
        for (const place of Object.values(COVERED)) assert.ok(picture[place]! < 200, `${picture}`);
      }
      assert.ok(picture[1]! > 200, "what has changed is there");
    });
    await t.step("and afterwards all is as it was", async () => {
      await session.call("unstream", { stream });
      const filters = `["#shown", ".payroll"].map((one) =>
        getComputedStyle(document.querySelector(one)).filter)`;
      assert.deepEqual(await session.evaluate(filters), ["none", "none"]);
      assert.equal(await session.evaluate("shown.hasAttribute('data-writ-masked')"), false);
    });
  },
});

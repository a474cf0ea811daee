import assert from "node:assert/strict";
import type { BrowserInput } from "../../../runtime/sdk/mod.ts";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { TestSite } from "./site.ts";

const BOX = "width: 200px; height: 60px; display: block";
const NUMBERS = `<input type=number autocomplete=cc-csc value=5 style='${BOX}'>
  <input type=number id=open value=5 style='${BOX}'>`;

Deno.test({
  name: "what is masked is not driven from elsewhere, by its label, by keys or in another's frame",
  ...withoutChromium,
  fn: async (t) => {
    await using other = new TestSite({ "/": `<input type=checkbox class=iban style="${BOX}">` });
    const away = other.origin.replace("127.0.0.1", "other.example");
    await using site = new TestSite({
      "/": `<input type=checkbox class=iban id=box><label for=box id=label>masked</label>
        <input type=checkbox id=own><label for=own id=open>open</label>
        <div id=host></div><iframe id=inner srcdoc="${NUMBERS}"></iframe>
        <iframe id=away src="${away}/" style="${BOX}"></iframe>
        <script>host.attachShadow({ mode: "open" }).innerHTML = \`${NUMBERS}\`</script>`,
    });
    const urls = [site.origin, away].map((origin) => ({ origin, internal: true }));
    const settings = { urls, mask: [".iban"] };
    await using browser = new TestBrowser(settings, () => Promise.resolve(["127.0.0.1"]));
    const session = await browser.open(`${site.origin}/`);
    const answer = (input: BrowserInput) => session.call("apply", { input });
    const click = (path: string): BrowserInput => ({
      type: "click",
      point: { path, x: 0.3, y: 0.3 },
    });
    const masked = { applied: false, why: "masked" };

    await t.step("a label", async () => {
      assert.deepEqual(await answer(click("#label")), masked);
      await session.apply(click("#open"));
      assert.deepEqual(await session.evaluate("[box.checked, own.checked]"), [false, true]);
    });
    for (const [where, root] of [["host", "shadowRoot"], ["inner", "contentDocument"]]) {
      await t.step(`a key, where what has the focus is in ${root}`, async () => {
        const valueOf = (field: string) => `${where}.${root}.querySelector("${field}").value`;
        for (
          const [field, expected] of [["input", masked], ["#open", { applied: true }]] as const
        ) {
          await session.evaluate(`${where}.${root}.querySelector("${field}").focus()`);
          const key = { type: "key", element: null, key: "ArrowUp" } as const;
          assert.deepEqual(await answer(key), expected);
        }
        const after = await session.evaluate(`[${valueOf("input")}, ${valueOf("#open")}]`);
        assert.deepEqual(after, ["5", "6"]);
      });
    }
    await t.step("a path that asks about it names nothing, whatever the answer is", async () => {
      const about = (path: string) => answer({ type: "pointer", point: { path, x: 0.3, y: 0.3 } });
      assert.equal((await about("#open")).applied, true);
      for (const is of [":checked", ":not(:checked)"]) {
        assert.deepEqual(await about(`body:has(#box${is}) > #open`), {
          applied: false,
          why: "gone",
        });
      }
    });
    await t.step("a frame of another site", async () => {
      assert.deepEqual(await answer(click("#away")), masked);
      await session.click("#away");
      await session.settled();
      assert.deepEqual(await answer({ type: "key", element: null, key: "ArrowUp" }), masked);
    });
  },
});

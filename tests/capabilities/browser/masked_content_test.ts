import assert from "node:assert/strict";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser, type TestSession } from "./fixture.ts";
import { TestSite } from "./site.ts";
import { everythingTold } from "./told.ts";

/** A page that knows secrets, what somebody does there, and what of it must and must not be told. */
interface Case {
  readonly page: string;
  readonly act?: (session: TestSession) => Promise<void>;
  readonly secret: readonly string[];
  /** The same where nothing is masked. */
  readonly open: readonly string[];
}

const SHADOW = (id: string, html: string) =>
  `<div id=${id}></div><script>${id}.attachShadow({ mode: "open" }).innerHTML = ${
    JSON.stringify(html)
  }</script>`;

const CASES: Record<string, Case> = {
  "attributes of masked elements, and what is too short to be looked for": {
    page: `<span class=iban data-v=attr-secret title=title-secret aria-label=label-secret>a</span>
      <span data-v=attr-open>a</span><a class=iban href="/link-secret">x</a>
      <input type=radio class=iban value=radio-secret checked><input type=radio value=radio-open>
      <select class=iban><option>a<option selected>choice-secret</select>
      <select><option>a<option selected>choice-open</select>
      <textarea class=iban>area-secret</textarea><input type=button class=iban value=button-secret>
      <input type=hidden class=iban value=937><input type=hidden value=938>
      <input autocomplete=cc-csc id=csc value=451><script>csc.value = ""</script>`,
    secret: [
      ...["attr-secret", "title-secret", "label-secret", "link-secret", "radio-secret"],
      ...["choice-secret", "area-secret", "button-secret", '"937"', '"451"'],
    ],
    open: ["attr-open", "radio-open", "choice-open", '"938"'],
  },
  "whether a masked box is ticked": {
    page: `<input type=checkbox class=iban id=masked><input type=checkbox id=open>`,
    act: async (session) => {
      await session.click("#masked");
      await session.settled();
      assert.ok(!JSON.stringify(session.events).includes('"isChecked":true'));
      await session.click("#open");
    },
    secret: ['"path":"#masked","checked"'],
    open: ['"isChecked":true'],
  },
  "rich text that holds what is masked or hidden": {
    page: `<div contenteditable>see <span class=payroll>salary-secret</span> <i id=in>here</i></div>
      <div contenteditable>see <span>salary-open</span> <i id=out>here</i></div>`,
    act: async (session) => {
      for (const place of ["#in", "#out"]) {
        await session.click(place);
        await session.type("z");
      }
      const element = { path: "div:nth-of-type(1)" };
      const input = { type: "input", element, value: "from elsewhere" };
      const answer = await session.call("apply", { input });
      assert.deepEqual(answer, { applied: false, why: "refused" });
      await session.told("input");
    },
    secret: ["salary-secret"],
    open: ["see salary-open"],
  },
  "what the page copies out of masked rich text": {
    page: `<div class=iban id=masked contenteditable>x</div><div id=own contenteditable>x</div>
      <p id=copied></p><button id=copy
        onclick="copied.textContent = masked.textContent + own.textContent">copy</button>`,
    act: async (session) => {
      await session.click("#masked");
      await session.type("rich-secret");
      await session.click("#own");
      await session.type("open-text");
      await session.click("#copy");
    },
    secret: ["rich-secret"],
    open: ["open-text"],
  },
  "what the page makes of a masked field's value": {
    page: `<input class=iban id=masked><input id=own><input id=copy><p id=groups></p>
      <a id=link token=x>link</a><button id=show onclick="
        copy.value = masked.value + '!';
        groups.textContent = (masked.value + ' ' + own.value).replace(/(.{4})/g, '$1 ');
        link.href = '/' + encodeURIComponent(masked.value);
        link.setAttribute('token', masked.value);">show</button>`,
    act: async (session) => {
      await session.click("#masked");
      await session.type("DE02120300000051");
      await session.click("#own");
      await session.type("AT021203000000520");
      await session.click("#show");
    },
    secret: ["DE02", "0051"],
    open: ["AT021203000000520", "AT0 2120"],
  },
  "the same in capitals, without blanks around it, and as JSON": {
    page: `<input class=iban id=account><input class=iban id=word><input class=iban id=quoted>
      <input id=own><p id=capitals></p><p id=bare></p><input id=copy><pre id=json></pre>
      <button id=show onclick="
        capitals.textContent = (account.value + ' ' + own.value).toUpperCase();
        bare.textContent = word.value.trim();
        copy.value = word.value.trim().toLowerCase();
        json.textContent = JSON.stringify({ is: quoted.value });">show</button>`,
    act: async (session) => {
      await session.evaluate("word.value = '  Strasse-blank '");
      await session.click("#account");
      await session.type("konto-ß89xy");
      await session.click("#quoted");
      await session.type('zap"ted-9');
      await session.click("#own");
      await session.type("open-text");
      await session.click("#show");
    },
    secret: ["KONTO", "89XY", "asse-blank", "zap", "ted-9"],
    open: ["OPEN-TEXT"],
  },
  "a password that is shown by another field": {
    page: `<p id=box><input id=pw type=password></p><input id=open>
      <button id=show onclick="const value = pw.value; box.innerHTML = '<input id=pw>';
        pw.value = value">show</button>`,
    act: async (session) => {
      await session.click("#pw");
      await session.type("hunter2-secret");
      await session.click("#show");
      await session.evaluate("pw.focus(); pw.setSelectionRange(0, 1)");
      await session.type("1");
      const input = { type: "input", element: { path: "#pw" }, value: "from elsewhere" };
      const answer = await session.call("apply", { input });
      assert.deepEqual(answer, { applied: false, why: "masked" });
      await session.click("#open");
      await session.type("1unter2-open");
    },
    secret: ["unter2-secret"],
    open: ["1unter2-open"],
  },
  "passwords in frames and shadow roots, turned to text": {
    page: `<iframe id=inner srcdoc="<input type=password value=framed-secret>
        <input type=search value=framed-open>"></iframe>
      ${SHADOW("host", "<input type=password value=shadow-secret><input value=shadow-open>")}
      <button id=show onclick="for (const root of [inner.contentDocument, host.shadowRoot])
        root.querySelector('input').type = 'text'">show</button>`,
    act: (session) => session.click("#show"),
    secret: ["framed-secret", "shadow-secret"],
    open: ["framed-open", "shadow-open"],
  },
  "frames and shadow roots of what is masked or hidden": {
    page: `<iframe class=payroll src=/frame?secret></iframe><iframe class=iban src=/frame?secret>
      </iframe><div class=payroll><iframe src=/frame?secret></iframe></div><iframe src=/frame?open>
      </iframe><div class=iban>${SHADOW("within", "in-shadow-secret")}</div>
      ${SHADOW("masked", "in-shadow-secret<input value=in-shadow-secret>")}
      ${SHADOW("hidden", "in-shadow-secret")}${SHADOW("shown", "in-shadow-open")}
      <script>masked.className = "iban"; hidden.className = "payroll"</script>`,
    act: async (session) => {
      await session.evaluate(`for (const { contentDocument } of document.querySelectorAll("iframe"))
        contentDocument.body.append("later-" + contentDocument.location.search.slice(1));
        for (const host of [within, masked, hidden]) host.shadowRoot.append("later-secret");
        shown.shadowRoot.append("later-open")`);
    },
    secret: ["in-frame-secret", "in-shadow-secret", "later-secret"],
    open: ["in-frame-open", "in-shadow-open", "later-open"],
  },
};

Deno.test({
  name: "nothing that is inside of what is masked or hidden is told, whoever asks",
  ...withoutChromium,
  fn: async (t) => {
    const frame = ({ url }: Request) =>
      new Response(`in-frame-${new URL(url).search.slice(1)}`, {
        headers: { "content-type": "text/html" },
      });
    const pages = Object.values(CASES).map(({ page }, n) => [`/${n}`, page]);
    await using site = new TestSite({ ...Object.fromEntries(pages), "/frame": frame });
    await using browser = new TestBrowser({
      urls: [{ origin: site.origin, internal: true }],
      mask: [".iban"],
      hide: [".payroll"],
    });
    const session = await browser.open(`${site.origin}/0`);
    await everythingTold(session);
    for (const [n, [name, { act, secret, open }]] of Object.entries(CASES).entries()) {
      await t.step(name, async () => {
        session.forget();
        await session.call("navigate", { to: `${site.origin}/${n}` });
        await session.told("navigation", ({ url }) => url.endsWith(`/${n}`));
        await session.ready();
        await act?.(session);
        await session.settled();
        const all = await everythingTold(session);
        for (const text of secret) {
          assert.ok(
            !all.includes(text),
            `${text} was told in ${all.slice(all.indexOf(text) - 300)}`,
          );
        }
        for (const text of open) assert.ok(all.includes(text), `${text} is missing in ${all}`);
      });
    }
  },
});

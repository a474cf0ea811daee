import assert from "node:assert/strict";
import { refuses } from "../fixture.ts";
import { until } from "../../until.ts";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { TestSite } from "./site.ts";

/** A site that the grant lists, with one that it does not, on another port. */
async function twoSites(pages: (other: TestSite) => ConstructorParameters<typeof TestSite>[0]) {
  await using started = new AsyncDisposableStack();
  const other = started.use(new TestSite({ "/": "other", "/image": "other" }));
  const site = started.use(new TestSite(pages(other)));
  const running = started.move();
  return { site, other, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

const listed = (...sites: TestSite[]) => ({
  urls: sites.map(({ origin }) => ({ origin, internal: true })),
});

/** Files in a folder, and below it, whose names fit. */
function filesBelow(folder: string, name: RegExp): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return filesBelow(path, name);
    return name.test(entry.name) ? [path] : [];
  });
}

Deno.test({
  name: "ctx.browser opens http and https of the grant, and no other scheme",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({ "/": "hello" });
    await using browser = new TestBrowser(listed(site));
    const session = await browser.open(`${site.origin}/`);
    const strange = [
      "file:///etc/passwd",
      "chrome://version",
      "devtools://devtools/bundled/inspector.html",
      `view-source:${site.origin}/`,
      "data:text/html,hello",
      "javascript:document.title=1",
      "about:blank",
      "http://127.0.0.1:1/",
    ];
    for (const url of strange) {
      await refuses("not_granted", browser.ask("open", { url }));
      await refuses("not_granted", session.call("navigate", { to: url }));
      await refuses("not_granted", session.call("page", { url }));
      const input = { type: "navigation", url };
      await refuses("not_granted", session.call("apply", { input }));
    }
    assert.equal(await session.evaluate("location.href"), `${site.origin}/`);
  },
});

Deno.test({
  name: "a page of the grant leads nowhere else, by redirect, frame, link or its own script",
  ...withoutChromium,
  fn: async () => {
    await using sites = await twoSites((other) => ({
      "/": "home",
      "/redirect": () => Response.redirect(`${other.origin}/`),
      "/within": () => new Response(null, { status: 302, headers: { location: "/" } }),
      "/frame": `<iframe src="${other.origin}/"></iframe>`,
      "/frame-within": `<iframe src="/"></iframe>`,
      "/script": `<script>location = "${other.origin}/"</script>`,
      "/data": `<script>location = "data:text/html,hello"</script>`,
      "/file": `<script>location = "file:///etc/passwd"</script>`,
    }));
    const { site, other } = sites;
    await using browser = new TestBrowser(listed(site));
    const session = await browser.open(`${site.origin}/`);
    for (const path of ["/redirect", "/frame", "/script"]) {
      session.forget();
      await session.call("navigate", { to: `${site.origin}${path}` }).catch(() => {});
      const { why, origin } = await session.told("refused");
      assert.deepEqual([why, origin], ["not_listed", other.origin], path);
    }
    for (const path of ["/data", "/file"]) {
      await session.call("navigate", { to: `${site.origin}${path}` });
      await session.settled();
      assert.ok(/^(?:http:|about:blank)/.test(await session.evaluate("location.href")), path);
    }
    assert.deepEqual(other.asked, [], "nothing was asked of the other site");
    // What stays within the grant is let through, so it is the grant that refused.
    await session.call("navigate", { to: `${site.origin}/within` });
    assert.equal(site.asked.at(-1), "/");
    await using wider = new TestBrowser(listed(site, other));
    await wider.open(`${site.origin}/frame`);
    assert.deepEqual(other.asked, ["/"]);
  },
});

Deno.test({
  name: "a page reaches no address of this network that the grant does not give, by name neither",
  ...withoutChromium,
  fn: async () => {
    await using sites = await twoSites((other) => ({
      "/start": "start",
      "/": `<img src="http://127.0.0.1:${other.port}/image">
        <img src="http://rebinding.example:${other.port}/image">
        <script>
          fetch("http://[::1]:${other.port}/image", { mode: "no-cors" }).catch(() => {});
          navigator.sendBeacon("http://127.0.0.1:${other.port}/image", "data");
          new WebSocket("ws://127.0.0.1:${other.port}/image");
        </script>`,
    }));
    const { site, other } = sites;
    const resolve = () => Promise.resolve(["127.0.0.1"]);
    await using browser = new TestBrowser(listed(site), resolve);
    // What happens before somebody listens is told to nobody.
    const session = await browser.open(`${site.origin}/start`);
    await session.call("navigate", { to: `${site.origin}/` });
    await session.told("refused", ({ why, origin }) => {
      return why === "address" && origin === "rebinding.example";
    });
    await session.settled();
    assert.deepEqual(other.asked, []);
    const urls = [...listed(site).urls, {
      origin: `http://rebinding.example:${other.port}`,
      internal: true,
    }];
    await using wider = new TestBrowser({ urls }, resolve);
    await wider.open(`${site.origin}/`);
    await until(() => other.asked.length > 0);
    assert.deepEqual(other.asked, ["/image"], "what is given can be reached");
  },
});

Deno.test({
  name: "a page that opens windows, dialogs, traps and loads without end stays in its bounds",
  ...withoutChromium,
  fn: async () => {
    const loop = `<script>setTimeout(() => location.reload())</script>`;
    await using site = new TestSite({
      "/": `<button id=open onclick="window.open('/popup')">Open</button>`,
      "/popup": "popup",
      "/trap": `<input id=name><script>onbeforeunload = (event) => event.preventDefault();
        alert(1); confirm(2); prompt(3); document.title = "after";</script>`,
      "/loop": loop,
    });
    await using browser = new TestBrowser({ ...listed(site), pages: 2 });
    const session = await browser.open(`${site.origin}/`);
    await session.click("#open");
    const { tab } = await session.told("tab", ({ action, tab }) => action === "opened" && tab > 1);
    await session.apply({ type: "tab", tab: 1, action: "active" });
    await session.click("#open");
    await session.told("refused", ({ why }) => why === "popup");
    await refuses("quota", session.call("page", { url: `${site.origin}/` }));
    await session.isAt(`${site.origin}/popup`);
    await session.apply({ type: "tab", tab, action: "close" });
    await session.told("tab", ({ action }) => action === "closed");

    await session.call("navigate", { to: `${site.origin}/trap` });
    await session.ready();
    assert.equal(await session.evaluate("document.title"), "after");
    await session.click("#name");
    await session.type("a");
    await session.call("navigate", { to: `${site.origin}/loop` });
    const { why } = await session.told("refused", ({ why }) => why === "too_many");
    assert.equal(why, "too_many");
  },
});

Deno.test({
  name: "a page gets no camera, place, clipboard, notifications, download or service worker",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({
      "/": `<a id=get href="/file" download="got.txt">get</a>`,
      "/file": () =>
        new Response("downloaded", { headers: { "content-disposition": "attachment" } }),
      "/worker.js": () =>
        new Response(
          `self.addEventListener("fetch", (event) => event.respondWith(new Response("worker")));
           self.addEventListener("activate", (event) => event.waitUntil(clients.claim()));`,
          { headers: { "content-type": "text/javascript" } },
        ),
      "/plain": () => new Response("server"),
    });
    await using browser = new TestBrowser(listed(site));
    const session = await browser.open(`${site.origin}/`);
    const names = ["geolocation", "notifications", "camera", "microphone", "clipboard-read"];
    const states = await session.evaluate(`Promise.all(${JSON.stringify(names)}.map(async (name) =>
      (await navigator.permissions.query({ name })).state))`);
    assert.deepEqual(states, names.map(() => "denied"));
    const answered = await session.evaluate(`(async () => {
      await navigator.serviceWorker.register("/worker.js");
      await navigator.serviceWorker.ready;
      return await (await fetch("/plain")).text();
    })()`);
    assert.equal(answered, "server", "the worker is passed by");
    await session.click("#get");
    await session.told("refused", ({ why }) => why === "download");
    assert.ok(site.asked.includes("/file"), "the page did ask for it");
    assert.deepEqual(filesBelow(browser.folder(), /got|crdownload/), []);
  },
});

Deno.test({
  name: "a page that changes without end is mirrored at a bounded rate, and people still are heard",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({
      "/": `<input id=name><div id=list></div><script>
        setInterval(() => {
          document.querySelector("#list").title = Math.random() + "x".repeat(1_000_000);
        }, 20);</script>`,
    });
    await using browser = new TestBrowser(listed(site));
    const session = await browser.open(`${site.origin}/`);
    const begun = performance.now();
    await session.call("snapshot");
    // Held, and then told as a whole.
    await session.told("mirror", ({ event }) => (event as { type: number }).type === 2);
    const seconds = (performance.now() - begun) / 1000;
    const characters = JSON.stringify(session.events).length;
    assert.ok(characters < 12_000_000 + seconds * 2_000_000, `${characters} in ${seconds} s`);
    await session.click("#name");
    await session.type("a");
    await session.told("input");
  },
});

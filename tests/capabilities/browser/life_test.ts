import assert from "node:assert/strict";
import { linesOf } from "../../bench/lines.ts";
import { within } from "../../within.ts";
import { processesOf } from "./processes.ts";
import { withoutChromium } from "./chromium.ts";
import { TestBrowser } from "./fixture.ts";
import { TestSite } from "./site.ts";

const PAGE = { "/": "<input id=name>", "/two": "two" };

Deno.test({
  name: "a session whose browser is killed says so, and goes on where it was in another",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite(PAGE);
    await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
    const session = await browser.open(`${site.origin}/`);
    await session.call("navigate", { to: `${site.origin}/two` });
    const [pid, folder] = [await browser.pid(), browser.folder()];
    session.forget();
    Deno.kill(pid, "SIGKILL");
    await session.told("browser", ({ state }) => state === "gone");
    await session.told("browser", ({ state }) => state === "back");
    await session.told("navigation", ({ url, applied }) => applied && url.endsWith("/two"));
    assert.notEqual(await browser.pid(), pid);
    await processesOf(folder, 0);
  },
});

Deno.test({
  name: "a page whose process dies is loaded again once, beside others that go on",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite(PAGE);
    await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
    const other = await browser.open(`${site.origin}/`);
    const pid = await browser.pid();
    const session = await browser.open(`${site.origin}/two`);
    const { tab } = await browser.session(session.id);
    tab!.send("Page.crash").catch(() => {});
    await session.told("browser", ({ state }) => state === "back");
    await session.told("navigation", ({ url, n }) => url.endsWith("/two") && n > 3);
    tab!.send("Page.crash").catch(() => {});
    await session.told("refused", ({ why }) => why === "too_many");
    await other.apply({ type: "input", element: { path: "#name" }, value: "still here" });
    assert.equal(await browser.pid(), pid, "the browser itself is the same");
  },
});

Deno.test({
  name: "a browser leaves neither processes nor files when its last session is closed",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite(PAGE);
    await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
    const session = await browser.open(`${site.origin}/`);
    const folder = browser.folder();
    await processesOf(folder, 1);
    await session.call("close");
    await session.told("closed");
    await browser.browsers[Symbol.asyncDispose]();
    await processesOf(folder, 0);
    await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
  },
});

Deno.test({
  name: "a browser dies with an agent that is killed",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite(PAGE);
    const main = new URL("./holder_main.ts", import.meta.url).pathname;
    const holder = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", main, `${site.origin}/`],
      stdout: "piped",
    }).spawn();
    const lines = linesOf(holder.stdout);
    const { value: folder } = await within(lines.next(), "the folder of the browser");
    await processesOf(folder!, 1);
    holder.kill("SIGKILL");
    await holder.status;
    await lines.return(undefined);
    await processesOf(folder!, 0);
    await Deno.remove(folder!.slice(0, folder!.indexOf("/browsers/")), { recursive: true });
  },
});

Deno.test({
  name: "the browser runs in its own sandbox, as nobody, and listens nowhere",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite(PAGE);
    await using browser = new TestBrowser({ urls: [{ origin: site.origin, internal: true }] });
    await browser.open(`${site.origin}/`);
    const processes = await processesOf(browser.folder(), 1);
    const renderers = processes.filter(({ args }) => args.includes("--type=renderer"));
    assert.ok(renderers.length > 0);
    for (const { pid, args } of processes) {
      const status = await Deno.readTextFile(`/proc/${pid}/status`);
      const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1];
      assert.equal(field("NoNewPrivs"), "1", args);
      assert.notEqual(field("Uid"), "0", args);
      // 2: system calls are filtered. A process of its own namespace has two ids.
      if (args.includes("--type=renderer")) {
        assert.equal(field("Seccomp"), "2", args);
        assert.match(status, /^NSpid:\s+\d+\s+\d+/m, args);
      }
    }
    assert.ok(!processes.some(({ args }) => /--no-sandbox|remote-debugging-port/.test(args)));
    const sockets = new Set<string>();
    for (const { pid } of processes) {
      for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
        const target = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
        const inode = /^socket:\[([0-9]+)\]$/.exec(target)?.[1];
        if (inode) sockets.add(inode);
      }
    }
    const LISTENS = "0A";
    const tables = await Promise.all(
      ["tcp", "tcp6"].map((name) => Deno.readTextFile(`/proc/net/${name}`)),
    );
    const lines = tables.flatMap((table) => table.trim().split("\n").slice(1));
    const listening = lines.map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === LISTENS && sockets.has(inode!));
    assert.deepEqual(listening, []);
  },
});

import assert from "node:assert/strict";
import { coBrowseScript, type Input } from "../../scripts/co-browse/script.ts";
import { newKey, newSessionId } from "../../scripts/co-browse/keys.ts";
import { readSettings } from "../../scripts/co-browse/settings.ts";
import { Shown } from "../../scripts/co-browse/session/shown.ts";
import { hostMessage } from "../../scripts/co-browse/wire/host_message.ts";
import { readMessage } from "../../scripts/co-browse/wire/guest_message.ts";

Deno.test("readSettings() takes an address that links can begin with, and no other", () => {
  const address = "https://anna.example:8799";
  assert.equal(readSettings({ address }).address, address);
  assert.equal(readSettings().address, undefined);
  for (const wrong of ["anna.example", "ftp://anna.example", `${address}/`, "https://", "", 8799]) {
    assert.throws(() => readSettings({ address: wrong }), TypeError, String(wrong));
  }
});

const SHARE: Input = { do: "share", url: "https://shop.example/" };

/** What a run of the script has of its agent: a browser that opens when a test lets it. */
function context(change: object = {}) {
  const opened = Promise.withResolvers<object>();
  const closed: string[] = [];
  const ctx = {
    browser: { open: () => opened.promise },
    settings: {},
    agent: { id: "writ-key:anna" },
    script: { publisher: "acme", name: "co-browse", version: "1.0.0" },
    signal: new AbortController().signal,
    emit() {},
    progress() {},
    log: { warn() {} },
    ...change,
  };
  const browser = {
    events: () => ReadableStream.from([]),
    close: () => Promise.resolve(void closed.push("browser")),
    sign: () => Promise.resolve(),
  };
  return { ctx: ctx as never, closed, opens: () => opened.resolve(browser), opened };
}

Deno.test("who reaches nobody says what may be amiss, and ends", async () => {
  const said: string[] = [];
  const channel = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
    close() {},
  };
  const { ctx } = context({
    peers: { list: () => Promise.resolve([{ id: "writ-key:anna", name: "anna" }]) },
    channel: () => Promise.resolve(channel),
    progress: (_done: number, text: string) => said.push(text),
  });
  const real = globalThis.setTimeout;
  // Two minutes pass at once.
  const hasty = (work: () => void, ms: number) => real(work, ms / 1_000_000);
  Reflect.set(globalThis, "setTimeout", hasty);
  try {
    const invitation = `${newSessionId()}.${newKey()}`;
    const ended = coBrowseScript().run({ do: "join", peer: "anna", invitation }, ctx);
    assert.equal((await ended as { ended: string }).ended, "over");
  } finally {
    globalThis.setTimeout = real;
  }
  assert.match(said.join(), /clock/);
});

Deno.test("two orders to share at once share one browser", async () => {
  const script = coBrowseScript();
  const [one, two] = [context(), context()];
  const first = script.run(SHARE, one.ctx) as Promise<unknown>;
  await assert.rejects(script.run(SHARE, two.ctx) as Promise<unknown>, { code: "busy" });
  one.opened.reject(new Error("no browser"));
  await assert.rejects(first, /no browser/);
  const third = context();
  const again = script.run(SHARE, third.ctx) as Promise<unknown>;
  third.opened.reject(new Error("none again"));
  await assert.rejects(again, /none again/, "the first one is over");
});

Deno.test("a browser whose channel cannot be opened is not left shared", async () => {
  const script = coBrowseScript();
  const { ctx, closed, opens } = context({
    channel: () => Promise.reject(new Error("no channel")),
  });
  const sharing = script.run(SHARE, ctx) as Promise<unknown>;
  opens();
  await assert.rejects(sharing, /no channel/);
  assert.deepEqual(closed, ["browser"]);
  await assert.rejects(script.run({ do: "status" }, ctx) as Promise<unknown>, {
    code: "no_session",
  });
});

Deno.test("a page with a very long address is told by its site alone", () => {
  const shown = new Shown();
  const list = (url: string) => ({ active: 1, tabs: [{ tab: 1, url }] });
  const long = `https://shop.example/${"a".repeat(5_000)}`;
  shown.change(list(long));
  assert.equal(shown.url, "https://shop.example");
  for (const message of shown.story()) {
    assert.ok(readMessage(JSON.stringify(message), hostMessage), message.t);
  }
  shown.change(list("https://shop.example/a"));
  assert.equal(shown.url, "https://shop.example/a");
});

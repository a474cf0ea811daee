import assert from "node:assert/strict";
import { within } from "../../within.ts";
import { consoleFixture, ORIGIN } from "./fixture.ts";
import type { Visit } from "./visit.ts";

type Hub = Awaited<ReturnType<typeof consoleFixture>>;

/** An open page, as far as it hears of changes. */
class Listening implements AsyncDisposable {
  readonly status: number;
  readonly #reader: ReadableStreamDefaultReader<string>;

  private constructor(status: number, reader: ReadableStreamDefaultReader<string>) {
    this.status = status;
    this.#reader = reader;
  }

  static async open(hub: Hub, visit: Visit, about: string): Promise<Listening> {
    const headers = { host: new URL(ORIGIN).host, cookie: visit.cookie };
    const path = `${ORIGIN}/live?about=${encodeURIComponent(about)}`;
    const answer = await hub.app.request(path, { headers });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    return new Listening(answer.status, reader);
  }

  /** The next thing that it hears; undefined when there is no more. */
  async next(): Promise<string | undefined> {
    const { value } = await within(this.#reader.read(), "what a page hears");
    return /event: (\w+)/.exec(value ?? "")?.[1];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}

const AGENT = `writ-key:${"A".repeat(43)}`;

Deno.test("a page hears of what it shows, and of nothing of another tenant", async () => {
  await using hub = await consoleFixture();
  await hub.agent({ id: AGENT });
  const ada = await hub.enter("ada");
  const eve = await hub.enter("eve", "admin", "other");
  await using page = await Listening.open(hub, ada, `agent ${AGENT}`);
  await using foreign = await Listening.open(hub, eve, `agent ${AGENT}`);
  await hub.agents.rename("acme", "user:ada", AGENT, "other-name");
  assert.equal(await page.next(), "changed");
  const silent = Symbol();
  const heard = foreign.next();
  await hub.agents.rename("acme", "user:ada", AGENT, "third-name");
  assert.equal(await page.next(), "changed");
  assert.equal(await Promise.race([heard, Promise.resolve(silent)]), silent);
});

Deno.test("a page hears of changes once a second, however many there are", async () => {
  await using hub = await consoleFixture();
  await hub.agent({ id: AGENT });
  await using page = await Listening.open(hub, await hub.enter("ada"), `agent ${AGENT}`);
  const begun = performance.now();
  await hub.agents.rename("acme", "user:ada", AGENT, "other-name");
  assert.equal(await page.next(), "changed");
  await hub.agents.rename("acme", "user:ada", AGENT, "third-name");
  assert.equal(await page.next(), "changed");
  assert.ok(performance.now() - begun >= 990);
});

Deno.test("a page whose session has ended hears that, and nothing more", async () => {
  await using hub = await consoleFixture();
  await hub.agent({ id: AGENT });
  const ada = await hub.enter("ada");
  const bob = await hub.enter("bob");
  await using page = await Listening.open(hub, bob, "agents");
  const { id } = (await hub.users.list("acme")).find(({ name }) => name === "bob")!;
  await ada.send(`/users/${id}/shut-out`, {});
  await hub.agents.rename("acme", "user:ada", AGENT, "other-name");
  assert.equal(await page.next(), "over");
  assert.equal(await page.next(), undefined);
});

Deno.test("one user follows so many pages at a time, and more when one is closed", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  const pages: Listening[] = [];
  for (let i = 0; i < 8; i++) pages.push(await Listening.open(hub, ada, "fleet"));
  const refused = await Listening.open(hub, ada, "fleet");
  assert.equal(refused.status, 503);
  await refused[Symbol.asyncDispose]();
  const bob = await hub.enter("bob");
  pages.push(await Listening.open(hub, bob, "fleet"));
  await pages.shift()![Symbol.asyncDispose]();
  const again = await Listening.open(hub, ada, "fleet");
  assert.equal(again.status, 200);
  for (const page of [...pages, again]) await page[Symbol.asyncDispose]();
});

Deno.test("one tenant follows so many pages at a time, and takes no place of another", async () => {
  await using hub = await consoleFixture();
  await using pages = new AsyncDisposableStack();
  const open = async (visit: Visit) => pages.use(await Listening.open(hub, visit, "fleet")).status;
  const eve = await hub.enter("eve", "admin", "other");
  for (let i = 0; i < 8; i++) {
    const user = await hub.enter(`user-${i}`, "viewer");
    for (let j = 0; j < 8; j++) assert.equal(await open(user), 200);
  }
  assert.equal(await open(await hub.enter("one-more", "viewer")), 503);
  assert.equal(await open(eve), 200);
});

Deno.test("a page that brings itself up to date does not count as use", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  await hub.database.run("UPDATE user_sessions SET seen = seen - 120000");
  const seen = async () => {
    await hub.database.transaction(() => Promise.resolve()); // after what nobody waited for
    return (await hub.sessions.list("acme", (await hub.users.list("acme"))[0]!.id))[0]!.seen;
  };
  const before = await seen();
  assert.equal((await ada.open("/agents", { "x-by-itself": "1" })).status, 200);
  await using page = await Listening.open(hub, ada, "fleet");
  assert.equal(page.status, 200);
  assert.equal(await seen(), before);
  await ada.open("/agents");
  assert.notEqual(await seen(), before);
});

Deno.test("nobody hears anything who is not signed in", async () => {
  await using hub = await consoleFixture();
  assert.equal((await hub.visit().open("/live?about=fleet")).status, 303);
});

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { Buffer } from "node:buffer";
import { webhookHeaders } from "../../runtime/hub/webhooks/sign_webhook.ts";
import type { HubDatabase, SqlValue } from "../../runtime/hub/database/hub_database.ts";
import { openHubDatabase } from "../../runtime/hub/database/open_database.ts";
import { Webhooks } from "../../runtime/hub/webhooks/webhooks.ts";
import { postMessage } from "../../runtime/hub/webhooks/post_message.ts";
import { HubError } from "../../runtime/hub/mod.ts";
import { TestHub, until, WHO } from "./hub_fixture.ts";
import { testInBothStores } from "./stores.ts";

interface Told {
  readonly id: string;
  readonly action: string;
  readonly isSigned: boolean;
}

/** The tests' receivers are on this machine. */
const INSIDE = { unsafeWebhooksInside: true };

/** A receiver that checks signatures as libraries for webhooks do, and fails when told to. */
class Receiver implements AsyncDisposable {
  readonly told: Told[] = [];
  readonly asked: string[] = [];
  /** Until when it does not answer. */
  wait: Promise<void> | undefined;
  secret = "";
  status = 204;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(options, async (request) => {
      this.asked.push(new URL(request.url).pathname);
      const body = await request.text();
      if (this.status === 204) this.told.push(this.#read(request.headers, body));
      if (this.wait) await this.wait;
      return new Response(null, { status: this.status, headers: { location: "/elsewhere" } });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/hook`;
  }

  #read(headers: Headers, body: string): Told {
    const id = headers.get("webhook-id")!;
    const content = `${id}.${headers.get("webhook-timestamp")}.${body}`;
    const key = Buffer.from(this.secret.slice("whsec_".length), "base64");
    const expected = createHmac("sha256", key).update(content).digest("base64");
    const isSigned = headers.get("webhook-signature") === `v1,${expected}`;
    return { id, action: JSON.parse(body).action, isSigned };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/**
 * Has the hub tell its one address, which its own round may be doing already.
 *
 * @returns times that it failed
 */
async function toldAndFailed({ services: { webhooks } }: TestHub): Promise<number> {
  await webhooks.tellAll();
  return (await webhooks.list("acme"))[0]!.failures;
}

testInBothStores("Webhooks", {
  "tell what happens from then on, signed, in sequence and once": async (database) => {
    await using receiver = new Receiver();
    await using hub = await TestHub.start({ database, ...INSIDE });
    const { webhooks, audit } = hub.services;
    await audit.record("acme", { who: WHO, action: "before", subject: "x" });
    receiver.secret = (await webhooks.create("acme", WHO, receiver.url)).secret;
    for (const action of ["one", "two"]) {
      await audit.record("acme", { who: WHO, action, subject: "x" });
    }
    await until(hub, () => webhooks.tellAll().then(() => receiver.told.length === 2));
    await webhooks.tellAll();
    assert.deepEqual(receiver.told.map(({ action }) => action), ["one", "two"]);
    assert.ok(receiver.told.every(({ isSigned }) => isSigned));
    assert.equal(new Set(receiver.told.map(({ id }) => id)).size, 2);
  },
  "tell again what was not taken, later and later": async (database) => {
    let later = 0;
    await using receiver = new Receiver();
    await using hub = await TestHub.start({ database, now: () => Date.now() + later, ...INSIDE });
    const { webhooks, audit } = hub.services;
    receiver.secret = (await webhooks.create("acme", WHO, receiver.url)).secret;
    receiver.status = 500;
    await audit.record("acme", { who: WHO, action: "one", subject: "x" });
    await until(hub, async () => await toldAndFailed(hub) === 1);
    receiver.status = 204;
    await webhooks.tellAll();
    assert.deepEqual(receiver.told, [], "it is given a rest");
    later = 60_000;
    await until(hub, async () => await toldAndFailed(hub) === 0);
    assert.deepEqual(receiver.told.map(({ action }) => action), ["one"]);
  },
  "rest that failed at another hub since they were found to be due": async (database) => {
    await using receiver = new Receiver();
    receiver.status = 500;
    const start = Date.now();
    const now = () => start;
    await using hub = await TestHub.start({ database, now, ...INSIDE });
    const { webhooks, audit } = hub.services;
    await webhooks.create("acme", WHO, receiver.url);
    await using store = await openHubDatabase(database);
    const found = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const slow = Object.assign(Object.create(store), {
      run: store.run.bind(store),
      async all(sql: string, values: readonly SqlValue[]) {
        const rows = await store.all(sql, values);
        found.resolve();
        await goOn.promise;
        return rows;
      },
    }) as HubDatabase;
    const other = new Webhooks({ database: slow, audit, now, log() {}, inside: true });
    const telling = other.tellAll();
    await found.promise;
    await audit.record("acme", { who: WHO, action: "one", subject: "x" });
    await until(hub, async () => await toldAndFailed(hub) === 1);
    goOn.resolve();
    await telling;
    assert.deepEqual(receiver.asked, ["/hook"], "once, by the first of them");
  },
  "are tested at once, which has them told what they missed": async (database) => {
    await using receiver = new Receiver();
    await using hub = await TestHub.start({ database, ...INSIDE });
    const { webhooks, audit } = hub.services;
    const { id, secret } = await webhooks.create("acme", WHO, receiver.url);
    receiver.secret = secret;
    receiver.status = 404;
    await audit.record("acme", { who: WHO, action: "one", subject: "x" });
    await until(hub, async () => await toldAndFailed(hub) === 1);
    assert.deepEqual(await webhooks.test("acme", WHO, id), { problem: "status 404" });
    receiver.status = 204;
    assert.deepEqual(await webhooks.test("acme", WHO, id), { problem: null });
    assert.ok(receiver.told[0]!.isSigned);
    await until(hub, () => webhooks.tellAll().then(() => receiver.told.length === 4));
    assert.deepEqual(receiver.told.map(({ action }) => action), [
      ...[undefined, "one", "webhook_tested", "webhook_tested"],
    ]);
    await assert.rejects(webhooks.test("other", WHO, id), { code: "not_found" });
  },
  "follow no redirect": async (database) => {
    await using receiver = new Receiver();
    await using hub = await TestHub.start({ database, ...INSIDE });
    const { webhooks, audit } = hub.services;
    receiver.status = 307;
    await webhooks.create("acme", WHO, receiver.url);
    await audit.record("acme", { who: WHO, action: "one", subject: "x" });
    await until(hub, async () => await toldAndFailed(hub) === 1);
    assert.deepEqual(receiver.asked, ["/hook"], "and not where it pointed");
  },
  "tell nobody what is another tenant's": async (database) => {
    await using receiver = new Receiver();
    await using hub = await TestHub.start({ database, ...INSIDE });
    await hub.addTenant("other");
    const { webhooks, audit } = hub.services;
    await webhooks.create("other", WHO, receiver.url);
    await audit.record("acme", { who: WHO, action: "secret", subject: "x" });
    await webhooks.tellAll();
    assert.deepEqual(receiver.told, []);
  },
  "of one tenant that are slow hold up no other's": async (database) => {
    await using slow = new Receiver();
    await using quick = new Receiver();
    await using hub = await TestHub.start({ database, ...INSIDE });
    await hub.addTenant("other");
    const { webhooks, audit } = hub.services;
    const { promise, resolve } = Promise.withResolvers<void>();
    slow.wait = promise;
    for (let i = 0; i < 20; i++) await webhooks.create("acme", WHO, slow.url);
    await assert.rejects(webhooks.create("acme", WHO, slow.url), { code: "quota" });
    const rounds = [webhooks.tellAll()];
    await until(hub, () => Promise.resolve(slow.asked.length === 4));
    await webhooks.create("other", WHO, quick.url);
    await audit.record("other", { who: WHO, action: "one", subject: "x" });
    await until(hub, () => webhooks.tellAll().then(() => quick.told.length > 0));
    assert.deepEqual(quick.told.map(({ action }) => action), ["one"]);
    assert.equal(slow.asked.length, 4, "no more than four of one tenant at a time");
    resolve();
    await Promise.all(rounds);
  },
  "are refused for addresses that are not https, or lie inside the hub's network": async (
    database,
  ) => {
    await using hub = await TestHub.start({ database });
    const { webhooks } = hub.services;
    const inside = ["127.0.0.1", "127.1", "169.254.169.254", "10.0.0.1", "[::1]", "0.0.0.0"];
    const others = ["", "http://example.com/", "ftp://x", "https://u:p@x/", "file:///etc"];
    for (const url of [...others, ...inside.map((host) => `https://${host}/`)]) {
      await assert.rejects(
        webhooks.create("acme", WHO, url),
        (e) => e instanceof HubError && e.code === "bad_request",
        url,
      );
    }
    const { id, failures } = await webhooks.create("acme", WHO, "https://localhost.:1/x");
    assert.equal(failures, 0);
    assert.deepEqual(await webhooks.test("acme", WHO, id), { problem: "not reached" });
  },
});

Deno.test("postMessage() connects to no address inside, whatever the name says", async () => {
  await using receiver = new Receiver();
  const { port } = new URL(receiver.url);
  const post = (host: string, inside: boolean) =>
    postMessage(`http://${host}:${port}/hook`, {
      ...{ headers: {}, body: '{"action":"x"}', inside, signal: AbortSignal.timeout(10_000) },
    });
  for (const host of ["localhost", "localhost.", "127.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0"]) {
    await assert.rejects(post(host, false), host);
  }
  assert.deepEqual(receiver.asked, []);
  assert.equal(await post("localhost", true), 204);
});

Deno.test("webhookHeaders() signs as the vector of Standard Webhooks does", () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const headers = webhookHeaders(secret, {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    seconds: 1614265330,
    body: '{"test": 2432232314}',
  });
  assert.equal(headers["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

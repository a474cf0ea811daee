/** Hubs that were taken over, and that want the memory and the descriptors of their agents. */
import assert from "node:assert/strict";
import { sealDocument } from "../../runtime/core/dsse.ts";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { VerificationError } from "../../runtime/core/errors.ts";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import { verifyRequest } from "../../runtime/peer/mod.ts";
import { acceptSocket, type PeerSocket, SocketPlaces } from "../../runtime/peer/socket/mod.ts";
import { within } from "../within.ts";
import { TestHub, WHO } from "./hub_fixture.ts";
import { signedList, signedMachine, works } from "./signed_lists.ts";

/** Long enough to be counted where it piles up. */
const JUNK = new Uint8Array(100_000).fill("A".charCodeAt(0));

Deno.test("an agent asks for no more roots when nobody signed the one that it was given", async (t) => {
  await using hub = await TestHub.start();
  const { lists } = hub.services;
  await lists.put("acme", WHO, signedList(hub, 1, null));
  await using machine = await signedMachine(hub);
  const refused = Promise.withResolvers<void>();
  machine.log = (_, what) => what === "document of the hub refused" && refused.resolve();
  await machine.start();
  await works(hub, machine, 1);
  let asked = 0;
  const given = await lists.roots("acme");
  lists.roots = (_, after = 0) => {
    asked++;
    const junk = [given[0]!, given[0]!].map((root) => ({ ...root, envelope: JUNK }));
    return Promise.resolve(after === 0 ? [given[0]!, junk[0]!] : junk);
  };
  await t.step("when it enrols", async () => {
    await using another = await hub.machine();
    await assert.rejects(another.enrol(), (e) => e instanceof VerificationError);
    assert.equal(asked, 1);
  });
  await t.step("when it runs", async () => {
    asked = 0;
    const second = { ...hub.root("acme"), version: 2 };
    await lists.putRoot("acme", WHO, sealDocument("root", second, [hub.rootKey]));
    await within(refused.promise, "the refusal");
    assert.equal(asked, 1);
  });
});

/** As `ASIDE_AT_ONCE` has it. */
const AT_ONCE = 32;
const ORDERS = 100;

/** A hub that has an agent fetch orders, and answers when it likes. */
class FetchedHub implements AsyncDisposable {
  readonly #signer = generateSigner();
  readonly id: KeyId = keyId(this.#signer.publicKey);
  readonly #places = new SocketPlaces({ total: 10, perPeer: 10 });
  readonly #held: (() => void)[] = [];
  readonly #waiting: { count: number; resolve(): void }[] = [];
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => this.#answer(request),
  );

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Fetches that wait for an answer. */
  get held(): number {
    return this.#held.length;
  }

  /** Until so many wait. */
  async holds(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ count, resolve });
    this.#look();
    await within(promise, `${count} fetches`);
  }

  /** Answers those that wait. */
  answer(): void {
    for (const answer of this.#held.splice(0)) answer();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.answer();
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const now = Date.now();
    if (new URL(request.url).pathname.endsWith("/link")) {
      const { key } = verifyRequest(request, { recipient: this.id, now, isKnown: () => true });
      const settings = { signer: this.#signer, places: this.#places, now };
      const { response, socket } = acceptSocket(request, key, settings);
      socket.then((one) => this.#give(one), () => {});
      return response;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held.push(resolve);
    this.#look();
    await promise;
    return Response.json({ error: { code: "not_found" } }, { status: 404 });
  }

  async #give(socket: PeerSocket): Promise<void> {
    const standing = { type: "standing", standing: "approved", root: 1, list: null };
    await socket.send(JSON.stringify({ ...standing, spreadMs: 1_000 }));
    for (let i = 0; i < ORDERS; i++) {
      await socket.send(JSON.stringify({ type: "order", order: crypto.randomUUID() }));
    }
  }

  #look(): void {
    for (const { count, resolve } of this.#waiting) if (this.#held.length >= count) resolve();
  }
}

Deno.test("an agent fetches no more orders of its hub at a time than an honest one sends", async () => {
  await using hub = await TestHub.start();
  await using machine = await hub.machine();
  await machine.enrol();
  await using fetched = new FetchedHub();
  const { rules } = machine;
  machine.rules = async (context) => {
    const { url, id } = fetched;
    return { ...await rules(context), hub: { ...machine.hubEntry, url, id } };
  };
  await machine.start();
  for (let left = ORDERS; left > 0; left -= AT_ONCE) {
    const wanted = Math.min(left, AT_ONCE);
    await fetched.holds(wanted);
    // The agent is well meanwhile; and were there more, they would have come by now.
    for (let i = 0; i < 3; i++) {
      const answer = await fetch(`${machine.agent!.url}/healthz`);
      await answer.body?.cancel();
      assert.equal(answer.status, 200);
    }
    assert.equal(fetched.held, wanted);
    fetched.answer();
  }
});

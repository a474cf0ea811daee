import assert from "node:assert/strict";
import { HubClient } from "../../runtime/agent/hub_link/hub_client.ts";
import { withHubSource } from "../../runtime/agent/hub_link/hub_source.ts";
import { Silence } from "../../runtime/agent/hub_link/silence.ts";
import { PeerError } from "../../runtime/peer/mod.ts";
import { TestFleet } from "../agent/fixture.ts";
import { within } from "../within.ts";
import { TestHub } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";

/** Takes connections and says nothing, as a machine that hangs. */
class SilentMachine implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections: Deno.Conn[] = [];

  constructor() {
    (async () => {
      for await (const connection of this.#listener) this.#connections.push(connection);
    })();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
  }
}

Deno.test("HubClient goes to another hub when the first is silent", async (t) => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub);
  using silent = new SilentMachine();
  const { url, id } = hub.hub;
  const clientOf = (others: string[]) => {
    const at = { url: silent.url, others, id, tenant: "acme" };
    return new HubClient({ hub: at, signer: agent.signer, now: Date.now, answerMs: 1_000 });
  };
  await t.step("with a question", async () => {
    using client = clientOf([url]);
    assert.ok(await client.get("roots?after=0", 1 << 20));
  });
  await t.step("with its connection", async () => {
    using client = clientOf([url]);
    const socket = await client.connect(AbortSignal.timeout(20_000));
    assert.equal(socket.peer, id);
    socket.close();
  });
  await t.step("and says that it is silent when there is no other", async () => {
    using client = clientOf([]);
    const named = (e: unknown) => e instanceof PeerError && e.code === "silent";
    await assert.rejects(client.connect(AbortSignal.timeout(20_000)), named);
  });
  await t.step("and is waited for no longer than who wants a script of it does", async () => {
    const at = {
      url: silent.url,
      others: [],
      id,
      tenant: "acme",
      rendezvous: false,
      relay: false,
      facts: [],
    };
    const rules = { policy: new TestFleet().policy(), sources: [], hub: at };
    const [source] = withHubSource(() => rules, { signer: agent.signer, now: Date.now })().sources;
    const nobody = new AbortController();
    const read = source!.read("modules/x", 100, nobody.signal);
    nobody.abort(new RangeError("nobody waits"));
    await assert.rejects(within(read, "the end of the reading"), RangeError);
  });
});

Deno.test("Silence ends a body of which nothing more comes, and no other", async () => {
  const parts = (more: Promise<unknown>) =>
    ReadableStream.from((async function* () {
      yield new Uint8Array([1]);
      await more;
      yield new Uint8Array([2]);
    })());
  const read = async (more: Promise<unknown>) => {
    const silence = new Silence(200, undefined);
    return await silence.watched(new Response(parts(more))).bytes();
  };
  assert.deepEqual([...await read(Promise.resolve())], [1, 2]);
  const silence = new Silence(50, undefined);
  const never = new Promise((_, reject) => {
    silence.signal.addEventListener("abort", () => reject(silence.signal.reason));
  });
  await assert.rejects(silence.watched(new Response(parts(never))).bytes(), {
    name: "TimeoutError",
  });
});

import assert from "node:assert/strict";
import { sandboxRunner } from "../../../runtime/agent/cells/sandbox_runner.ts";
import { statePaths } from "../../../runtime/agent/state/state_dir.ts";
import type { KeyId } from "../../../runtime/core/documents/common.ts";
import type { PeerEntry } from "../../../runtime/policy/mod.ts";
import { ownTls } from "../../../runtime/agent/tls/tls_identity.ts";
import { TestAgent } from "../agent_fixture.ts";
import { begin, emitted, fleetWith, resultOf, type Seen } from "../channels/office.ts";
import { TemporaryDir } from "../../temporary_dir.ts";

/**
 * Agents that listen by TLS. Each policy has the address and certificate of the first one alone; of
 * the rest it has no more than the ids.
 */
class Strangers implements AsyncDisposable {
  readonly agents: TestAgent[] = [];
  readonly #members: KeyId[] = [];
  readonly #stack = new AsyncDisposableStack();

  async join(): Promise<TestAgent> {
    const first = this.agents[0]?.agent;
    const peers: PeerEntry[] = first
      ? [{ name: "first", id: first.id, url: first.url, ca: first.ca!, labels: [] }]
      : [];
    const fleet = fleetWith({ channel: {} });
    const labels = () => new Map(this.#members.map((id) => [id, ["office"]]));
    const test = await TestAgent.start({
      runner: sandboxRunner(),
      rules: () =>
        Promise.resolve({
          policy: fleet.policy({ labels: labels() }),
          sources: [fleet.source()],
          peers,
        }),
      listen: { hostname: "0.0.0.0", port: 0 },
      hosts: ["localhost"],
      now: Date.now,
    }, fleet);
    this.#stack.use(test);
    const pem = Deno.readTextFileSync(`${statePaths(test.stateDir).tls}/ca.pem`);
    test.client = Deno.createHttpClient({ caCerts: [pem] });
    this.agents.push(test);
    this.#members.push(test.agent.id);
    for (const { agent } of this.agents) await agent.reload();
    return test;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

Deno.test("agents talk by TLS to one whose certificate its signed advert alone pins", async (t) => {
  await using strangers = new Strangers();
  await strangers.join();
  const [a, b] = [await strangers.join(), await strangers.join()];

  await t.step("by channels", async () => {
    const listening = await begin(a, {});
    await begin(b, { say: ["by TLS", "stop"], until: "left" });
    const { seen } = await resultOf<{ seen: Seen[] }>(a, listening);
    const from = seen.find(({ data }) => data === "by TLS");
    assert.equal(from?.peer, b.agent.id);
  });

  await t.step("and not to somebody else at its address", async () => {
    const port = Number(new URL(b.agent.url).port);
    await b.agent.stop();
    using folder = new TemporaryDir();
    const other = await impostor(folder.path, port);
    const listening = await begin(a, { until: "stop" });
    await emitted(a, listening, "open");
    await other.knocked;
    await a.ask(`/v1/runs/${listening}/cancel`, { method: "POST" });
    await other.stop();
    assert.equal(other.requests, 0, "nobody spoke to it");
  });
});

/** Listens with a certificate of its own, and tells of those who would not speak to it. */
async function impostor(folder: string, port: number) {
  const { cert, key } = await ownTls(folder, ["localhost"], Date.now());
  const listener = Deno.listenTls({ hostname: "0.0.0.0", port, cert, key });
  const knocked = Promise.withResolvers<void>();
  const other = {
    knocked: knocked.promise,
    requests: 0,
    async stop() {
      listener.close();
      await serving;
    },
  };
  const serving = (async () => {
    for await (const connection of listener) {
      using _ = connection;
      try {
        await connection.handshake();
        const bytes = new Uint8Array(4_096);
        const read = await connection.read(bytes);
        const asked = new TextDecoder().decode(bytes.subarray(0, read ?? 0));
        // An agent may ask whose certificate vouches for it, and compares that with the advert.
        if (read !== null && !asked.startsWith("GET /v1/ca ")) other.requests++;
      } catch {
        // It said that it does not like the certificate; it may as well just go.
      }
      knocked.resolve();
    }
  })();
  return other;
}

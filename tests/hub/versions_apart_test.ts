/** An agent and a hub of which one is a version ahead: what the other does not know is left out. */
import assert from "node:assert/strict";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { WRIT_VERSION } from "../../runtime/core/version.ts";
import { acceptSocket, type PeerSocket, SocketPlaces } from "../../runtime/peer/socket/mod.ts";
import { verifyRequest } from "../../runtime/peer/mod.ts";
import type { LoadRules } from "../../runtime/agent/trust/load_rules.ts";
import { within } from "../within.ts";
import { TestHub, type TestMachine, until } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";

/** A hub that says what a test has it say. */
class OtherHub implements AsyncDisposable {
  readonly signer = generateSigner();
  readonly id = keyId(this.signer.publicKey);
  readonly #places = new SocketPlaces({ total: 4, perPeer: 4 });
  readonly #linked = Promise.withResolvers<PeerSocket>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(options, (request) => this.#accept(request));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** The connection of the agent. */
  get link(): Promise<PeerSocket> {
    return within(this.#linked.promise, "the agent");
  }

  #accept(request: Request): Response {
    const now = Date.now();
    const { key } = verifyRequest(request, { recipient: this.id, now, isKnown: () => true });
    const bounds = { messageBytes: 256 << 10, queueBytes: 512 << 10, handshakeMs: 20_000 };
    const accepted = acceptSocket(request, key, {
      ...{ signer: this.signer, places: this.#places, now },
      ...bounds,
    });
    accepted.socket.then(this.#linked.resolve, () => {});
    return accepted.response;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    (await this.#linked.promise).close();
    await this.#server.shutdown();
  }
}

/** The rules of a machine whose hub is another one. */
function rulesAt(machine: TestMachine, { url, id }: OtherHub): LoadRules {
  const { rules } = machine;
  return async (context) => {
    const known = await rules(context);
    return { ...known, hub: { ...known.hub!, url, id } };
  };
}

const STANDING = { type: "standing", standing: "approved", root: 1, list: null, spreadMs: 1_000 };
const REFUSED = { type: "artefact_refused", run: 1, name: "report.txt", code: "quota" };

/** What the agent logs of a hub that says this, up to the end of the last. */
async function heardBy(hub: TestHub, messages: readonly object[]) {
  await using other = new OtherHub();
  await using machine = await hub.machine();
  await machine.enrol();
  machine.rules = rulesAt(machine, other);
  const log: Record<string, unknown>[] = [];
  const heard = Promise.withResolvers<void>();
  machine.log = (_, what, fields) => {
    log.push({ what, ...fields });
    if (what === "artefact refused by the hub") heard.resolve();
  };
  await machine.start();
  const link = await other.link;
  for (const message of messages) await link.send(JSON.stringify(message));
  await link.send(JSON.stringify({ ...REFUSED, order: crypto.randomUUID() }));
  await within(Promise.race([heard.promise, link.closed]), "what it was told last");
  return log;
}

Deno.test("an agent goes on with a hub that is a version ahead, or behind", async (t) => {
  await using hub = await TestHub.start();
  const ignored = "hub says what this version does not know";
  await t.step("that tells more than it knows, and says so once", async () => {
    const news = { type: "weather", days: [{ at: 1 }] };
    const standing = { ...STANDING, version: "0.2.0", quarantine: { until: 1 } };
    const log = await heardBy(hub, [standing, news, news]);
    const told = log.filter(({ what }) => what === ignored);
    assert.deepEqual(told, [{ what: ignored, hub: "0.2.0", agent: WRIT_VERSION }]);
    const [connected] = log.filter(({ what }) => what === "hub connected");
    assert.equal(connected!.version, "0.2.0");
    assert.ok(log.some(({ what }) => what === "artefact refused by the hub"));
  });
  await t.step("that does not tell its version", async () => {
    const log = await heardBy(hub, [STANDING]);
    assert.ok(log.some(({ what }) => what === "artefact refused by the hub"));
    assert.ok(!log.some(({ what }) => what === ignored));
  });
  await t.step("but not with one that says what it knows in another way", async () => {
    for (const wrong of [{ ...STANDING, root: "1" }, { type: "x y" }, { standing: "approved" }]) {
      const log = await heardBy(hub, [wrong]);
      assert.ok(!log.some(({ what }) => what === "artefact refused by the hub"));
    }
  });
});

Deno.test("an agent says once of an order in its log that the hub keeps no more of it", async () => {
  await using hub = await TestHub.start();
  const order = crypto.randomUUID();
  const stored = { type: "stored", order, run: 1, seq: 1 };
  const log = await heardBy(hub, [
    stored,
    { ...stored, leftOut: 2 },
    { ...stored, leftOut: 5 },
  ]);
  const told = log.filter(({ what }) => what === "hub keeps no more events of an order");
  assert.deepEqual(told.map(({ order, leftOut }) => [order, leftOut]), [[order, 2]]);
});

Deno.test("a hub goes on with an agent that is a version ahead", async () => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub);
  using link = await agent.connect();
  assert.equal((await link.hear("standing")).version, WRIT_VERSION);
  await link.say({ type: "battery", percent: [5] });
  await link.hello();
  const fact = { name: "toner", value: 5, unit: "percent" };
  await link.say({ type: "facts", facts: [fact], since: { at: 1 } });
  const known = await until(hub, async () => {
    const { facts } = await hub.services.agents.get("acme", agent.id);
    return facts.length === 1 && facts;
  });
  assert.ok(!("unit" in known[0]!), "what it does not know it does not keep");
});

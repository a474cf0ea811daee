import assert from "node:assert/strict";
import { TrustedClock } from "../../runtime/agent/clock.ts";
import { PeerDocuments } from "../../runtime/agent/peers/peer_documents.ts";
import { TrustStore } from "../../runtime/agent/trust/trust_store.ts";
import { updateTrust } from "../../runtime/agent/trust/update_trust.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { ENVELOPE_BYTES, openEnvelope } from "../../runtime/core/dsse.ts";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import type { Outcome } from "../../runtime/core/outcome.ts";
import { modulePath } from "../../runtime/core/source_layout.ts";
import { signResponse } from "../../runtime/peer/mod.ts";
import { contentDigest } from "../../runtime/peer/content_digest.ts";
import type { PeerEntry } from "../../runtime/policy/mod.ts";
import { TestDatabase } from "../capabilities/fixture.ts";
import { TestAgent } from "./agent_fixture.ts";
import { instant, NOON, TestFleet } from "./fixture.ts";
import { SignedFolder } from "./signed_folder.ts";
import { until } from "../until.ts";

const caller = generateSigner();

/** Another agent, which has whatever the test says under a path, verified or not. */
class Neighbour implements AsyncDisposable {
  /** Questions for a list. */
  asked = 0;
  readonly #signer = generateSigner();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** @param has Answers a path without the slash at its beginning. */
  constructor(has: (path: string) => Uint8Array | undefined) {
    const served = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(served, (request) => {
      const path = new URL(request.url).pathname.slice(1);
      if (path.startsWith("v1/acceptlists/")) this.asked++;
      const found = has(path);
      const status = found ? 200 : 404;
      const bytes = found ?? new TextEncoder().encode("not here");
      const headers = new Headers({ "content-digest": contentDigest(digestOf(bytes)) });
      signResponse({ status, headers }, request, { signer: this.#signer, now: Date.now() });
      return new Response(new Uint8Array(bytes), { status, headers });
    });
  }

  get address() {
    const { addr: { port } } = this.#server;
    const agent = keyId(this.#signer.publicKey);
    return { signer: caller, agent, url: `http://127.0.0.1:${port}` };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }
}

/** One that answers every question for a list with this. */
function withList(list: Uint8Array): Neighbour {
  return new Neighbour((path) => path.startsWith("v1/acceptlists/") ? list : undefined);
}

/** Looks at each of these neighbours, from an agent that trusts version 2; answers what came of it. */
async function lookAt(
  folder: SignedFolder,
  neighbours: readonly Neighbour[],
): Promise<{ reloads: number; trusted: number | undefined; said: string[] }> {
  using database = new TestDatabase();
  const trust = new TrustStore(database.store, new TrustedClock(() => NOON));
  const signedFolder = `${folder.path}/signed`;
  await updateTrust(signedFolder, "test", trust);
  let reloads = 0;
  const said: string[] = [];
  for (const { address } of neighbours) {
    await using documents = new PeerDocuments({
      rules: () => ({ policy: folder.fleet.policy(), sources: [], signedFolder }),
      trust,
      reload: async () => {
        reloads++;
        await updateTrust(signedFolder, "test", trust);
      },
      neighbours: () => [address],
      log: (_level, message, fields) => said.push(`${message} ${JSON.stringify(fields)}`),
    });
    await documents.look();
  }
  return { reloads, trusted: trust.acceptList()?.version, said };
}

Deno.test("PeerDocuments take nothing but a newer list that somebody entitled signed", async (t) => {
  using folder = new SignedFolder();
  const first = Deno.readFileSync(`${folder.path}/signed/acceptlist.1.json`);
  const twin = folder.list(2, { accept: [] });
  const prev = digestOf(openEnvelope("acceptlist", folder.list(2)).payload);
  const stranger = folder.list(3, { prev }, [generateSigner()]);
  const third = folder.list(3, { prev });
  folder.remove("acceptlist.3");
  const refused: [string, Uint8Array][] = [
    ["an old one, of every neighbour", first],
    ["one that a stranger signed", stranger],
    ["another under the same version", twin],
    ["nothing that is a list", new TextEncoder().encode("{}")],
    ["one longer than any is", new Uint8Array(ENVELOPE_BYTES.acceptlist + 1)],
  ];
  for (const [what, list] of refused) {
    await t.step(what, async () => {
      await using stack = new AsyncDisposableStack();
      const neighbours = [1, 2, 3].map(() => stack.use(withList(list)));
      const { reloads, trusted, said } = await lookAt(folder, neighbours);
      assert.deepEqual([reloads, trusted], [0, 2]);
      assert.deepEqual(neighbours.map(({ asked }) => asked), [1, 1, 1]);
      assert.equal(said.length, 3, said.join("\n"));
    });
  }
  await t.step("but the newer one, of the only neighbour who has it", async () => {
    await using old = withList(first);
    await using fresh = withList(third);
    const { reloads, trusted, said } = await lookAt(folder, [old, fresh, old]);
    assert.deepEqual([reloads, trusted], [1, 3], said.join("\n"));
  });
});

Deno.test("an agent follows roots and lists that another agent was given", async () => {
  const now = Date.now();
  using given = new SignedFolder(now);
  using told = given.copy();
  const peers: { a: PeerEntry[]; b: PeerEntry[] } = { a: [], b: [] };
  const rulesOf = (folder: SignedFolder, listed: () => PeerEntry[]) => {
    return async (context: Parameters<typeof folder.rules>[0]) => ({
      ...await folder.rules(context),
      peers: listed(),
    });
  };
  const options = { now: Date.now };
  const a = { rules: rulesOf(given, () => peers.a), ...options };
  await using first = await TestAgent.start(a, given.fleet);
  const { id, url } = first.agent;
  peers.b.push({ name: "a", id, url, labels: [] });
  const b = { rules: rulesOf(told, () => peers.b), ...options };
  await using second = await TestAgent.start(b, given.fleet);
  peers.a.push({ name: "b", id: second.agent.id, url: second.agent.url, labels: [] });
  given.root(2);
  given.list(2, { accept: [] });
  await first.agent.reload();
  await until(async () => {
    const answer = await second.ask("/v1/acceptlists/2");
    await answer.body?.cancel();
    return answer.ok;
  });
  const root = await fetch(`${second.agent.url}/v1/roots/2`);
  await root.body?.cancel();
  assert.equal(root.status, 200);
});

Deno.test("an agent without sources runs what a neighbour has, and nothing that one made up", async (t) => {
  const fleet = new TestFleet();
  const { digest, module } = fleet.publish("1.0.0");
  const made = new Map(fleet.files).set(modulePath(digest), module.map((byte) => byte ^ 1));
  const cases: [string, Map<string, Uint8Array>[], Outcome["outcome"]][] = [
    ["what the only one has", [fleet.files], "ok"],
    ["what one made up, and another has", [made, fleet.files], "ok"],
    ["what the only one made up", [made], "refused"],
  ];
  const now = Date.now();
  const times = { issued: instant(now), expires: instant(now + 60_000) };
  for (const [what, folders, outcome] of cases) {
    await t.step(what, async () => {
      await using stack = new AsyncDisposableStack();
      const peers = folders.map((files, i) => {
        const { agent, url } = stack.use(new Neighbour((path) => files.get(path))).address;
        return { name: `peer-${i}`, id: agent, url, labels: [] };
      });
      const rules = () => Promise.resolve({ policy: fleet.policy(), sources: [], peers });
      await using test = await TestAgent.start({ rules, now: Date.now }, fleet);
      const { run } = await test.order(times);
      assert.equal((await test.ended(run)).outcome?.outcome, outcome);
    });
  }
});

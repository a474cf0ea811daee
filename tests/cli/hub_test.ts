import assert from "node:assert/strict";
import { standOf } from "../../runtime/cli/hub_orders/hub_order_words.ts";
import { HubApi } from "../../runtime/cli/reach/hub_api.ts";
import { sealDocument } from "../../runtime/core/dsse.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import type { HubOrder } from "../../runtime/hub/mod.ts";
import { TestHub, WHO } from "../hub/hub_fixture.ts";
import { RawAgent } from "../hub/raw_agent.ts";
import { signedList } from "../hub/signed_lists.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { until } from "../until.ts";
import { writ } from "./test_io.ts";

/** A hub, and commands that have a token of it. */
async function stage() {
  const hub = await TestHub.start();
  const token = await hub.token();
  const at = ["--hub", hub.hub.url, "--hub-token", "-"];
  const asked = async (...args: string[]) => {
    const ran = await writ(["hub", ...args, ...at], { stdin: `${token}\n` });
    assert.equal(ran.exit, 0, ran.stderr);
    return ran;
  };
  const refused = async (...args: string[]) => {
    const ran = await writ(["hub", ...args, ...at], { stdin: `${token}\n` });
    assert.notEqual(ran.exit, 0, ran.stdout);
    return ran.stderr;
  };
  return { hub, asked, refused };
}

Deno.test("HubApi.list() asks page by page, until it has what is wanted", async (t) => {
  const all = Array.from({ length: 1_200 }, (_, i) => i);
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    const { searchParams } = new URL(url);
    const after = Number(searchParams.get("after") ?? 0);
    const end = after + Number(searchParams.get("limit"));
    const next = end < all.length ? String(end) : null;
    return Response.json({ items: all.slice(after, end), next });
  });
  const api = new HubApi(`http://127.0.0.1:${server.addr.port}`, "token");
  for (
    const [most, count, isWhole] of [
      [undefined, 1_200, true],
      [1_200, 1_200, true],
      [700, 700, false],
      [1, 1, false],
    ] as const
  ) {
    await t.step(String(most), async () => {
      const found = await api.list("/list", {}, most);
      assert.deepEqual(found, { items: all.slice(0, count), isWhole });
    });
  }
});

Deno.test("writ hub enrol-tokens shows what became of each, and revokes one", async () => {
  const { hub, asked } = await stage();
  await using _hub = hub;
  using agent = await RawAgent.enrolled(hub);
  const { id } = await hub.services.enrolment.create("acme", WHO, { expiresMs: 60_000 });
  const { stdout } = await asked("enrol-tokens", "--revoke", id);
  assert.match(stdout, new RegExp(`${id} +revoked`));
  assert.ok(stdout.includes(`used by ${agent.id}`));
});

Deno.test("writ hub agents ID lets no fact of an agent move the cursor", async () => {
  const { hub, asked } = await stage();
  await using _hub = hub;
  using agent = await RawAgent.enrolled(hub);
  using link = await agent.connect();
  await link.hello();
  await link.say({ type: "facts", facts: [{ name: "os", value: "evil \u009b2J \u202e" }] });
  await link.hear("standing");
  const shown = async () => (await asked("agents", agent.id)).stdout;
  await until(async () => (await shown()).includes("evil"));
  assert.match(await shown(), /evil \\x9b2J \\u202e/);
  await link.say({ type: "trap", script: "acme/echo", name: "paper_jam", at: 0, data: "\u009bA" });
  const events = async () => (await asked("agents", agent.id, "--events")).stdout;
  await until(async () => (await events()).includes("paper_jam"));
  assert.match(await events(), /1970-01-01T00:00:00Z +trap +acme\/echo +paper_jam "\\x9bA"/);
});

Deno.test("writ hub takes agents by name or the beginning of an id, and orders by theirs", async (t) => {
  const { hub, asked, refused } = await stage();
  await using _hub = hub;
  hub.fleet.publish("1.0.0");
  using one = await RawAgent.enrolled(hub, "front-desk");
  using two = await RawAgent.enrolled(hub, "back-office");
  using _third = await RawAgent.enrolled(hub, "back-office");

  await t.step("by name", async () => {
    await asked("label", "front-desk", "printers");
    assert.deepEqual((await hub.services.agents.get("acme", one.id)).labels, ["printers"]);
  });
  await t.step("by the beginning of an id", async () => {
    await asked("label", two.id.slice(0, 20), "scanners");
    assert.deepEqual((await hub.services.agents.get("acme", two.id)).labels, ["scanners"]);
  });
  await t.step(
    "by the name of whose place is to be taken, though who takes it has the same",
    async () => {
      using waits = await RawAgent.enrolled(hub, "front-desk", false);
      await asked("enrol-token", "--approved", "--replaces", "front-desk");
      const { items: [made] } = await hub.services.enrolment.list("acme", { limit: 1 });
      assert.equal(made!.replaces, one.id);
      const { stderr } = await asked("agents", "--standing", "pending");
      assert.match(stderr, / looks like front-desk, away since .* --replaces front-desk$/m);
      await hub.services.agents.rename("acme", WHO, one.id, "$(reboot)");
      const named = (await asked("agents", "--standing", "pending")).stderr;
      assert.match(named, new RegExp(`--replaces ${one.id}$`, "m"), "nothing that a shell reads");
      await hub.services.agents.rename("acme", WHO, one.id, "front-desk");
      await hub.services.agents.revoke("acme", WHO, waits.id, "not wanted");
    },
  );
  await t.step("not where several have the name, or nobody", async () => {
    assert.match(await refused("label", "back-office", "x"), /Cannot tell which one "back-office"/);
    assert.match(await refused("approve", "nobody"), /Cannot find an agent "nobody"/);
  });
  await t.step("in an order, which is found by how it begins", async () => {
    await asked("order", hub.fleet.script, "--to", "front-desk", "--input", "null");
    const { items: [order] } = await hub.services.orders.list("acme");
    assert.deepEqual(order!.selection, { agents: [one.id] });
    const { stdout } = await asked("orders", order!.id.slice(0, 6));
    assert.match(stdout, /: 1 queued\n.*\nfront-desk /s);
    assert.match(await refused("orders", "zz"), /Cannot find an order "zz"/);
  });
});

Deno.test("standOf() tells how runs ended rather than that they did", () => {
  const none = { queued: 0, sent: 0, taken: 0, running: 0, refused: 0, expired: 0, cancelled: 0 };
  const order = (counts: object, outcomes: Record<string, number>) =>
    standOf({ counts: { ...none, ended: 0, ...counts }, outcomes } as HubOrder);
  assert.equal(order({ ended: 3 }, { ok: 1, script_error: 2 }), "1 ok, 2 script_error");
  assert.equal(order({ ended: 2, queued: 1 }, { ok: 1 }), "1 ok, 1 queued, 1 ended");
  assert.equal(order({}, {}), "no agent");
});

Deno.test("writ hub carry tells a document by what it is, and what is missing of it", async () => {
  const { hub, asked, refused } = await stage();
  await using _hub = hub;
  using dir = new TemporaryDir();
  const root = { ...hub.root("acme"), version: 2 };
  const unsigned = dir.file("new-root.json", JSON.stringify(root));
  assert.match(await refused("carry", unsigned), /is no signed root.*\n.*writ sign/);
  // Signed by a key that the root before does not know.
  const forged = dir.file("any-name", sealDocument("root", root, [generateSigner()]));
  assert.match(await refused("carry", forged), /The hub refused: Cannot trust/);
  const next = dir.file("root.2.json", sealDocument("root", root, [hub.rootKey]));
  const list = dir.file("list.json", signedList(hub, 1, null));
  // Nothing of what came before is taken when what came behind it is refused.
  assert.match(await refused("carry", next, list, forged), /The hub refused: Cannot trust/);
  assert.equal(await hub.services.lists.newest("acme"), undefined);
  await asked("carry", next, list);
  assert.equal((await hub.services.lists.root("acme")).root.version, 2);
  assert.equal((await hub.services.lists.newest("acme"))?.version, 1);
});

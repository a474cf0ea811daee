import assert from "node:assert/strict";
import { openEnvelope, sealDocument, sealPayload } from "../../runtime/core/dsse.ts";
import { VerificationError } from "../../runtime/core/errors.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { HUB_LIMITS, HubError } from "../../runtime/hub/mod.ts";
import { ListComparer } from "../../runtime/hub/lists/list_comparer.ts";
import type { SignedDocument } from "../../runtime/hub/lists/signed_documents.ts";
import { within } from "../within.ts";
import { TestHub, until, WHO } from "./hub_fixture.ts";
import { signedList, signedMachine, works } from "./signed_lists.ts";
import { testInBothStores } from "./stores.ts";

testInBothStores("an accept-list", {
  "reaches every agent, which then works by it": async (database) => {
    await using hub = await TestHub.start({ database });
    hub.fleet.publish("1.0.0");
    await using machine = await signedMachine(hub);
    await machine.start();
    const first = signedList(hub, 1, null);
    await hub.services.lists.put("acme", WHO, first);
    await works(hub, machine, 1);
    await hub.services.lists.put("acme", WHO, signedList(hub, 2, first));
    await works(hub, machine, 2);
    const { id } = await hub.services.orders.create("acme", WHO, {
      ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 60_000 },
    });
    await until(hub, async () => (await hub.services.orders.get("acme", id)).outcomes.ok === 1);
  },
  "that is older than one seen is refused by agents, and that is reported": async (database) => {
    await using hub = await TestHub.start({ database });
    await using machine = await signedMachine(hub);
    const first = signedList(hub, 1, null);
    await hub.services.lists.put("acme", WHO, first);
    await hub.services.lists.put("acme", WHO, signedList(hub, 2, first));
    await machine.start();
    await works(hub, machine, 2);
    await machine.agent!.stop();
    // A hub that was taken over, or came back from an old backup, serves the first list again.
    await hub.services.database.run("DELETE FROM documents WHERE version = 2");
    await hub.hub.stop();
    await hub.start();
    await machine.start();
    const { warning, list } = await until(hub, async () => {
      const agent = await hub.services.agents.get("acme", machine.id);
      return agent.warning !== null && agent;
    });
    assert.equal(warning, "refused the hub's acceptlist: version_rollback");
    assert.equal(list, 2);
    const { items } = await hub.services.audit.list("acme", { action: "document_refused" });
    assert.deepEqual(items.map(({ detail }) => detail), [
      { kind: "acceptlist", code: "version_rollback" },
    ]);
  },
  "is not left without signatures by a root, unless that is said": async (database) => {
    await using hub = await TestHub.start({ database });
    const { lists } = hub.services;
    const before = signedList(hub, 1, null);
    await lists.put("acme", WHO, before);
    const root = hub.root("acme");
    const other = { keys: [hub.rootKey.publicKey], threshold: 1 };
    const seal = (version: number, roles = root.roles, epoch = 1) =>
      sealDocument("root", { ...root, version, epoch, roles }, [hub.rootKey]);
    for (
      const [what, next] of [
        ["another key", seal(2, { ...root.roles, accept: other })],
        ["another epoch", seal(2, root.roles, 2)],
      ] as const
    ) {
      await assert.rejects(
        lists.putRoot("acme", WHO, next),
        (e) => e instanceof HubError && e.code === "conflict",
        what,
      );
    }
    await lists.putRoot("acme", WHO, seal(2));
    await lists.putRoot("acme", WHO, seal(3, { ...root.roles, accept: other }), true);
    assert.equal((await lists.root("acme")).root.version, 3);
  },
  "is taken together with the root that ends the one before, or neither is": async (database) => {
    await using hub = await TestHub.start({ database });
    const { lists } = hub.services;
    const first = signedList(hub, 1, null);
    await lists.put("acme", WHO, first);
    const { roles, ...root } = hub.root("acme");
    const acceptKey = generateSigner();
    const accept = { keys: [acceptKey.publicKey], threshold: 1 };
    const next = { ...root, version: 2, roles: { ...roles, accept } };
    const envelope = sealDocument("root", next, [hub.rootKey]);
    const { payload } = openEnvelope("acceptlist", signedList(hub, 2, first));
    const together = (list: Uint8Array): SignedDocument[] => [
      { kind: "root", envelope },
      { kind: "acceptlist", envelope: list },
    ];
    await assert.rejects(
      lists.putTogether("acme", WHO, together(sealPayload("acceptlist", payload, [hub.acceptKey]))),
      (e) => e instanceof VerificationError && e.code === "threshold",
    );
    assert.equal((await lists.root("acme")).root.version, 1);
    await lists.putTogether(
      "acme",
      WHO,
      together(sealPayload("acceptlist", payload, [acceptKey])),
    );
    assert.equal((await lists.root("acme")).root.version, 2);
    assert.equal((await lists.newest("acme"))?.version, 2);
  },
  "is refused where another of its version is taken at the same time": async (database) => {
    await using hub = await TestHub.start({ database });
    const { lists, audit } = hub.services;
    const first = signedList(hub, 1, null);
    await lists.put("acme", WHO, first);
    const ended = await Promise.allSettled(
      [1, 2, 3].map((n) => {
        const accept = [{ script: `acme/s${n}`, range: "*" }];
        return lists.put("acme", WHO, signedList(hub, 2, first, { accept }));
      }),
    );
    const taken = ended.flatMap((end) => end.status === "fulfilled" ? [end.value.digest] : []);
    assert.deepEqual(taken, [(await lists.newest("acme"))!.digest]);
    assert.equal((await audit.list("acme", { action: "list_taken" })).items.length, 2);
  },
  "that the role accept did not sign is not carried": async (database) => {
    await using hub = await TestHub.start({ database });
    const forged = sealDocument(
      "acceptlist",
      JSON.parse(
        new TextDecoder().decode(openEnvelope("acceptlist", signedList(hub, 1, null)).payload),
      ),
      [hub.fleet.operator],
    );
    await assert.rejects(
      hub.services.lists.put("acme", WHO, forged),
      (e) => e instanceof VerificationError && e.code === "threshold",
    );
    assert.equal(await hub.services.lists.newest("acme"), undefined);
  },
  "says which labels count for orders that are signed elsewhere": async (database) => {
    await using hub = await TestHub.start({ database });
    await using machine = await hub.machine();
    await machine.enrol();
    const labels = { [machine.id]: ["printers"] };
    await hub.services.lists.put("acme", WHO, signedList(hub, 1, null, { labels }));
    const { signedLabels } = await hub.services.agents.get("acme", machine.id);
    assert.deepEqual(signedLabels, ["printers"]);
    const { items } = await hub.services.agents.list("acme", { label: "printers" });
    assert.deepEqual(items.map(({ id }) => id), [machine.id]);
  },
  "is compared with the one that is carried, before anybody signs it": async (database) => {
    await using hub = await TestHub.start({ database });
    const first = signedList(hub, 1, null);
    await hub.services.lists.put("acme", WHO, first);
    const next = signedList(hub, 2, first, { accept: [] });
    const { payload } = openEnvelope("acceptlist", next);
    const changes = await hub.services.lists.diff("acme", payload);
    assert.deepEqual(changes.map(({ part, effect }) => [part, effect]), [["accept", "narrows"]]);
  },
});

Deno.test("an agent of a hub that has no list accepts nothing, and starts all the same", async () => {
  await using hub = await TestHub.start();
  await using machine = await signedMachine(hub);
  await machine.start();
  const { id } = await hub.services.orders.create("acme", WHO, {
    ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 60_000 },
  });
  await until(hub, async () => (await hub.services.orders.get("acme", id)).counts.refused === 1);
  const { items: [delivery] } = await hub.services.orders.deliveries("acme", id);
  assert.equal(delivery!.refusal, "no_grant");
});

function withCode(code: string) {
  return (error: unknown) =>
    (error instanceof HubError || error instanceof VerificationError) && error.code === code;
}

Deno.test("Lists.diff() lets the hub answer others while it compares long lists", async () => {
  await using hub = await TestHub.start();
  const { lists } = hub.services;
  const listOf = (count: number) => {
    const accept = Array.from({ length: count }, (_, i) => ({ script: `acme/s${i}`, range: "*" }));
    return signedList(hub, 1, null, { accept });
  };
  const payloadOf = (count: number) => openEnvelope("acceptlist", listOf(count)).payload;
  // What a comparison needs is loaded by a short one.
  assert.equal((await lists.diff("acme", payloadOf(3))).length > 0, true);
  const long = payloadOf(20_000);
  let isOver = false;
  const comparing = lists.diff("acme", long).finally(() => isOver = true);
  comparing.catch(() => {});
  await assert.rejects(lists.diff("acme", long), withCode("busy"));
  for (let i = 0; i < 10; i++) {
    const answer = await hub.ask(undefined, "GET", "/healthz");
    await answer.body?.cancel();
  }
  assert.ok(!isOver, "ten others were answered before");
  await assert.rejects(comparing, withCode("too_large"));
  // Of as many entries, with few that are new; and a long text that is no list.
  await lists.put("acme", WHO, listOf(4_000));
  const [change] = await lists.diff("acme", payloadOf(4_001));
  assert.match(JSON.stringify(change), /acme\/s4000/);
  const bad = new TextEncoder().encode(`["${"x".repeat(100_000)}"]`);
  await assert.rejects(lists.diff("acme", bad), withCode("bad_schema"));
});

Deno.test("ListComparer ends with its hub, and has no more tenants wait than it may", async () => {
  const comparer = new ListComparer();
  const [root, payload] = [new Uint8Array(), new Uint8Array(HUB_LIMITS.SHORT_LISTS + 1)];
  const compare = (tenant: string) =>
    comparer.compare(tenant, { root, before: undefined, payload });
  const names = Array.from({ length: HUB_LIMITS.COMPARED_LISTS }, (_, i) => `t${i}`);
  const waiting = names.map((name) => assert.rejects(compare(name), withCode("busy")));
  await assert.rejects(compare("one-more"), withCode("busy"));
  comparer[Symbol.dispose]();
  await within(Promise.all(waiting), "the end of those that wait");
});

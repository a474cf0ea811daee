import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import { API_ROUTES } from "../../runtime/hub/api/route_table.ts";
import { TestHub, WHO } from "./hub_fixture.ts";
import { withRelease } from "./rollout/signed_release.ts";
import { signedList } from "./signed_lists.ts";
import { testInBothStores } from "./stores.ts";

/** Everything that one tenant has, by the part of a path that names it. */
async function belongings(hub: TestHub): Promise<Record<string, string>> {
  const { services } = hub;
  const machine = await hub.machine({ labels: ["office"] });
  await machine.enrol();
  await machine[Symbol.asyncDispose]();
  const { id: order } = await services.orders.create("acme", WHO, {
    script: { name: "acme/echo", range: "*" },
    select: "all",
    expiresMs: 60_000,
  });
  const { id: token } = await services.tokens.create("acme", WHO, {
    ...{ name: "ci", scopes: ["audit:read"] },
  });
  const { id: webhook } = await services.webhooks.create("acme", WHO, "https://example.com/");
  const { module, envelope } = hub.fleet.publish("1.0.0");
  const digest = digestOf(module);
  await services.content.put("acme", digest, ReadableStream.from([module]));
  await services.scripts.publish("acme", WHO, envelope);
  await services.lists.put("acme", WHO, signedList(hub, 1, null));
  await services.database.run(
    "INSERT INTO artefacts VALUES ('acme', ?1, ?2, 1, 'echo', 1, 1, 1, 0, ?3, NULL)",
    [order, machine.id, new Uint8Array(1)],
  );
  const { release } = await withRelease(hub);
  await services.rollouts.createForRelease("acme", WHO, release);
  const { id: rollout } = await services.rollouts.create("acme", WHO, {
    subject: { script: "acme/echo", version: "1.0.0", before: null, input: null },
  });
  return {
    ...{ agent: machine.id, rollout, order, token, webhook, digest },
    ...{ publisher: "acme", name: "echo", version: "1.0.0", run: "1" },
  };
}

testInBothStores("no id of one tenant opens anything of another", {
  "at any route of the API": async (database) => {
    await using hub = await TestHub.start({ database });
    const ids = await belongings(hub);
    await hub.addTenant("other");
    const own = await hub.token("acme");
    const foreign = await hub.token("other");
    let walked = 0;
    for (const { method, path, body } of API_ROUTES) {
      if (!path.includes(":") || method === "PUT" && path.includes(":digest")) continue;
      const at = "/api/v1" + path.replace(/:(\w+)/g, (_, part) => encodeURIComponent(ids[part]!));
      const sent = body ? JSON.stringify(BODIES[path]) : undefined;
      const refused = await hub.ask(foreign, method, at, sent);
      assert.equal(refused.status, 404, `${method} ${path} for another tenant`);
      assert.equal((await refused.json()).error.code, "not_found");
      // The control: the same question by its own tenant; what takes something away comes last.
      if (method === "GET") {
        const answered = await hub.ask(own, method, at, sent);
        assert.ok(answered.ok, `${method} ${path} for its own tenant: ${answered.status}`);
        await answered.body?.cancel();
      }
      walked++;
    }
    assert.ok(walked >= 12, `only ${walked} routes have an id in their path`);
  },
  "in any list of the API": async (database) => {
    await using hub = await TestHub.start({ database });
    await belongings(hub);
    await hub.addTenant("other");
    const own = await hub.token("acme");
    const foreign = await hub.token("other");
    for (const { method, path } of API_ROUTES) {
      if (method !== "GET" || path.includes(":") || UNLISTED.has(path)) continue;
      const items = async (token: string): Promise<{ who?: string; subject?: string }[]> =>
        (await (await hub.ask(token, method, `/api/v1${path}`)).json()).items;
      const ofOwn = await items(own);
      assert.ok(ofOwn.length > 0, `${path} is empty for its own tenant`);
      const shared = new Set(ofOwn.map((item) => JSON.stringify(item)));
      for (const item of await items(foreign)) assert.ok(!shared.has(JSON.stringify(item)), path);
    }
  },
  "as a selection of an order": async (database) => {
    await using hub = await TestHub.start({ database });
    const { agent } = await belongings(hub);
    await hub.addTenant("other");
    const token = await hub.token("other");
    for (const [select, code] of [[{ agents: [agent] }, "not_found"], ["all", "bad_request"]]) {
      const body = { script: { name: "acme/echo", range: "*" }, select, expiresMs: 60_000 };
      const answer = await hub.ask(token, "POST", "/api/v1/orders", JSON.stringify(body));
      assert.equal((await answer.json()).error.code, code);
    }
  },
});

/** Routes that answer no list. */
const UNLISTED: ReadonlySet<string> = new Set(["/overview", "/tenant", "/acceptlists/newest"]);

/** What is sent to those that want a body; it must not be what they are refused for. */
const BODIES: Readonly<Record<string, unknown>> = {
  "/agents/:agent/approve": {},
  "/agents/:agent/revoke": { reason: "none" },
  "/agents/:agent/labels": { labels: ["mine"] },
  "/agents/:agent/name": { name: "mine" },
};

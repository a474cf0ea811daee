import assert from "node:assert/strict";
import { HubApi, HubRefusal } from "../../runtime/cli/reach/hub_api.ts";
import { startHub } from "../../runtime/hub/mod.ts";
import { freePort } from "../free_port.ts";
import { HubProgram, secondState } from "./faults/hub_program.ts";
import { orderAll } from "./faults/load.ts";
import { TestHub, until, WHO } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";
import { realServers, startNats } from "./real_nats.ts";
import { RealPostgres } from "./real_postgres.ts";

const MINUTE = 60_000;

Deno.test({
  name: "of two hubs with one database, one is killed: its agents go to the other, nothing is lost",
  ignore: !realServers,
}, async () => {
  await using postgres = await RealPostgres.start();
  const database = await postgres.newDatabase();
  const natsPort = freePort();
  await using _nats = await startNats(natsPort);
  const bus = `nats://127.0.0.1:${natsPort}`;
  await using hub = await TestHub.start({ database, bus });
  hub.fleet.publish("1.0.0");
  const port = freePort();
  const stateDir = secondState(hub);
  await using killed = await HubProgram.start({ stateDir, port, database, bus });
  await using machine = await hub.machine();
  await machine.enrol();
  machine.url = killed.url;
  machine.others = [hub.hub.url];
  await machine.start();
  const isOnline = async () =>
    (await hub.services.agents.get("acme", machine.id)).presence.state === "online";
  await until(hub, isOnline);
  assert.equal(hub.hub.links, 0, "it is connected to the second hub");

  // Ordered at the first hub, delivered by the second one: it hears of it by the bus.
  const token = await hub.token();
  const here = new HubApi(hub.hub.url, token);
  const first = await orderAll(here);
  await until(hub, async () => (await hub.services.orders.get("acme", first.id)).outcomes.ok === 1);

  const there = new HubApi(machine.url, token);
  const ordered = [first];
  for (let i = 0; i < 10; i++) ordered.push(await orderAll(i % 2 === 0 ? there : here));
  await killed.kill();
  for (let i = 0; i < 10; i++) ordered.push(await orderAll(here));
  await until(hub, async () => {
    const orders = await Promise.all(ordered.map(({ id }) => hub.services.orders.get("acme", id)));
    return orders.every(({ outcomes }) => outcomes.ok === 1);
  });
  assert.equal(hub.hub.links, 1);
  assert.equal(machine.runner.started.length, ordered.length, "none ran twice");
});

Deno.test({
  name: "hubs go on without their bus, and hear each other again when it is back",
  ignore: !realServers,
}, async () => {
  const natsPort = freePort();
  const bus = `nats://127.0.0.1:${natsPort}`;
  const nats = await startNats(natsPort);
  await using hub = await TestHub.start({ bus });
  hub.fleet.publish("1.0.0");
  await using machine = await hub.machine();
  await machine.enrol();
  await machine.start();
  await until(
    hub,
    async () => (await hub.services.agents.get("acme", machine.id)).presence.state === "online",
  );
  using revoked = await RawAgent.enrolled(hub, "revoked");
  using unheard = await RawAgent.enrolled(hub, "revoked elsewhere");
  const links = await Promise.all([revoked, unheard].map((agent) => agent.connect()));
  for (const link of links) await link.hear("standing");
  await nats.stop();
  await hub.services.agents.revoke("acme", WHO, revoked.id, "lost");
  assert.equal((await links[0]!.closed).kind, "closed");
  // As another hub does it, of which nothing is heard.
  const sql = "UPDATE agents SET standing = 'revoked' WHERE id = ?1";
  await hub.services.database.run(sql, [unheard.id]);
  await hub.hub.round();
  assert.equal((await links[1]!.closed).kind, "closed");
  const create = () =>
    hub.services.orders.create("acme", WHO, {
      ...{ script: { name: "acme/echo", range: "*" }, select: "all" as const, expiresMs: MINUTE },
    });
  const without = await create();
  const ended = async (id: string) => (await hub.services.orders.get("acme", id)).outcomes.ok === 1;
  await until(hub, () => ended(without.id));
  await using _again = await startNats(natsPort);
  const heard = await create();
  await until(hub, () => ended(heard.id));
});

Deno.test({
  name: "a hub makes no key of its own for the orders of a tenant that another one made",
  ignore: !realServers,
}, async () => {
  await using postgres = await RealPostgres.start();
  const database = await postgres.newDatabase();
  await using hub = await TestHub.start({ database });
  const listen = { hostname: "127.0.0.1", port: 0 };
  const start = () => startHub({ stateDir: secondState(hub), database, listen });
  await hub.addTenant("late");
  const request = { script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: MINUTE };
  const order = async (url: string) => {
    const token = { name: "t", scopes: ["orders:write"] as const };
    const { token: secret } = await hub.services.tokens.create("late", WHO, token);
    const failure = await new HubApi(url, secret).json("POST", "/api/v1/orders", request)
      .then(() => undefined, (error: HubRefusal) => error);
    return failure?.code;
  };
  const key = "tenants/late.orderer.key";
  {
    await using second = await start();
    assert.equal(await order(second.url), "key_elsewhere");
    await assert.rejects(Deno.stat(`${hub.folder.path}/second/${key}`), Deno.errors.NotFound);
  }
  Deno.copyFileSync(`${hub.stateDir}/${key}`, `${hub.folder.path}/second/${key}`);
  await using second = await start();
  assert.equal(await order(second.url), await order(hub.hub.url));
  assert.notEqual(await order(second.url), "key_elsewhere");
});

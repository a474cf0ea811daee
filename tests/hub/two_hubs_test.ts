import assert from "node:assert/strict";
import { HubApi } from "../../runtime/cli/reach/hub_api.ts";
import type { HubOrder } from "../../runtime/hub/mod.ts";
import { freePort } from "../free_port.ts";
import { ROOT } from "../project/project_files.ts";
import { requireReal } from "../real/require_real.ts";
import { Service } from "../real/service.ts";
import { TestHub, until, WHO } from "./hub_fixture.ts";
import { RealPostgres } from "./real_postgres.ts";

const real = Deno.build.os === "linux"
  ? requireReal(["nats-server", "../lib/postgresql/15/bin/postgres"])
  : undefined;
const MINUTE = 60_000;

async function startNats(port: number): Promise<Service> {
  const args = ["-a", "127.0.0.1", "-p", String(port)];
  const ready = /Server is ready/;
  return (await Service.start(real!["nats-server"], { args, ready })).service;
}

/** A second hub, as a program of its own that can be killed, with the keys of the first one. */
async function secondHub(first: TestHub, database: string, bus: string, port: number) {
  const state = `${first.folder.path}/second`;
  Deno.mkdirSync(`${state}/tenants`, { recursive: true, mode: 0o700 });
  for (const name of ["hub.key", "tenants/acme.orderer.key"]) {
    Deno.copyFileSync(`${first.stateDir}/${name}`, `${state}/${name}`);
  }
  const { service } = await Service.start(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--config", `${ROOT}/deno.json`, `${ROOT}/main.ts`, "hub"],
      ...["--hub-state", state, "--listen", `127.0.0.1:${port}`],
      ...["--database", database, "--bus", bus, "--json"],
    ],
    env: { HOME: Deno.env.get("HOME") ?? "/root", DENO_DIR: Deno.env.get("DENO_DIR") ?? "" },
    ready: /"url":"http/,
    timeoutMs: 60_000,
  });
  return service;
}

function orderAll(api: HubApi): Promise<HubOrder> {
  return api.json("POST", "/api/v1/orders", {
    ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: MINUTE },
  });
}

Deno.test({
  name: "of two hubs with one database, one is killed: its agents go to the other, nothing is lost",
  ignore: !real,
}, async () => {
  await using postgres = await RealPostgres.start();
  const database = await postgres.newDatabase();
  const natsPort = freePort();
  await using _nats = await startNats(natsPort);
  const bus = `nats://127.0.0.1:${natsPort}`;
  await using hub = await TestHub.start({ database, bus });
  hub.fleet.publish("1.0.0");
  const port = freePort();
  await using killed = await secondHub(hub, database, bus, port);
  await using machine = await hub.machine();
  await machine.enrol();
  machine.url = `http://127.0.0.1:${port}`;
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
  Deno.kill(killed.pid, "SIGKILL");
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
  ignore: !real,
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
  await nats.stop();
  const create = () =>
    hub.services.orders.create("acme", WHO, {
      ...{ script: { name: "acme/echo", range: "*" }, select: "all" as const, expiresMs: MINUTE },
    });
  const without = await create();
  // Nobody was told; the hub finds it in its next round.
  await hub.hub.round();
  const ended = async (id: string) => (await hub.services.orders.get("acme", id)).outcomes.ok === 1;
  await until(hub, () => ended(without.id));
  await using _again = await startNats(natsPort);
  const heard = await create();
  await until(hub, () => ended(heard.id));
});

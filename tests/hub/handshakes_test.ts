import assert from "node:assert/strict";
import { HubError } from "../../runtime/hub/errors.ts";
import { Handshakes } from "../../runtime/hub/link/handshakes.ts";
import { PeerError } from "../../runtime/peer/mod.ts";
import { within } from "../within.ts";
import { TestHub } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";

const isBusy = (e: unknown) => e instanceof HubError && e.code === "busy";
const here = new AbortController().signal;

Deno.test("Handshakes.begin() refuses what is too much for a tenant, or for all", async () => {
  const handshakes = new Handshakes({ ofTenant: 2, total: 3 });
  const end = await handshakes.begin("acme", here);
  await handshakes.begin("acme", here);
  await assert.rejects(handshakes.begin("acme", here), isBusy);
  await handshakes.begin("other", here);
  await assert.rejects(handshakes.begin("third", here), isBusy, "all places are taken");
  end();
  await handshakes.begin("acme", here);
});

Deno.test("Handshakes.begin() keeps no place for who is gone", async () => {
  const handshakes = new Handshakes({ ofTenant: 1, total: 1 });
  await assert.rejects(handshakes.begin("acme", AbortSignal.abort()), isBusy);
  const gone = new AbortController();
  const begun = handshakes.begin("acme", gone.signal);
  gone.abort();
  await assert.rejects(begun, isBusy, "it went while its request waited");
  await handshakes.begin("acme", here);
});

Deno.test("a hub that connects as many as it can puts others off, who come back later", async (t) => {
  await using hub = await TestHub.start({ handshakes: { ofTenant: 1, total: 1 } });
  using slow = await RawAgent.enrolled(hub);
  using other = await RawAgent.enrolled(hub);
  await using machine = await hub.machine();
  await machine.enrol();
  const [under, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const connecting = slow.connectAfter(() => {
    under.resolve();
    return held.promise;
  });
  await within(under.promise, "the hub's half of the handshake");
  await t.step("as another agent is told", async () => {
    const named = (e: unknown) => e instanceof PeerError && e.code === "no_place";
    await assert.rejects(other.connect(), named);
  });
  await t.step("for two seconds at least", async () => {
    const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>();
    machine.log = (_, what, detail) => what === "no hub" && resolve(detail ?? {});
    await machine.start();
    const { why, waitMs } = await within(promise, "the agent's log");
    assert.equal(why, "no_place");
    assert.ok(Number(waitMs) >= 2_000);
  });
  await t.step("until there is room", async () => {
    held.resolve();
    using link = await connecting;
    await link.hear("standing");
    using next = await other.connect();
    await next.hear("standing");
  });
});

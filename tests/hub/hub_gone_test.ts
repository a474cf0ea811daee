/** An agent whose hub stays away; `deno task soak:hub-gone` measures the same for an hour. */
import assert from "node:assert/strict";
import { CapabilityError } from "../../runtime/sandbox/mod.ts";
import { HUB_NOTE_LIMITS } from "../../runtime/capabilities/hub.ts";
import { TrustedClock } from "../../runtime/agent/clock.ts";
import { Backoff } from "../../runtime/agent/hub_link/backoff.ts";
import { HubLink } from "../../runtime/agent/hub_link/hub_link.ts";
import type { OrderDoor } from "../../runtime/agent/hub_link/hub_orders.ts";
import { ScriptNotes } from "../../runtime/agent/hub_link/script_notes.ts";
import { HubNoteTable } from "../../runtime/agent/store/hub_notes.ts";
import { HubReportTable } from "../../runtime/agent/store/hub_reports.ts";
import { Store } from "../../runtime/agent/store/store.ts";
import { TrustStore } from "../../runtime/agent/trust/trust_store.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { until as untilSo } from "../until.ts";
import { TestHub, until } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";

const SCRIPT = "acme/echo";
const ATTEMPTS = 300;
/** Events of a script that wait when the hub is back. */
const TOLD = 200;

const NO_RELEASE = {
  ...{ version: "0.1.0", deno: Deno.version.deno, supervised: false },
  ...{ running: null, next: null, failed: null, previous: null },
};

/** The side of an agent that speaks with its hub, which waits for nothing between two attempts. */
class Lonely implements AsyncDisposable {
  readonly #folder = new TemporaryDir();
  readonly #store = Store.open(`${this.#folder.path}/agent.db`);
  readonly notes: ScriptNotes;
  readonly #link: HubLink;
  attempts = 0;

  constructor({ fleet, hub: { url, id } }: TestHub, { signer }: RawAgent) {
    const hub = { url, id, tenant: "acme", others: [], facts: [] };
    const rules = () => ({ policy: fleet.policy(), sources: [], hub });
    const now = Date.now;
    this.notes = new ScriptNotes({ table: new HubNoteTable(this.#store), rules, now });
    this.#link = new HubLink(hub, {
      ...{ signer, rules, now, notes: this.notes },
      trust: new TrustStore(this.#store, new TrustedClock(now)),
      // Nothing is ordered here.
      door: {} as OrderDoor,
      runEvents: { watch: () => ({ [Symbol.dispose]() {} }) },
      reports: new HubReportTable(this.#store),
      reload: () => Promise.resolve(),
      releases: {
        take: () => Promise.reject(new Error("none")),
        status: () => NO_RELEASE,
      },
      level: () => Promise.resolve(null),
      stateBytes: () => 0,
      log: (_, what) => what === "no hub" && this.attempts++,
      backoff: new Backoff(() => 0),
    });
  }

  async tried(more: number): Promise<void> {
    const wanted = this.attempts + more;
    await untilSo(() => this.attempts >= wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link[Symbol.asyncDispose]();
    this.#store[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
  }
}

Deno.test("an agent whose hub is gone tries again and again, and keeps no more than its bound", async (t) => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub);
  await using lonely = new Lonely(hub, agent);
  const { agents } = hub.services;
  await until(hub, async () => (await agents.get("acme", agent.id)).presence.state === "online");
  await hub.hub.stop();
  await t.step("with as many descriptors after many attempts as after few", async () => {
    await lonely.tried(20);
    const before = descriptors();
    await lonely.tried(ATTEMPTS);
    assert.ok(descriptors() <= before + 2, `${before} before, ${descriptors()} after`);
  });
  await t.step("and refuses a script that has told it too much", async () => {
    await Promise.all(
      Array.from(
        { length: HUB_NOTE_LIMITS.INFORMS },
        (_, i) => lonely.notes.inform(SCRIPT, { name: "tick", data: String(i) }),
      ),
    );
    await assert.rejects(
      lonely.notes.inform(SCRIPT, { name: "tick", data: "1" }),
      (e) => e instanceof CapabilityError && e.code === "quota",
    );
    const kept = lonely.notes.informs(10_000);
    assert.equal(kept.length, HUB_NOTE_LIMITS.INFORMS);
    // Fewer are enough for what follows.
    await Promise.all(kept.slice(TOLD).map(({ id }) => lonely.notes.stored(id)));
  });
  await t.step("and tells everything once when the hub is back", async () => {
    await hub.start();
    await untilSo(() => lonely.notes.informs(1).length === 0);
    const { items } = await hub.services.scriptEvents.list("acme", agent.id, { limit: 500 });
    const told = items.map(({ data }) => data);
    assert.deepEqual([told.length, new Set(told).size], [TOLD, TOLD]);
    const { presence } = await hub.services.agents.get("acme", agent.id);
    assert.equal(presence.state, "online");
  });
});

function descriptors(): number {
  return Deno.build.os === "linux" ? [...Deno.readDirSync("/proc/self/fd")].length : 0;
}

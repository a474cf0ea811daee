import assert from "node:assert/strict";
import { CallNonces } from "../../runtime/agent/calls/call_nonces.ts";
import { AGENT_LIMITS } from "../../runtime/agent/limits.ts";
import { silentLog } from "../../runtime/agent/log.ts";
import { KNOWN_SINCE } from "../../runtime/agent/state/lost_records.ts";
import { setMeta } from "../../runtime/agent/store/meta.ts";
import { Store } from "../../runtime/agent/store/store.ts";
import type { SignedCall } from "../../runtime/peer/mod.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { NOON } from "./fixture.ts";

const MINUTE = 60_000;

function call(nonce: string, expires = NOON + 5 * MINUTE, key = "ed25519:A"): SignedCall {
  return { key: key as SignedCall["key"], nonce, created: expires - 5 * MINUTE, expires };
}

/** The nonces of an agent that can be started again. */
class Place implements Disposable {
  readonly #folder = new TemporaryDir();
  store = Store.open(`${this.#folder.path}/agent.db`);
  now = NOON;
  nonces = this.#make();

  restart(): void {
    this.store[Symbol.dispose]();
    this.store = Store.open(`${this.#folder.path}/agent.db`);
    this.nonces = this.#make();
  }

  rows(): number {
    return Number(this.store.sql("SELECT count(*) AS n FROM call_nonces").get()!.n);
  }

  #make(): CallNonces {
    return new CallNonces({ store: this.store, now: () => this.now, log: silentLog });
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
  }
}

Deno.test("CallNonces.take() takes each nonce of a key once, also after a restart", async () => {
  using place = new Place();
  for (const durably of [true, false]) {
    const nonce = String(durably);
    await place.nonces.take(call(nonce), durably);
    const replayed = { name: "PeerError", code: "replayed" };
    await assert.rejects(place.nonces.take(call(nonce), durably), replayed);
    place.restart();
    await assert.rejects(place.nonces.take(call(nonce), durably), replayed);
    await place.nonces.take(call(nonce, undefined, "ed25519:B"), durably);
  }
});

Deno.test("CallNonces.take() forgets what has expired, and then admits nothing as old", async () => {
  using place = new Place();
  const old = call("old", NOON + MINUTE);
  await place.nonces.take(old, true);
  assert.equal(place.rows(), 1);
  place.now += 2 * MINUTE;
  await place.nonces.take(call("new"), true);
  assert.equal(place.rows(), 1, "the old one has left the table");
  place.now = NOON; // the clock is set back
  await assert.rejects(place.nonces.take(old, true), { name: "PeerError", code: "expired" });
  place.restart();
  await assert.rejects(place.nonces.take(old, true), { code: "expired" });
  await place.nonces.take(call("later"), true);
});

Deno.test("CallNonces.take() lets no key take more than its share", async () => {
  using place = new Place();
  const filled = Array.from(
    { length: AGENT_LIMITS.CALLS_OF_ONE_KEY },
    (_, i) => place.nonces.take(call(String(i)), false),
  );
  await Promise.all(filled);
  const busy = { name: "AgentError", code: "busy" };
  await assert.rejects(place.nonces.take(call("more"), false), busy);
  await place.nonces.take(call("more", undefined, "ed25519:B"), true);
  place.now += 6 * MINUTE;
  await place.nonces.take(call("more", place.now + MINUTE), true);
  assert.equal(place.rows(), 1);
});

Deno.test("CallNonces.take() lets no call that changes something pass unstored", async () => {
  using place = new Place();
  place.store.sql("DROP TABLE call_nonces").run();
  await assert.rejects(place.nonces.take(call("a"), true));
});

Deno.test("CallNonces.take() takes no call from before the records were lost", async () => {
  using place = new Place();
  setMeta(place.store, KNOWN_SINCE, String(NOON + MINUTE));
  place.restart();
  const expired = { name: "PeerError", code: "expired" };
  const before = call("before", NOON + 6 * MINUTE - 1_000);
  await assert.rejects(place.nonces.take(before, true), expired);
  await place.nonces.take(call("after", NOON + 6 * MINUTE), true);
});

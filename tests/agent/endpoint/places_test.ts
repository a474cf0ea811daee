import assert from "node:assert/strict";
import { Places } from "../../../runtime/agent/endpoint/places.ts";
import type { Admitted } from "../../../runtime/agent/endpoint/admission.ts";
import { EndpointRefusal } from "../../../runtime/agent/endpoint/endpoint_refusal.ts";
import { DEFAULT_SERVE } from "../../../runtime/core/documents/serve.ts";

const SCRIPT = "acme/desk";
const SIXTY_FOUR = {
  ...DEFAULT_SERVE,
  allow: ["loopback" as const, "public" as const],
  requests: 64,
};

Deno.test("Places.take() leaves a quarter to the machine and to who signs when strangers take all", () => {
  const places = new Places();
  const strangers = taken(places, (i) => stranger(`203.0.113.${i}`));
  assert.equal(strangers.length, 48);
  assertBusy(() => places.take(SCRIPT, SIXTY_FOUR, stranger("198.51.100.1")));
  places.take(SCRIPT, SIXTY_FOUR, { ...stranger("198.51.100.1"), signed: true });
  places.take(SCRIPT, SIXTY_FOUR, { caller: { kind: "operator", address: "127.0.0.1" } });
  assert.equal(taken(places, () => ({ caller: { kind: "loopback", address: "::1" } })).length, 14);
  strangers[0]!();
  places.take(SCRIPT, SIXTY_FOUR, stranger("198.51.100.1"));
});

Deno.test("Places.take() gives one network a quarter of what strangers have, until one is given back", () => {
  const places = new Places();
  const [first, ...others] = taken(places, () => stranger("203.0.113.1"));
  assert.equal(others.length, 11);
  places.take(SCRIPT, SIXTY_FOUR, stranger("203.0.113.2"));
  first!();
  places.take(SCRIPT, SIXTY_FOUR, stranger("203.0.113.1"));
  assert.equal(taken(places, (i) => stranger(`2001:db8::${i.toString(16)}`)).length, 12);
});

Deno.test("Places.take() bounds no network when a proxy on this machine brings strangers", () => {
  const places = new Places();
  assert.equal(taken(places, () => stranger("::ffff:127.0.0.1")).length, 48);
});

Deno.test("Places.take() lets the machine take all, and a single place is for everybody", () => {
  assert.equal(
    taken(new Places(), () => ({ caller: { kind: "loopback", address: "::1" } })).length,
    64,
  );
  const release = new Places().take(
    SCRIPT,
    { ...SIXTY_FOUR, requests: 1 },
    stranger("203.0.113.1"),
  );
  release();
});

/** Takes places until there is none. */
function taken(places: Places, who: (i: number) => Admitted): (() => void)[] {
  const releases: (() => void)[] = [];
  for (let i = 1; i <= 100; i++) {
    try {
      releases.push(places.take(SCRIPT, SIXTY_FOUR, who(i)));
    } catch (error) {
      assert.ok(error instanceof EndpointRefusal && error.code === "busy");
      return releases;
    }
  }
  throw new Error("There are places without end");
}

function stranger(address: string): Admitted {
  return { caller: { kind: "public", address } };
}

function assertBusy(work: () => void): void {
  assert.throws(work, (error) => error instanceof EndpointRefusal && error.code === "busy");
}

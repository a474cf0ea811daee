import assert from "node:assert/strict";
import { LIMITS } from "../../runtime/core/limits.ts";
import {
  flooredNow,
  requireInTime,
  requireNotExpired,
} from "../../runtime/core/verification/time.ts";
import { assertRefused } from "./assert_refused.ts";
import { instant, NOW } from "./fixtures.ts";

Deno.test("flooredNow() never goes below the highest issued", () => {
  assert.equal(flooredNow(NOW, 0), NOW);
  assert.equal(flooredNow(NOW, NOW - 1), NOW);
  assert.equal(flooredNow(0, NOW), NOW);
});

Deno.test("flooredNow() refuses a clock that tells no time", () => {
  for (const [local, highest] of [[NaN, 0], [Infinity, 0], [NOW, NaN]] as const) {
    assert.throws(() => flooredNow(local, highest), RangeError);
  }
});

Deno.test("requireInTime() accepts up to the skew and refuses a second more", () => {
  const expires = instant(NOW + 3_600_000);
  requireInTime({ issued: instant(NOW + LIMITS.CLOCK_SKEW_MS), expires }, "it", NOW);
  const late = { issued: instant(NOW + LIMITS.CLOCK_SKEW_MS + 1000), expires };
  assertRefused("not_yet_valid", () => requireInTime(late, "it", NOW));
});

Deno.test("requireInTime() accepts the last millisecond and refuses the instant of expiry", () => {
  const document = { issued: instant(NOW - 1000), expires: instant(NOW) };
  requireInTime(document, "it", NOW - 1);
  assertRefused("expired", () => requireInTime(document, "it", NOW));
});

Deno.test("requireInTime() refuses what expires no later than it was issued", () => {
  requireInTime({ issued: instant(NOW), expires: instant(NOW + 1000) }, "it", NOW);
  const none = { issued: instant(NOW), expires: instant(NOW) };
  assertRefused("bad_schema", () => requireInTime(none, "it", NOW - 1));
});

Deno.test("requireInTime() and requireNotExpired() refuse when now, or the expiry, is no number", () => {
  const document = { issued: instant(NOW), expires: instant(NOW + 1000) };
  assertRefused("not_yet_valid", () => requireInTime(document, "it", NaN));
  assertRefused("expired", () => requireNotExpired(NOW, "it", NaN));
  assertRefused("expired", () => requireNotExpired(NaN, "it", NOW));
});

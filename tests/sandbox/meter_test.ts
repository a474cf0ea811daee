import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../runtime/core/documents/grant.ts";
import { Meter } from "../../runtime/sandbox/meter.ts";

function begun(): Meter {
  const meter = new Meter(DEFAULT_LIMITS, 1);
  meter.begin(50_000_000, 100);
  return meter;
}

Deno.test("Meter.measure() counts processor time from the run's begin", () => {
  const meter = begun();
  assert.equal(meter.measure({ cpuMs: 2_100, rssBytes: 0 }), undefined);
  assert.equal(meter.measure({ cpuMs: 2_101, rssBytes: 0 })?.outcome, "cpu");
  assert.equal(meter.figures().cpuMs, 2_001);
});

Deno.test("Meter.measure() ends a run whose memory passes the grant and its slack", () => {
  const meter = begun();
  assert.equal(meter.measure({ cpuMs: 100, rssBytes: 50_000_000 + 96_000_000 }), undefined);
  assert.equal(
    meter.measure({ cpuMs: 100, rssBytes: 50_000_000 + 96_000_001 })?.outcome,
    "memory",
  );
});

Deno.test("Meter keeps the peak when memory falls again", () => {
  const meter = begun();
  meter.measure({ cpuMs: 100, rssBytes: 80_000_000 });
  meter.measure({ cpuMs: 100, rssBytes: 60_000_000 });
  assert.equal(meter.figures().peakBytes, 30_000_000);
});

Deno.test("Meter.output() accepts exactly the limit and no byte more", () => {
  const meter = begun();
  assert.equal(meter.output(DEFAULT_LIMITS.outputBytes), undefined);
  assert.equal(meter.output(1)?.outcome, "output");
});

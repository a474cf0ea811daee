import assert from "node:assert/strict";
import type { Figures } from "../../runtime/core/outcome.ts";
import { HubError } from "../../runtime/hub/errors.ts";
import { storedEvents } from "../../runtime/hub/orders/stored_events.ts";

const BEFORE = {
  order: "one",
  state: "running",
  run: 1,
  events: 0,
  leftOut: 0,
  reportedRun: 1,
  reportedSeq: 1,
} as const;

/** What comes to be of an outcome with these figures. */
function told(figures: unknown): string | null {
  const event = JSON.stringify({ type: "outcome", outcome: "ok", result: null, figures });
  const events = [{ run: 1, seq: 2, time: 0, event }];
  const report = { type: "events", order: "one", events, over: true } as const;
  return storedEvents(report, BEFORE).told.figures;
}

Deno.test("storedEvents() keeps the figures of a run, also of one in a live cell, and of no other shape", () => {
  const own: Figures = { cpuMs: 1, wallMs: 2, peakBytes: 3, outputBytes: 4, level: 2 };
  for (const figures of [own, { ...own, calls: 5, callBytes: 6, shared: true }]) {
    assert.deepEqual(JSON.parse(told(figures)!), figures);
  }
  assert.equal(told(null), null);
  const { cpuMs: _, ...short } = own;
  for (const wrong of [{ ...own, cpuMs: "much" }, short, {}]) {
    assert.throws(
      () => told(wrong),
      (error) => error instanceof HubError && error.code === "bad_request",
    );
  }
});

Deno.test("storedEvents() keeps of an event of a later version that it was said, and no more", () => {
  const events = [
    { type: "log", level: "info", text: "here", colour: "red" },
    { type: "picture", data: { big: true } },
  ].map((event, i) => ({ run: 1, seq: i + 2, time: 0, event: JSON.stringify(event) }));
  const report = { type: "events", order: "one", events, over: false } as const;
  assert.deepEqual(storedEvents(report, BEFORE).kept.map(({ event }) => JSON.parse(event)), [
    { type: "log", level: "info", text: "here" },
    { type: "log", level: "warn", text: "an event of a later version: picture" },
  ]);
});

Deno.test("storedEvents() keeps an outcome that says nothing more with an empty detail", () => {
  const event = JSON.stringify({ type: "outcome", outcome: "refused", figures: null });
  const events = [{ run: 1, seq: 2, time: 0, event }];
  const report = { type: "events", order: "one", events, over: true } as const;
  const { outcome } = storedEvents(report, BEFORE).told;
  assert.deepEqual(JSON.parse(outcome!), { outcome: "refused", detail: {} });
});

import assert from "node:assert/strict";
import type { Figures } from "../../runtime/core/outcome.ts";
import { HubError } from "../../runtime/hub/errors.ts";
import { HUB_LIMITS } from "../../runtime/hub/limits.ts";
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

Deno.test("storedEvents() keeps fewer events where they are long", () => {
  const { RUN_EVENTS, RUN_EVENT_CHARACTERS } = HUB_LIMITS;
  const said = (characters: number, events: number) => {
    const event = JSON.stringify({ type: "log", level: "info", text: "x".repeat(characters) });
    const two = [2, 3].map((seq) => ({ run: 1, seq, time: 0, event }));
    const report = { type: "events", order: "one", events: two, over: false } as const;
    const { kept, places, leftOut } = storedEvents(report, { ...BEFORE, events });
    return [kept.length, places, leftOut];
  };
  assert.deepEqual(said(10, 0), [2, 2, 0]);
  assert.deepEqual(said(3 * RUN_EVENT_CHARACTERS, 0), [2, 8, 0]);
  const left = RUN_EVENTS - 9;
  assert.deepEqual(said(3 * RUN_EVENT_CHARACTERS, left), [2, 8, 0]);
  // Of the second one there is a line that says that the rest is missing.
  assert.deepEqual(said(3 * RUN_EVENT_CHARACTERS, left + 1), [2, 8, 1]);
  assert.deepEqual(said(3 * RUN_EVENT_CHARACTERS, RUN_EVENTS), [0, 0, 2]);
});

Deno.test("storedEvents() keeps an outcome that says nothing more with an empty detail", () => {
  const event = JSON.stringify({ type: "outcome", outcome: "refused", figures: null });
  const events = [{ run: 1, seq: 2, time: 0, event }];
  const report = { type: "events", order: "one", events, over: true } as const;
  const { outcome } = storedEvents(report, BEFORE).told;
  assert.deepEqual(JSON.parse(outcome!), { outcome: "refused", detail: {} });
});

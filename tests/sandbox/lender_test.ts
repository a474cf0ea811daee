import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../runtime/core/documents/grant.ts";
import { CALL_BOUNDS, type CapabilityAnswer } from "../../runtime/sandbox/capability_host.ts";
import { HEADER_BYTES } from "../../runtime/sandbox/frame.ts";
import { CallPace, Lender } from "../../runtime/sandbox/lender.ts";
import { Meter } from "../../runtime/sandbox/meter.ts";
import { within } from "../within.ts";

/** What a script was told: the value, or the code of the refusal. */
interface Told {
  id: number;
  value?: unknown;
  error?: { code: string };
}

/** A lender whose agent answers a call when the test says so. */
function lender(bounds: Partial<typeof CALL_BOUNDS>) {
  const answers: (() => void)[] = [];
  const told: Told[] = [];
  let heard = Promise.withResolvers<void>();
  const all = { ...CALL_BOUNDS, ...bounds };
  const lent = new Lender({
    attachments: [],
    capabilities: {
      offered: {},
      call: () =>
        new Promise<CapabilityAnswer>((answer) => answers.push(() => answer({ value: "done" }))),
    },
    meter: new Meter(DEFAULT_LIMITS, 0),
    pace: new CallPace(all),
    bounds: all,
    task: { ended: false, over: new AbortController().signal },
    send: (frame) => {
      told.push(JSON.parse(new TextDecoder().decode(frame.subarray(HEADER_BYTES))));
      heard.resolve();
      heard = Promise.withResolvers();
      return Promise.resolve();
    },
  });
  const ask = (id: number, bytes: number) =>
    lent.answer({ id, task: 1, method: "store.get", params: {}, body: new Uint8Array(0), bytes });
  const answered = (count: number) =>
    within(
      (async () => {
        while (told.length < count) await heard.promise;
      })(),
      `answer ${count}`,
    );
  return { ask, answers, told, answered };
}

Deno.test("Lender.answer() refuses a call when those that wait are too many bytes", async () => {
  const { ask, answers, told, answered } = lender({ waitingBytes: 10 });
  ask(1, 10);
  ask(2, 1);
  await answered(1);
  assert.deepEqual([told[0]?.id, told[0]?.error?.code], [2, "unavailable"]);
  answers[0]!();
  await answered(2);
  assert.deepEqual(told[1], { id: 1, value: "done" });
  ask(3, 10);
  answers[1]!();
  await answered(3);
  assert.deepEqual(told[2], { id: 3, value: "done" });
});

Deno.test("Lender.answer() ends whoever lets more calls wait than the honest worker does", () => {
  const { ask } = lender({ waiting: 2 });
  ask(1, 1);
  ask(2, 1);
  assert.throws(() => ask(3, 1), RangeError);
});

import assert from "node:assert/strict";
import { SessionLog } from "../../scripts/co-browse/session/session_log.ts";

Deno.test("SessionLog notes no more than so many of what others bring about, and says how many", () => {
  const written: { event: string; who: unknown; leftOut: unknown }[] = [];
  let now = 0;
  const log = new SessionLog(
    (event, { who, leftOut }) => written.push({ event, who, leftOut }),
    () => now,
  );
  for (let who = 0; who < 1_000; who++) log.note("refused", { who });
  log.note("left", { who: 1 });
  assert.equal(written.length, 11);
  assert.deepEqual(written.at(-1), { event: "left", who: 1, leftOut: undefined });
  now = 60_000;
  for (let who = 1_000; who < 1_003; who++) log.note("refused", { who });
  assert.deepEqual(written.slice(11), [{ event: "refused", who: 1_000, leftOut: 990 }]);
});

Deno.test("SessionLog notes all of what needs the sharing person's word", () => {
  let written = 0;
  const log = new SessionLog(() => written++, () => 0);
  for (let n = 0; n < 100; n++) log.note("joined", {});
  assert.equal(written, 100);
});

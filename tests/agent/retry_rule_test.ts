import assert from "node:assert/strict";
import { retryAt } from "../../runtime/agent/runs/retry_rule.ts";
import { AGENT_LIMITS } from "../../runtime/agent/limits.ts";
import type { UnfinishedRun } from "../../runtime/agent/store/runs.ts";
import type { Outcome } from "../../runtime/core/outcome.ts";

const RUN = {
  attempt: 1,
  idempotent: true,
  retry: { attempts: 3, delayMs: 1_000 },
  expires: Infinity,
} as const;
const ERROR: Outcome = { outcome: "script_error", detail: { name: "Error", message: "" } };
const BUSY: Outcome = { outcome: "script_error", detail: { name: "RetryableError", message: "" } };
const INTERRUPTED: Outcome = { outcome: "interrupted", detail: { reason: "" } };

const least = (change: Partial<UnfinishedRun>, outcome: Outcome = ERROR) =>
  retryAt({ ...RUN, ...change }, outcome, 10_000, () => 0);
const most = (change: Partial<UnfinishedRun>) =>
  retryAt({ ...RUN, ...change }, ERROR, 10_000, () => 1);

Deno.test("retryAt() doubles the delay with each attempt, up to a limit", () => {
  assert.deepEqual([least({}), most({})], [10_500, 11_000]);
  assert.deepEqual([least({ attempt: 2 }), most({ attempt: 2 })], [11_000, 12_000]);
  const many = { retry: { attempts: 1_000, delayMs: 1_000 }, attempt: 99 };
  assert.equal(most(many), 10_000 + AGENT_LIMITS.RETRY_DELAY_MS);
});

Deno.test("retryAt() ends with the manifest's attempts and with the agent's", () => {
  assert.equal(least({ attempt: 3 }), undefined);
  assert.equal(least({ retry: null }), undefined);
  const many = { attempts: Number.MAX_SAFE_INTEGER, delayMs: 0 };
  assert.notEqual(least({ retry: many, attempt: AGENT_LIMITS.RETRY_ATTEMPTS - 1 }), undefined);
  assert.equal(least({ retry: many, attempt: AGENT_LIMITS.RETRY_ATTEMPTS }), undefined);
});

Deno.test("retryAt() gives no time at which the order has expired", () => {
  assert.equal(least({ expires: 10_501 }), 10_500);
  assert.equal(least({ expires: 10_500 }), undefined);
});

Deno.test("retryAt() repeats what is not idempotent only if it did nothing", async (t) => {
  const refused = (rule: "cell_start" | "denied"): Outcome => ({
    outcome: "refused",
    detail: { rule, message: "" },
  });
  const cases: [name: string, outcome: Outcome, idempotent: boolean, other: boolean][] = [
    ["an error", ERROR, true, false],
    ["a deadline", { outcome: "wall", detail: { reason: "deadline", limitMs: 1 } }, true, false],
    ["an exit", { outcome: "exited", detail: { code: 1 } }, true, false],
    ["an interruption", INTERRUPTED, true, false],
    ["an error that says so", BUSY, true, true],
    ["no cell", refused("cell_start"), true, true],
    ["a refusal", refused("denied"), false, false],
    ["a result", { outcome: "ok", result: null }, false, false],
    ["the operator's word", { outcome: "cancelled", detail: { reason: "" } }, false, false],
    ["a limit", { outcome: "cpu", detail: { limitMs: 1 } }, false, false],
  ];
  for (const [name, outcome, idempotent, other] of cases) {
    await t.step(name, () => {
      assert.equal(least({ idempotent: true }, outcome) !== undefined, idempotent);
      assert.equal(least({ idempotent: false }, outcome) !== undefined, other);
    });
  }
});

Deno.test("retryAt() repeats what the agent broke off, also where no retries are asked for", () => {
  assert.equal(least({ retry: null, attempt: 2 }, INTERRUPTED), 10_000);
  assert.equal(least({ retry: null, attempt: 3 }, INTERRUPTED), undefined);
});

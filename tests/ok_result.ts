import assert from "node:assert/strict";

/** The result of a run that must have ended well. The test knows its shape, as it asked for it. */
export function okResult<T>(outcome: object | null | undefined): T {
  assert.ok(outcome && "outcome" in outcome && outcome.outcome === "ok", JSON.stringify(outcome));
  return (outcome as { result?: unknown }).result as T;
}

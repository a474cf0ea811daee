import assert from "node:assert/strict";
import { isEnd } from "../run_tests.ts";

Deno.test("isEnd() takes a test or a step for ended that is, and none that only takes long", () => {
  for (
    const line of [
      "adds two numbers ... ok (3ms)",
      "  with a step ... ok (1m0s)",
      "loses nothing ... FAILED (2s)",
      "asks a printer ... ignored (0ms)",
      // After a line that says how long it takes.
      " ok (1m5s)",
    ]
  ) assert.ok(isEnd(line), line);
  for (
    const line of [
      "",
      "running 3 tests from ./tests/run_test.ts",
      "'loses nothing' has been running for over (1m0s)",
      "loses nothing ...'loses nothing' has been running for over (8m0s)",
    ]
  ) assert.ok(!isEnd(line), line);
});

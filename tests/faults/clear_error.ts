import assert from "node:assert/strict";
import type { Ran } from "../cli/test_io.ts";

/** Longer is no sentence: somebody's whole file was put into it. */
const MESSAGE_CHARACTERS = 2_000;

/**
 * Requires a failure in the form that every one has: this exit code, this code, a sentence on
 * stderr that says what cannot be done, and the same as the one JSON value on stdout.
 *
 * @param ran With `--json`.
 */
export function assertClearError(ran: Ran, exit: 1 | 2, code: string): void {
  assert.equal(ran.exit, exit, ran.stderr);
  const { error } = ran.json<{ error: { code: string; message: string; hint?: string } }>();
  assert.equal(error.code, code, error.message);
  assertClearMessage(error.message);
  const [, ...after] = ran.stderr.split(/^writ: error: /m);
  assert.equal(after.length, 1, `one error, not ${after.length}: ${ran.stderr}`);
  assertNoStackTrace(ran.stderr);
}

/** Requires `Cannot <verb> <object> …`, or the mistakes of a policy with their places. */
export function assertClearMessage(message: string): void {
  assert.match(
    message,
    /^(Cannot |The agent refused: |\d+ mistakes\n|\S+\.yaml(:\d+:\d+)? |\/\S+ )/,
  );
  assert.doesNotMatch(message, /\.$/, "no final period");
  assert.doesNotMatch(message, /undefined|\[object |\0/);
  assert.ok(message.length <= MESSAGE_CHARACTERS, `${message.length} characters`);
  assertNoStackTrace(message);
}

/** Requires that nobody who reads it sees where in our code something happened. */
export function assertNoStackTrace(text: string): void {
  assert.doesNotMatch(text, /^\s+at |file:\/\/|runtime\/\w+\/|Uncaught/m);
}

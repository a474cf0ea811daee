import assert from "node:assert/strict";
import { type VerificationCode, VerificationError } from "../../runtime/core/errors.ts";

/** Asserts that `act` is refused with this code. */
export function assertRefused(code: VerificationCode, act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    assert.equal(error.code, code, `refused by another rule: ${error.message}`);
    return;
  }
  assert.fail(`expected a refusal with code ${code}`);
}

/** Asserts that `act` is refused, by whatever rule. Any other error is a failure. */
export function assertRefusedSomehow(act: () => unknown, what: string): void {
  try {
    act();
  } catch (error) {
    if (error instanceof VerificationError) return;
    throw error;
  }
  assert.fail(`accepted: ${what}`);
}

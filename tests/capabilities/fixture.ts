import assert from "node:assert/strict";
import { Store } from "../../runtime/agent/store/store.ts";
import type { Capability } from "../../runtime/capabilities/capability.ts";
import { type CapabilityCode, CapabilityError } from "../../runtime/sandbox/mod.ts";
import { TemporaryDir } from "../temporary_dir.ts";

/** An agent's database that is gone when the test ends. */
export class TestDatabase implements Disposable {
  readonly #dir = new TemporaryDir();
  readonly path = this.#dir.path;
  store = Store.open(`${this.path}/agent.db`);

  /** As after a restart. */
  reopen(): void {
    this.store[Symbol.dispose]();
    this.store = Store.open(`${this.path}/agent.db`);
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
    this.#dir[Symbol.dispose]();
  }
}

/** Calls a method as a cell would, through JSON; answers the value. */
export async function ask<T = unknown>(
  capability: Capability,
  method: string,
  params: unknown,
  { body = new Uint8Array(), signal = new AbortController().signal } = {},
): Promise<T> {
  const answer = capability.methods.get(method);
  assert.ok(answer, `there is no ${method}`);
  const { value, body: bytes } = await answer({
    params: JSON.parse(JSON.stringify(params)),
    body,
    signal,
  });
  return (bytes ?? value) as T;
}

/** Asserts that a call is refused with this code. */
export function refuses(code: CapabilityCode, call: Promise<unknown>): Promise<void> {
  return assert.rejects(
    call,
    (error) => error instanceof CapabilityError && (assert.equal(error.code, code), true),
  );
}

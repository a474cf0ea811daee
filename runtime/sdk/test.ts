import type { Context } from "./context.ts";

/**
 * Registers a test for `writ test`, which runs it in a cell under the script's own rights. It fails
 * when the function throws; `node:assert/strict` is there to help.
 *
 * @param fn Gets a real context; what only an agent has (a store, peers) is not in it.
 */
export declare function test(name: string, fn: (ctx: Context) => void | Promise<void>): void;

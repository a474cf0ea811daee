import * as v from "valibot";
import type { ScriptName } from "../core/documents/common.ts";
import { MB } from "../core/limits.ts";
import { CapabilityError } from "../sandbox/mod.ts";
import { type Capability, type Method, readParams } from "./capability.ts";

/** Bounds of what one script may schedule. */
export const SCHEDULE_LIMITS = {
  /** Runs of one script that have not ended. */
  RUNS: 1_000,
  /** Their orders together, as they are stored. */
  BYTES: 4 * MB,
  /** How far ahead. */
  AHEAD_MS: 366 * 86_400_000,
} as const;

/** A run that a script asks for. */
export interface Wake {
  /** Not before, milliseconds since the epoch. */
  readonly at: number;
  /** JSON. */
  readonly input: unknown;
  /** Runs with the same key go one after another; one that has not begun is replaced. */
  readonly key?: string;
}

/** What scheduling needs of the agent. */
export interface Wakes {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Resolves when it is on disk.
   *
   * @param version Of the script that asks; whatever is accepted then will run.
   * @throws {CapabilityError} quota – as {@linkcode requireScheduleRoom} does
   */
  set(script: ScriptName, version: string, wake: Wake): Promise<{ id: string }>;
  /** @returns whether there was one that had not begun. */
  delete(script: ScriptName, key: string): Promise<boolean>;
}

const keySchema = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const setSchema = v.strictObject({
  at: v.pipe(v.number(), v.finite()),
  input: v.unknown(),
  key: v.optional(keySchema),
});
const deleteSchema = v.strictObject({ key: keySchema });

/**
 * That one script has no more scheduled than it may: what it asks for itself, without a grant, must
 * not fill the memory and the disk of others.
 *
 * @param scheduled Runs that have not ended, the new one included.
 * @throws {CapabilityError} quota – it has
 */
export function requireScheduleRoom(scheduled: { runs: number; bytes: number }): void {
  const { RUNS, BYTES } = SCHEDULE_LIMITS;
  if (scheduled.runs <= RUNS && scheduled.bytes <= BYTES) return;
  const message = `Cannot schedule more than ${RUNS} runs, of ${BYTES} bytes together`;
  throw new CapabilityError("quota", message);
}

/** Durable wake-ups of one script: each becomes a run, once, and is asked everything any run is. */
export function scheduleCapability(
  wakes: Wakes,
  script: ScriptName,
  version: string,
): Capability {
  return {
    name: "schedule",
    shown: {},
    methods: new Map<string, Method>([
      ["schedule.set", async ({ params }) => {
        const { at, input, key } = readParams(setSchema, params);
        if (at > wakes.now() + SCHEDULE_LIMITS.AHEAD_MS) {
          throw new CapabilityError("invalid", "Cannot schedule more than 366 days ahead");
        }
        const wake = { at: Math.max(0, Math.ceil(at)), input, ...(key !== undefined && { key }) };
        return { value: await wakes.set(script, version, wake) };
      }],
      ["schedule.delete", async ({ params }) => {
        return { value: await wakes.delete(script, readParams(deleteSchema, params).key) };
      }],
    ]),
  };
}

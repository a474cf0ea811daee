import type { Digest, ScriptName } from "../../core/documents/common.ts";
import type { Gate } from "./gate.ts";

/** What is rolled out. */
export type RolloutSubject =
  /** A script's version: each ring is ordered to run it. */
  | {
    readonly kind: "script";
    readonly script: ScriptName;
    readonly version: string;
    /** The version that is ordered when the rollout is taken back. */
    readonly before: string | null;
    readonly input: unknown;
  }
  /** An accept-list: a ring is told of it when it is its turn. */
  | { readonly kind: "list"; readonly version: number; readonly digest: Digest }
  /** A program: agents of a ring become it when it is their turn. */
  | {
    readonly kind: "release";
    readonly number: number;
    readonly version: string;
    readonly deno: string;
  };

/** Where a rollout stands. */
const ROLLOUT_STATES = [
  "running",
  /** By a person; nothing goes on until one says so. */
  "paused",
  /** By the gate or by a person. */
  "halted",
  /** Every ring has passed. */
  "done",
  /** What was reached was ordered to go back. */
  "returned",
] as const;

export type RolloutState = typeof ROLLOUT_STATES[number];

/** Why agents of a ring did badly: the code of a refusal, or how their runs ended. */
export interface BadReason {
  readonly code: string;
  readonly count: number;
}

/** A ring as it is shown. */
export interface RingStatus {
  readonly name: string;
  readonly size: number;
  readonly good: number;
  readonly bad: number;
  readonly waiting: number;
  /** Of those who did badly, the most frequent first. */
  readonly reasons: readonly BadReason[];
  readonly started: number | null;
  readonly passed: number | null;
  /** By which the ring was told to run the script. */
  readonly order: string | null;
}

/** A rollout as it is shown. */
export interface Rollout {
  readonly id: string;
  readonly subject: RolloutSubject;
  readonly state: RolloutState;
  /** Why it halted. */
  readonly reason: string | null;
  readonly gate: Gate;
  readonly who: string;
  readonly created: number;
  readonly updated: number;
  readonly rings: readonly RingStatus[];
  /** How those do that were ordered to go back, when it was taken back. */
  readonly back: { order: string; size: number; good: number; bad: number } | null;
}

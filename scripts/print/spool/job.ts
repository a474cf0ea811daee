/**
 * Where a job is. `incoming` waits for its document; `in doubt` came to a printer that cannot say
 * whether it printed, and waits for a person. The last three are ends.
 */
export type JobState =
  | "incoming"
  | "held"
  | "pending"
  | "processing"
  | "in doubt"
  | "completed"
  | "aborted"
  | "canceled";

/** Which state may follow which; docs/printing.md has the same table in words. */
export const NEXT_STATES: Readonly<Record<JobState, readonly JobState[]>> = {
  incoming: ["held", "pending", "aborted", "canceled"],
  held: ["pending", "aborted", "canceled"],
  pending: ["held", "processing", "aborted", "canceled"],
  processing: ["pending", "in doubt", "completed", "aborted", "canceled"],
  "in doubt": ["pending", "completed", "canceled"],
  completed: [],
  aborted: [],
  canceled: [],
};

/**
 * How far a job came on its way to its target. Each phase is on disk before its request is sent, so
 * that after a crash it is known what can have reached the printer: no document before `sending`.
 */
export interface Delivery {
  readonly phase: "creating" | "created" | "sending" | "sent";
  /** `create`: Create-Job, then Send-Document. `print`: Print-Job. `agent`: an order. */
  readonly how: "create" | "print" | "agent";
  /** Since when, milliseconds since 1970. */
  readonly at: number;
  /** The job's id there, once it is known. */
  readonly job?: number;
  /** Where to, as {@linkcode placeOf} calls it: an admin may lead the queue elsewhere meanwhile. */
  readonly to?: string;
}

/** Whether there may be paper of a job that came so far. */
export function mayHavePrinted({ phase, how }: Delivery): boolean {
  return phase === "sending" || phase === "sent" || how !== "create";
}

/** A document that was kept. */
export interface Kept {
  readonly sha256: string;
  readonly length: number;
}

/** One job, as it stands in the store: JSON. */
export interface Job {
  /** Never used twice on one agent. */
  readonly id: number;
  /** What it is known by on every agent and printer it passes. */
  readonly uuid: string;
  readonly queue: string;
  readonly user: string;
  readonly name: string;
  readonly state: JobState;
  /** `job-state-reasons`; empty is `none`. */
  readonly reasons: readonly string[];
  /** For people. */
  readonly message: string;
  /** Its place in the queue, from when it became pending; the lowest prints first. */
  readonly turn: number;
  readonly created: number;
  readonly began: number | null;
  readonly ended: number | null;
  /** When a held job becomes pending, milliseconds since 1970; `null`: when it is released. */
  readonly until: number | null;
  readonly format: string;
  readonly document: Kept | null;
  /** What the job asked for, an IPP message in Base64. */
  readonly template: string;
  readonly copies: number;
  /** Whether it must be printed as asked or not at all. */
  readonly fidelity: boolean;
  /** Printed sides, where the printer counts. */
  readonly pages: number | null;
  readonly delivery: Delivery | null;
  /** Times that it was begun. */
  readonly attempts: number;
  /** Someone wants it to end while the printer has it. */
  readonly canceling: boolean;
}

/** Whether nothing more happens to a job. */
export function isOver(job: Job): boolean {
  return NEXT_STATES[job.state].length === 0;
}

/** `job-state` of each state (RFC 8011, "job-state"). */
export const IPP_STATE: Readonly<Record<JobState, number>> = {
  incoming: 4,
  held: 4,
  pending: 3,
  processing: 5,
  "in doubt": 4,
  canceled: 7,
  aborted: 8,
  completed: 9,
};

import type { VerificationCode } from "./errors.ts";

/** How a run ended. Closed: a consumer that switches over `outcome` has seen everything. */
export type Outcome =
  | { outcome: "ok"; result: unknown }
  | { outcome: "script_error"; detail: { name: string; message: string; stack?: string } }
  | { outcome: "denied"; detail: { permission: string; value: string; message: string } }
  | { outcome: "cpu"; detail: { limitMs: number } }
  | { outcome: "wall"; detail: { reason: "deadline" | "idle" | "unresponsive"; limitMs: number } }
  | { outcome: "memory"; detail: { kind: "heap" | "native"; limitBytes: number } }
  | { outcome: "output"; detail: { limitBytes: number } }
  | { outcome: "protocol"; detail: { message: string } }
  | { outcome: "exited"; detail: { code: number } | { signal: string } }
  | { outcome: "cancelled"; detail: { reason: string } }
  | { outcome: "refused"; detail: { rule: VerificationCode | RefusalCode; message: string } }
  | { outcome: "interrupted"; detail: { reason: string } };

const ENDS: Record<Outcome["outcome"], true> = {
  ok: true,
  script_error: true,
  denied: true,
  cpu: true,
  wall: true,
  memory: true,
  output: true,
  protocol: true,
  exited: true,
  cancelled: true,
  refused: true,
  interrupted: true,
};
/** Every way in which a run ends; one that {@linkcode Outcome} gets belongs here, too. */
export const OUTCOMES = Object.keys(ENDS) as readonly Outcome["outcome"][];

/** Refusals that are not about a document but about this node. */
export type RefusalCode =
  /** The grant demands a higher isolation level than this node has. */
  | "isolation_level"
  /** The cell could not be started on this node. */
  | "cell_start"
  /** A document that the order names is not among the stored blobs, or is spoilt. */
  | "attachment_missing"
  /** The script's limit of simultaneous runs, or the node's, is reached. */
  | "busy";

/** What a run cost. */
export interface Figures {
  cpuMs: number;
  wallMs: number;
  /** What the run added over the empty cell. */
  peakBytes: number;
  /** Result, logs, events and stderr together. */
  outputBytes: number;
  /** Calls on the agent, absent when there was none. */
  calls?: number;
  /** Bytes that went with them, both ways. */
  callBytes?: number;
  /** Isolation level the cell ran at. */
  level: 0 | 1 | 2 | 3;
  /** Processor time and memory are of the whole live cell meanwhile, so of the run at most. */
  shared?: true;
}

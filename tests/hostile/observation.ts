import type { CanaryHits } from "./canaries.ts";
import type { ProcessFigures } from "./proc.ts";

/** What was seen of an attack whose protection was off. */
export interface Observation {
  /** What the script answered, as far as whoever ran it believed it. */
  readonly result?: unknown;
  /** The error or outcome it ended with instead, for people. */
  readonly failure?: unknown;
  /** The naive host's `Object.prototype` has grown. */
  readonly polluted?: boolean;
  /** How its process ended, if it did before it was ended. */
  readonly exit?: Deno.CommandStatus;
  readonly process: ProcessFigures;
  /** Bytes that came out of the process by any way. */
  readonly outputBytes: number;
  readonly wallMs: number;
  /** Processor time used after the script had been told to end. */
  readonly cpuAfterEndMs: number;
  readonly hits: CanaryHits;
}

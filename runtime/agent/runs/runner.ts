import type { Limits, Permissions } from "../../core/documents/grant.ts";
import type { RunReport, RunRequest } from "../../sandbox/mod.ts";

/** What carries out a run. The sandbox in earnest; something smaller in tests. */
export interface Runner {
  /** The isolation level every run gets on this node. */
  level(): Promise<0 | 1 | 2 | 3>;
  /** Runs a verified module. Does not reject for anything the script does. */
  run(
    grant: { permissions: Permissions; limits: Limits },
    request: RunRequest,
  ): Promise<RunReport>;
  /** How many cells there are, ready ones among them; absent where runs need none. */
  cells?(): number;
  /** Ends everything that still runs. */
  close(): Promise<void>;
}

import type { Limits, Permissions } from "../../core/documents/grant.ts";
import type {
  CallRequest,
  CellFetch,
  CellModule,
  CellResponse,
  RunEvent,
  RunReport,
  RunRequest,
} from "../../sandbox/mod.ts";

/** What bounds one cell. */
export interface CellBounds {
  readonly permissions: Permissions;
  readonly limits: Limits;
  /** A directory of the agent's that the script may read and write. */
  readonly scratch?: string;
  /** So seldom needed that no empty cell is kept ready for the next call. */
  readonly rare?: boolean;
}

/** A cell that serves more than one call: one after another, or, when it is live, many at once. */
export interface KeptCell {
  call(request: CallRequest): Promise<RunReport>;
  /** @throws {FetchFailed} – the script ended before it said anything */
  fetch(request: CellFetch): Promise<CellResponse>;
  readonly alive: boolean;
  /** Memory over what it had after its first answer. */
  readonly grownBytes: number;
  /** Resolves when the cell is gone; of a live one alone. */
  readonly ended?: Promise<unknown> | undefined;
  close(): void;
}

/** What carries out a run. The sandbox in earnest; something smaller in tests. */
export interface Runner {
  /** The isolation level every run gets on this node. */
  level(): Promise<0 | 1 | 2 | 3>;
  /** Runs a verified module. Does not reject for anything the script does. */
  run(bounds: CellBounds, request: RunRequest): Promise<RunReport>;
  /** Answers one request in a cell of its own; absent where scripts have no endpoints. */
  fetch?(bounds: CellBounds, module: CellModule, request: CellFetch): Promise<CellResponse>;
  /**
   * Starts a cell that is kept; absent where every call gets its own.
   *
   * @param onEvent Told what a live script says that belongs to no call.
   */
  keep?(
    bounds: CellBounds,
    module: CellModule,
    life: "warm" | "live",
    onEvent: (event: RunEvent) => void,
  ): Promise<KeptCell>;
  /** Who the cells are, when it is not who the agent is. */
  user?(): Promise<number | undefined>;
  /** How many cells there are, ready ones among them; absent where runs need none. */
  cells?(): number;
  /** Ends everything that still runs. */
  close(): Promise<void>;
}

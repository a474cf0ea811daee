import type { Figures } from "../core/outcome.ts";
import type { Cell } from "./cell.ts";
import { CALL_BOUNDS, type CallBounds } from "./capability_host.ts";
import { type CellFetch, type CellResponse, DEFAULT_FETCH_LIMITS } from "./cell_fetch.ts";
import { FetchTask } from "./fetch_task.ts";
import { Meter } from "./meter.ts";
import { Run } from "./run.ts";
import type { CallRequest, CellModule, RunReport } from "./run_request.ts";
import { CellSession } from "./session.ts";
import type { CellGrant } from "./spawn_vector.ts";

/** A cell with one module in it, which never serves another, and answers one thing at a time. */
export class LoadedScript {
  readonly #session: CellSession;
  readonly #grant: CellGrant;
  readonly #level: Figures["level"];
  readonly #bounds: CallBounds;
  #uses = 0;
  #busy = false;

  constructor(
    cell: Cell,
    grant: CellGrant,
    level: Figures["level"],
    module: CellModule,
    bounds: CallBounds = CALL_BOUNDS,
  ) {
    this.#grant = grant;
    this.#level = level;
    this.#bounds = bounds;
    const { limits } = grant;
    this.#session = new CellSession(cell, { limits, level, module, shared: false, bounds });
  }

  /**
   * Calls the script's `run`. The cell ends with any outcome but `ok`, `script_error`, and a
   * `cancelled` that the script has bowed to.
   *
   * @throws {RangeError} while it answers something else
   */
  async call(request: CallRequest): Promise<RunReport> {
    this.#take();
    try {
      const { limits } = this.#grant;
      const meter = new Meter(limits, this.#level);
      const id = this.#session.nextId();
      const run = new Run(id, this.#session, meter, request, limits.wallMs);
      this.#session.begin(run);
      return await run.report;
    } finally {
      this.#busy = false;
    }
  }

  /**
   * Hands a request to the script's `fetch`. The cell is busy until the response's `report` is
   * out, and ends as for {@linkcode LoadedScript.call}.
   *
   * @throws {FetchFailed} when it ends before the script has said status and headers
   * @throws {RangeError} while it answers something else
   */
  async fetch(request: CellFetch): Promise<CellResponse> {
    this.#take();
    const limits = { ...DEFAULT_FETCH_LIMITS, ...request.limits };
    const meter = new Meter(this.#grant.limits, this.#level);
    const id = this.#session.nextId();
    const task = new FetchTask(id, this.#session, meter, request, limits, this.#bounds);
    task.report.then(() => this.#busy = false);
    this.#session.begin(task);
    return await task.response;
  }

  /** Whether the cell can take another call. */
  get alive(): boolean {
    return this.#session.end === undefined;
  }

  /** How often it was called. */
  get uses(): number {
    return this.#uses;
  }

  /** Memory that the cell has by now over what it had after its first answer. */
  get grownBytes(): number {
    return this.#session.load.grownBytes;
  }

  /** Ends the cell. */
  close(): void {
    this.#session.close();
  }

  #take(): void {
    if (this.#busy) throw new RangeError("Cannot call a script while it answers another call");
    this.#busy = true;
    this.#uses++;
  }
}

import type { Figures } from "../core/outcome.ts";
import type { Cell } from "./cell.ts";
import { encodeFrame, TO_CELL } from "./frame.ts";
import { type CellHistory, Run } from "./run.ts";
import type { CallRequest, CellModule, RunReport } from "./run_request.ts";
import type { CellGrant } from "./spawn_vector.ts";

/** A cell with one module in it, which never serves another. */
export class LoadedScript {
  readonly #cell: Cell;
  readonly #grant: CellGrant;
  readonly #level: Figures["level"];
  readonly #history: CellHistory;
  #calls = 0;
  #busy = false;

  constructor(cell: Cell, grant: CellGrant, level: Figures["level"], module: CellModule) {
    this.#cell = cell;
    this.#grant = grant;
    this.#level = level;
    this.#history = { blob: "", scriptUrl: module.scriptUrl };
    cell.send(encodeFrame(TO_CELL.LOAD, module.javascript));
  }

  /**
   * Calls the script's `run`. Any outcome but `ok` and `script_error` ends the cell.
   *
   * @throws {RangeError} while another call is under way
   */
  async call(request: CallRequest): Promise<RunReport> {
    if (this.#busy) throw new RangeError("Cannot call a script while it answers another call");
    this.#busy = true;
    try {
      const run = new Run(this.#cell, this.#history, this.#grant.limits, this.#level, request);
      run.start(++this.#calls);
      const report = await run.report;
      const { outcome } = report.outcome;
      if (outcome !== "ok" && outcome !== "script_error") this.close();
      return report;
    } finally {
      this.#busy = false;
    }
  }

  /** Whether the cell can take another call. */
  get alive(): boolean {
    return !this.#cell.ended;
  }

  /** Ends the cell. */
  close(): void {
    this.#cell.kill();
  }
}

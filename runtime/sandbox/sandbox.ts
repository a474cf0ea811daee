import { calibrate } from "./calibrate.ts";
import { Cell } from "./cell.ts";
import type { CellFetch, CellResponse } from "./cell_fetch.ts";
import { CellError } from "./errors.ts";
import { detectHost, type Host } from "./host.ts";
import { type LiveOptions, LiveScript } from "./live_script.ts";
import { LoadedScript } from "./loaded_script.ts";
import { CellPool } from "./pool.ts";
import type { CellModule, RunReport, RunRequest } from "./run_request.ts";
import { type CellGrant, spawnVector } from "./spawn_vector.ts";

/** How {@linkcode Sandbox.open} prepares. */
export interface SandboxOptions {
  /** Booted, empty cells kept ready for each of the grants used last. Default: 0. */
  prewarm?: number;
  /** What {@linkcode detectHost} found, to save finding it again. */
  host?: Host;
}

/**
 * Runs modules in cells. A module comes here verified; what bounds it from here on is its cell.
 *
 * @example
 * ```ts
 * import { DEFAULT_LIMITS } from "../core/documents/grant.ts";
 * import { NO_RIGHTS } from "./spawn_vector.ts";
 * import { Sandbox } from "./sandbox.ts";
 *
 * await using sandbox = await Sandbox.open();
 * const { outcome } = await sandbox.run({ rights: NO_RIGHTS, limits: DEFAULT_LIMITS }, {
 *   javascript: "export default { run: (n) => n + 1 }",
 *   scriptUrl: "script://example/increment@1.0.0",
 *   input: 1,
 * });
 * if (outcome.outcome !== "ok" || outcome.result !== 2) throw new Error("not run");
 * ```
 */
export class Sandbox implements AsyncDisposable {
  readonly host: Host;
  readonly #baseline: number;
  readonly #pool: CellPool;
  readonly #cells = new Set<Cell>();
  readonly #scripts = new Set<LoadedScript | LiveScript>();
  #closed = false;

  private constructor(host: Host, baseline: number, prewarm: number) {
    this.host = host;
    this.#baseline = baseline;
    this.#pool = new CellPool(prewarm, (vector) => this.#spawn(vector));
  }

  /**
   * Finds the isolation level and measures an empty cell.
   *
   * @throws {CellError} no_deno – the Deno binary cannot be run by the cells' user
   * @throws {CellError} calibration – the empty cell could not be measured
   */
  static async open(options: SandboxOptions = {}): Promise<Sandbox> {
    const host = options.host ?? await detectHost();
    return new Sandbox(host, await calibrate(host), options.prewarm ?? 0);
  }

  /** Isolation level of every cell, see `doctor`. */
  get level(): Host["level"] {
    return this.host.level;
  }

  /** How many cells there are, ready ones among them. */
  get cells(): number {
    return this.#cells.size;
  }

  /**
   * Runs a module once in a cell of its own. Resolves whatever the script does; the cell is gone
   * or going when it does.
   *
   * @throws {CellError} closed – after {@linkcode close}
   */
  async run(grant: CellGrant, request: RunRequest): Promise<RunReport> {
    const script = this.#load(grant, request, true);
    try {
      return await script.call(request);
    } finally {
      script.close();
      // Once the report is out: starting a process keeps this thread for milliseconds.
      setTimeout(() => this.#pool.refill(), 0);
    }
  }

  /**
   * Hands one request to a module's `fetch` in a cell of its own, which ends with the response's
   * `report`.
   *
   * @throws {FetchFailed} when it ends before the script has said status and headers
   * @throws {CellError} closed – after {@linkcode close}
   */
  async fetch(grant: CellGrant, module: CellModule, request: CellFetch): Promise<CellResponse> {
    const script = this.#load(grant, module, true);
    const end = () => {
      script.close();
      setTimeout(() => this.#pool.refill(), 0);
    };
    try {
      const response = await script.fetch(request);
      response.report.then(end);
      return response;
    } catch (error) {
      end();
      throw error;
    }
  }

  /**
   * Loads a module into a cell that serves one call after another, for the `warm` life.
   *
   * @throws {CellError} closed – after {@linkcode close}
   */
  load(grant: CellGrant, module: CellModule): LoadedScript {
    return this.#load(grant, module, false);
  }

  /**
   * Loads a module into a cell that serves many calls and requests at a time, for the `live` life.
   *
   * @throws {CellError} closed – after {@linkcode close}
   */
  live(grant: CellGrant, module: CellModule, options?: LiveOptions): LiveScript {
    // The one cell that serves them all: no other one is to wait for the next call.
    const cell = this.#take({ ...grant, rare: true }, false);
    return this.#keep(cell, new LiveScript(cell, grant, this.level, module, options));
  }

  /** Boots cells for a grant ahead of its first run. Resolves when they are ready. */
  async prewarm(grant: CellGrant): Promise<void> {
    await this.#pool.fill(spawnVector(this.host, grant, this.#baseline, true));
  }

  /** Ends every cell and waits until each is reaped. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#pool.close();
    const cells = [...this.#cells];
    for (const script of this.#scripts) script.close();
    for (const cell of cells) cell.kill();
    await Promise.all(cells.map((cell) => cell.closed));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #load(grant: CellGrant, module: CellModule, fresh: boolean): LoadedScript {
    const cell = this.#take(grant, fresh);
    return this.#keep(cell, new LoadedScript(cell, grant, this.level, module));
  }

  #keep<Script extends LoadedScript | LiveScript>(cell: Cell, script: Script): Script {
    this.#scripts.add(script);
    cell.closed.finally(() => this.#scripts.delete(script));
    return script;
  }

  #take(grant: CellGrant, fresh: boolean): Cell {
    if (this.#closed) throw new CellError("closed", "Cannot start a cell as the sandbox is closed");
    const vector = spawnVector(this.host, grant, this.#baseline, fresh);
    return grant.rare ? this.#spawn(vector) : this.#pool.take(vector);
  }

  #spawn(vector: Parameters<CellPool["take"]>[0]): Cell {
    const cell = new Cell(vector);
    this.#cells.add(cell);
    cell.closed.finally(() => this.#cells.delete(cell));
    return cell;
  }
}

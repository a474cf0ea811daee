import type { Figures, Outcome } from "../core/outcome.ts";
import { CALL_BOUNDS, type CallBounds } from "./capability_host.ts";
import type { Cell } from "./cell.ts";
import {
  type CellFetch,
  type CellResponse,
  DEFAULT_FETCH_LIMITS,
  FetchFailed,
} from "./cell_fetch.ts";
import { FetchTask } from "./fetch_task.ts";
import { Meter } from "./meter.ts";
import { Run } from "./run.ts";
import type { CallRequest, CellModule, RunEvent, RunReport } from "./run_request.ts";
import { CellSession } from "./session.ts";
import type { CellGrant } from "./spawn_vector.ts";

/** What a {@linkcode LiveScript} may be given. */
export interface LiveOptions {
  /** What the script says that belongs to no request: `console`, and errors that nobody caught. */
  onEvent?(event: RunEvent): void;
  /** Default: {@linkcode CALL_BOUNDS}. */
  readonly bounds?: CallBounds;
}

/**
 * A cell with one module in it that answers many runs and requests at a time, for the `live` life.
 *
 * Time, output and bodies are bounded for each of them, and who passes these bounds ends alone.
 * Memory is bounded for the cell, processor time too: as much as the grant gives one run, in as
 * much time as it gives one run, again and again. A cell that passes these, says what it cannot
 * say, or ends by itself, takes all that is under way with it, each with that outcome. Processor time
 * and memory of one run cannot be told apart: its figures are the cell's meanwhile.
 */
export class LiveScript {
  /** How the cell ended, once it has. Never rejects. */
  readonly ended: Promise<Outcome>;
  readonly #session: CellSession;
  readonly #grant: CellGrant;
  readonly #level: Figures["level"];
  readonly #bounds: CallBounds;

  constructor(
    cell: Cell,
    grant: CellGrant,
    level: Figures["level"],
    module: CellModule,
    { bounds = CALL_BOUNDS, onEvent }: LiveOptions = {},
  ) {
    this.#grant = grant;
    this.#level = level;
    this.#bounds = bounds;
    this.#session = new CellSession(cell, {
      limits: grant.limits,
      level,
      module,
      shared: true,
      bounds,
      ...(onEvent ? { onEvent } : {}),
    });
    this.ended = this.#session.ended;
  }

  /** Calls the script's `run`. */
  async call(request: CallRequest): Promise<RunReport> {
    const { limits } = this.#grant;
    const run = new Run(
      this.#session.nextId(),
      this.#session,
      this.#meter(),
      request,
      limits.wallMs,
    );
    this.#session.begin(run);
    return await run.report;
  }

  /**
   * Hands a request to the script's `fetch`.
   *
   * @throws {FetchFailed} when it ends before the script has said status and headers; as `busy`
   * where there are too many already
   */
  async fetch(request: CellFetch): Promise<CellResponse> {
    const limits = { ...DEFAULT_FETCH_LIMITS, ...request.limits };
    if (this.#session.underWay >= limits.concurrent) throw this.#busy(limits.concurrent);
    const task = new FetchTask(
      this.#session.nextId(),
      this.#session,
      this.#meter(),
      request,
      limits,
      this.#bounds,
    );
    this.#session.begin(task);
    return await task.response;
  }

  /** Whether the cell takes runs and requests. */
  get alive(): boolean {
    return this.#session.end === undefined;
  }

  /** Runs and requests under way. */
  get underWay(): number {
    return this.#session.underWay;
  }

  /** Memory that the cell has by now over what it had after its first answer. */
  get grownBytes(): number {
    return this.#session.load.grownBytes;
  }

  /** Ends the cell, and all that is under way as `interrupted`. */
  close(): void {
    this.#session.close();
  }

  #meter(): Meter {
    return new Meter(this.#grant.limits, this.#level, true);
  }

  #busy(most: number): FetchFailed {
    const message = `Cannot take the request as ${most} are under way`;
    const outcome: Outcome = { outcome: "refused", detail: { rule: "busy", message } };
    return new FetchFailed({ outcome, figures: this.#meter().figures() });
  }
}

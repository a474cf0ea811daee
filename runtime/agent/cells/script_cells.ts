import { canonicalText } from "../../core/canonical_json.ts";
import type { ScriptName } from "../../core/documents/common.ts";
import { serveSettings } from "../../core/documents/serve.ts";
import type { Authorized, Permitted } from "../../core/verification/authorize_run.ts";
import { scriptNameOf } from "../../core/verification/manifest.ts";
import type {
  CallRequest,
  CellFetch,
  CellModule,
  CellResponse,
  RunEvent,
  RunReport,
} from "../../sandbox/mod.ts";
import type { Log } from "../log.ts";
import type { CellBounds, Runner } from "./runner.ts";
import { HousedCell } from "./housed_cell.ts";
import type { Lending, LentTo } from "./lending.ts";
import { LiveCell } from "./live_cell.ts";
import type { ScriptWords } from "./script_words.ts";
import { WarmCells } from "./warm_cells.ts";

/** How long a run, and a request, waits for a live cell that has just broken. */
const RUN_PATIENCE_MS = 30_000;
const FETCH_PATIENCE_MS = 2_000;

/** What {@linkcode ScriptCells} work with. */
export interface ScriptCellsOptions {
  runner: Runner;
  lending: Lending;
  /** Takes what a live script says of its own accord. */
  words: Pick<ScriptWords, "heard">;
  log: Log;
}

/** A request without what the agent adds. */
export type ScriptFetch = Omit<CellFetch, "limits" | "capabilities" | "facts">;

/** The cells that are kept of one module under one grant. */
interface Kept {
  readonly authorized: Authorized;
  readonly warm: WarmCells<HousedCell>;
  readonly live: LiveCell<HousedCell>;
}

/**
 * The cells of all scripts, and what each is lent. A fresh script has a cell for each call, a warm
 * one cells that serve one call after another, a live one a single cell for all.
 */
export class ScriptCells {
  readonly #options: ScriptCellsOptions;
  readonly #kept = new Map<ScriptName, Map<string, Kept>>();

  constructor(options: ScriptCellsOptions) {
    this.#options = options;
  }

  /** Runs an authorized module for a run that has begun, in a cell as its life wants it. */
  async run(authorized: Authorized, run: LentTo, call: CallRequest): Promise<RunReport> {
    const life = this.#lifeOf(authorized);
    if (life === "fresh") return await this.#runFresh(authorized, run, call);
    const kept = this.#keptFor(authorized);
    const { lending } = this.#options;
    const calling = async (cell: HousedCell) => {
      const lent = await lending.lend(authorized, run, cell.dir, call.onEvent);
      return await cell.call({ ...call, ...lent });
    };
    if (life === "live") {
      return await kept.live.use((cell) => {
        const report = calling(cell);
        return Promise.resolve({ result: report, done: report });
      }, RUN_PATIENCE_MS);
    }
    const { cell, release } = await kept.warm.take();
    try {
      return await calling(cell);
    } finally {
      release();
    }
  }

  /**
   * Hands a request to an authorized module's `fetch`.
   *
   * @throws {FetchFailed} – the script ended before it said anything
   * @throws {StartsLater} – its live cell has broken, and its next start is not due
   */
  async fetch(authorized: Authorized, request: ScriptFetch): Promise<CellResponse> {
    const life = this.#lifeOf(authorized);
    const { bodyBytes, idleMs, wallMs, requests } = serveSettings(authorized.grant.serve);
    const limits = { bodyBytes, idleMs, wallMs, concurrent: requests };
    if (life === "fresh") return await this.#fetchFresh(authorized, { ...request, limits });
    const kept = this.#keptFor(authorized);
    const { lending } = this.#options;
    const asking = async (cell: HousedCell) =>
      await cell.fetch({ ...request, limits, ...await lending.lend(authorized, null, cell.dir) });
    if (life === "live") {
      return await kept.live.use(async (cell) => {
        const response = await asking(cell);
        return { result: response, done: response.report };
      }, FETCH_PATIENCE_MS);
    }
    const { cell, release } = await kept.warm.take();
    try {
      const response = await asking(cell);
      response.report.finally(release);
      return response;
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * Ends at once the cells that may not go on.
   *
   * @param again What a module is permitted now; nothing when it may not run any more.
   */
  recheck(again: (authorized: Authorized) => Permitted | undefined): void {
    for (const versions of this.#kept.values()) {
      for (const [key, { authorized, warm, live }] of versions) {
        const now = again(authorized);
        if (now && keyOf(now) === key) continue;
        versions.delete(key);
        warm.retire();
        live.close();
      }
    }
  }

  /** Lets every cell go. */
  close(): void {
    this.recheck(() => undefined);
  }

  #lifeOf({ manifest }: Authorized): "fresh" | "warm" | "live" {
    return this.#options.runner.keep ? manifest.life : "fresh";
  }

  async #runFresh(authorized: Authorized, run: LentTo, call: CallRequest): Promise<RunReport> {
    const { runner, lending } = this.#options;
    await using scratch = await lending.scratch(authorized);
    return await runner.run(boundsOf(authorized, scratch?.path), {
      ...moduleOf(authorized),
      ...call,
      ...await lending.lend(authorized, run, scratch?.path, call.onEvent),
      ...(scratch && { signal: anyOf(call.signal, scratch.full) }),
    });
  }

  async #fetchFresh(
    authorized: Authorized,
    request: Omit<CellFetch, "capabilities" | "facts">,
  ): Promise<CellResponse> {
    const { runner, lending } = this.#options;
    if (!runner.fetch) throw new TypeError("Cannot serve requests without cells");
    const scratch = await lending.scratch(authorized);
    const forget = () => scratch?.[Symbol.asyncDispose]();
    try {
      const response = await runner.fetch(
        boundsOf(authorized, scratch?.path),
        moduleOf(authorized),
        {
          ...request,
          ...await lending.lend(authorized, null, scratch?.path),
          ...(scratch && { signal: anyOf(request.signal, scratch.full) }),
        },
      );
      response.report.finally(forget);
      return response;
    } catch (error) {
      await forget();
      throw error;
    }
  }

  /** A newer version, or another grant, takes the place of what there was; that may finish. */
  #keptFor(authorized: Authorized): Kept {
    const script = scriptNameOf(authorized.manifest);
    const versions = this.#kept.get(script) ?? new Map<string, Kept>();
    this.#kept.set(script, versions);
    const key = keyOf(authorized);
    const known = versions.get(key);
    if (known) return known;
    for (const [old, { warm, live }] of versions) {
      versions.delete(old);
      warm.retire();
      live.retire();
    }
    const kept = {
      authorized,
      warm: new WarmCells(() => this.#start(authorized, "warm"), authorized.limits),
      live: new LiveCell(() => this.#start(authorized, "live")),
    };
    versions.set(key, kept);
    return kept;
  }

  async #start(authorized: Authorized, life: "warm" | "live"): Promise<HousedCell> {
    const { runner, lending, words, log } = this.#options;
    const script = scriptNameOf(authorized.manifest);
    const scratch = await lending.scratch(authorized);
    const bounds = boundsOf(authorized, scratch?.path);
    const onEvent = (event: RunEvent) => words.heard(authorized.manifest, event);
    const cell = await runner.keep!(bounds, moduleOf(authorized), life, onEvent);
    log("info", "cell started", { script, life });
    return new HousedCell(cell, scratch);
  }
}

/** The module as a cell takes it. */
function moduleOf({ manifest, javascript }: Authorized): CellModule {
  return { javascript, scriptUrl: `script://${scriptNameOf(manifest)}@${manifest.version}` };
}

function boundsOf({ grant: { permissions }, limits }: Authorized, scratch?: string): CellBounds {
  return { permissions, limits, ...(scratch !== undefined && { scratch }) };
}

/** All that a kept cell was started by: when any of it is another, so must be the cell. */
function keyOf({ grant, limits, manifest }: Permitted): string {
  return canonicalText([manifest, grant, limits]);
}

function anyOf(...signals: (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}

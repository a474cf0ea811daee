import type { Authorized } from "../../core/verification/authorize_run.ts";
import { scriptNameOf } from "../../core/verification/manifest.ts";
import type { CallRequest, CellModule, RunReport } from "../../sandbox/mod.ts";
import type { Log } from "../log.ts";
import type { Runner } from "../runs/runner.ts";
import type { Lending, LentTo } from "./lending.ts";

/** What {@linkcode ScriptCells} work with. */
export interface ScriptCellsOptions {
  runner: Runner;
  lending: Lending;
  log: Log;
}

/** The cells of all scripts, and what each is lent. */
export class ScriptCells {
  readonly #options: ScriptCellsOptions;

  constructor(options: ScriptCellsOptions) {
    this.#options = options;
  }

  /** Runs an authorized module for a run that has begun, in a cell as its life wants it. */
  async run(authorized: Authorized, run: LentTo, call: CallRequest): Promise<RunReport> {
    return await this.#runFresh(authorized, run, call);
  }

  async #runFresh(authorized: Authorized, run: LentTo, call: CallRequest): Promise<RunReport> {
    const { runner, lending } = this.#options;
    const { grant: { permissions }, limits } = authorized;
    await using scratch = await lending.scratch(authorized);
    const bounds = { permissions, limits, ...(scratch && { scratch: scratch.path }) };
    return await runner.run(bounds, {
      ...moduleOf(authorized),
      ...call,
      ...lending.lend(authorized, run, scratch?.path),
      ...(scratch && call.signal && { signal: AbortSignal.any([call.signal, scratch.full]) }),
    });
  }
}

/** The module as a cell takes it. */
export function moduleOf({ manifest, javascript }: Authorized): CellModule {
  return { javascript, scriptUrl: `script://${scriptNameOf(manifest)}@${manifest.version}` };
}

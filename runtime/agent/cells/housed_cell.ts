import type { Scratch } from "../../capabilities/dir.ts";
import type { CallRequest, CellFetch, CellResponse, RunReport } from "../../sandbox/mod.ts";
import type { KeptCell } from "./runner.ts";

/** A kept cell and the directory it was started with, which is measured for as long as it lives. */
export class HousedCell implements KeptCell {
  readonly #cell: KeptCell;
  readonly #scratch: Scratch | undefined;

  constructor(cell: KeptCell, scratch: Scratch | undefined) {
    this.#cell = cell;
    this.#scratch = scratch;
    scratch?.full.addEventListener("abort", () => this.close());
    cell.ended?.then(() => this.#leave());
  }

  /** Where the script reads and writes, when it may. */
  get dir(): string | undefined {
    return this.#scratch?.path;
  }

  get alive(): boolean {
    return this.#cell.alive;
  }

  get grownBytes(): number {
    return this.#cell.grownBytes;
  }

  get ended(): Promise<unknown> | undefined {
    return this.#cell.ended;
  }

  call(request: CallRequest): Promise<RunReport> {
    return this.#cell.call(request);
  }

  fetch(request: CellFetch): Promise<CellResponse> {
    return this.#cell.fetch(request);
  }

  close(): void {
    this.#cell.close();
    this.#leave();
  }

  #leave(): void {
    this.#scratch?.[Symbol.asyncDispose]().then(undefined, () => {});
  }
}

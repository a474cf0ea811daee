import { buildModule } from "./build_module.ts";
import { runInCell, type TryOptions, type TryReport } from "./run_in_cell.ts";

export type { TryOptions, TryReport } from "./run_in_cell.ts";

/** A module as it lies on the author's disk. */
export interface LocalModule {
  /** Absolute; what the module imports is looked for here. */
  readonly folder: string;
  /** Its file in the folder, shown in stack traces. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Runs a local, unsigned module in the same cell as an agent would, after it was made of its files.
 *
 * @returns How it ended, whatever the script does.
 * @throws {AuthorError} module_name, bundle – when its files make no module
 * @throws {PolicyError}, {CellError} – as `runInCell`
 */
export async function tryScript(module: LocalModule, options: TryOptions = {}): Promise<TryReport> {
  const { folder, name, bytes } = module;
  return await runInCell(name, (how) => buildModule(folder, name, bytes, how), options);
}

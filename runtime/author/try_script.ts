import { buildModule } from "./build_module.ts";
import { runInCell, type TryOptions, type TryReport } from "./run_in_cell.ts";
import { type EndpointOptions, openEndpoint, type TrialEndpoint } from "./trial/trial_endpoint.ts";

export type { EndpointOptions, TrialEndpoint } from "./trial/trial_endpoint.ts";
export { notLent } from "./trial/trial_lending.ts";
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

/**
 * Opens the endpoint of a local, unsigned module, for requests in the cells that an agent would use.
 *
 * @throws {AuthorError} module_name, bundle – when its files make no module
 * @throws {VerificationError}, {PolicyError}, {CellError} – an agent would refuse it, or cannot
 */
export async function tryEndpoint(
  { folder, name, bytes }: LocalModule,
  options: EndpointOptions = {},
): Promise<TrialEndpoint> {
  return await openEndpoint(name, (how) => buildModule(folder, name, bytes, how), options);
}

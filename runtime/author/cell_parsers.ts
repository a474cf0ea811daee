import type { ModuleParsers } from "../core/module.ts";
import {
  CellError,
  NO_RIGHTS,
  parseModule,
  PARSER_LIMITS,
  Sandbox,
  type UnparsedModule,
} from "../sandbox/mod.ts";

/**
 * Parses one module in a cell, ahead of `prepareModule` or `verifyModule`, so that no text can end
 * the command that looks at it, or keep it busy for ever.
 *
 * @param options.sandbox Where; one is opened for the while when absent.
 * @returns What answers for exactly these bytes, or throws what is wrong with them.
 * @throws {CellError} not_started, no_deno, calibration – when there is no cell to be had
 * @throws the signal's reason when it is aborted
 */
export async function parsersFor(
  module: UnparsedModule,
  options: { sandbox?: Sandbox; signal?: AbortSignal } = {},
): Promise<ModuleParsers> {
  const { sandbox, signal } = options;
  if (sandbox) return await parseIn(sandbox, module, signal);
  await using opened = await Sandbox.open();
  return await parseIn(opened, module, signal);
}

async function parseIn(
  sandbox: Sandbox,
  module: UnparsedModule,
  signal: AbortSignal | undefined,
): Promise<ModuleParsers> {
  const grant = { rights: NO_RIGHTS, limits: PARSER_LIMITS };
  const parsed = await parseModule(module, (request) => sandbox.run(grant, request), signal);
  if ("notStarted" in parsed) throw new CellError("not_started", parsed.notStarted);
  return "faulty" in parsed ? parsed.faulty : parsed.parsers;
}

import { decodeUtf8 } from "../core/canonical_json.ts";
import { LIMITS } from "../core/limits.ts";
import type { EraseTypes } from "../core/module.ts";
import { CellError, ERASER_LIMITS, eraseTypes, NO_RIGHTS, Sandbox } from "../sandbox/mod.ts";

/** A module's bytes and what they are. */
export interface ModuleText {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/**
 * Erases the types of one module in a cell, ahead of `prepareModule` or `verifyModule`, so that no
 * text can end the command that looks at it, or keep it busy for ever.
 *
 * @param options.sandbox Where; one is opened for the while when absent.
 * @returns What gives the JavaScript of exactly these bytes, or throws why there is none.
 * @throws {CellError} not_started, no_deno, calibration – when there is no cell to be had
 * @throws the signal's reason when it is aborted
 */
export async function eraserFor(
  { bytes, mediaType }: ModuleText,
  options: { sandbox?: Sandbox; signal?: AbortSignal } = {},
): Promise<EraseTypes> {
  const text = mediaType === "application/typescript" && bytes.length <= LIMITS.MODULE_BYTES
    ? decodeUtf8(bytes)
    : undefined;
  if (text === undefined) return neverAsked;
  const { sandbox, signal } = options;
  if (sandbox) return await eraseIn(sandbox, text, signal);
  await using opened = await Sandbox.open();
  return await eraseIn(opened, text, signal);
}

async function eraseIn(
  sandbox: Sandbox,
  text: string,
  signal: AbortSignal | undefined,
): Promise<EraseTypes> {
  const grant = { rights: NO_RIGHTS, limits: ERASER_LIMITS };
  const erased = await eraseTypes(text, (request) => sandbox.run(grant, request), signal);
  if ("notStarted" in erased) throw new CellError("not_started", erased.notStarted);
  return () => {
    if ("fault" in erased) throw new SyntaxError(erased.fault);
    return erased.javascript;
  };
}

function neverAsked(): never {
  throw new TypeError("Cannot erase types of a module that has none, or must be refused before");
}

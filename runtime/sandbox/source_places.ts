import type { ScriptFailure } from "./verdict.ts";

export function mapped(failure: ScriptFailure, _scriptUrl: string, _map: string): ScriptFailure {
  return failure;
}

import { DEFAULT_LIMITS, type Limits } from "../../runtime/core/documents/grant.ts";
import {
  type CellGrant,
  NO_RIGHTS,
  type RunReport,
  type RunRequest,
  type Sandbox,
} from "../../runtime/sandbox/mod.ts";

/** On a busy machine what takes a second may take many. */
const WALL_MS = 60_000;

/** A grant without rights, with some limits of its own. */
export function sealed(limits: Partial<Limits> = {}): CellGrant {
  return { rights: NO_RIGHTS, limits: { ...DEFAULT_LIMITS, wallMs: WALL_MS, ...limits } };
}

/** A request to run `export default { run: <source> }`. */
export function calling(source: string, request: Partial<RunRequest> = {}): RunRequest {
  return {
    javascript: `export default { run: ${source} };`,
    scriptUrl: "script://example/case@1.0.0",
    input: null,
    ...request,
  };
}

/** Runs `source` as a script's `run` in a sealed, fresh cell. */
export function runSealed(
  sandbox: Sandbox,
  source: string,
  limits: Partial<Limits> = {},
  request: Partial<RunRequest> = {},
): Promise<RunReport> {
  return sandbox.run(sealed(limits), calling(source, request));
}

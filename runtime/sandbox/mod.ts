/**
 * The room where scripts run: one locked process per script. Start reading at {@linkcode Sandbox};
 * `harness/` is what runs on the other side of the pipe.
 *
 * @module
 */

export {
  CALL_BOUNDS,
  type CallBounds,
  type CapabilityAnswer,
  type CapabilityCode,
  CapabilityError,
  type CapabilityHost,
  type UnreadBody,
} from "./capability_host.ts";
export {
  type CellFetch,
  type CellResponse,
  type CellSocket,
  DEFAULT_FETCH_LIMITS,
  type FetchCaller,
  FetchFailed,
  type FetchLimits,
  FIRST_BYTES,
  type SocketClose,
} from "./cell_fetch.ts";
export { CellError, type CellErrorCode } from "./errors.ts";
export { detectHost, type Host } from "./host.ts";
export type { LiveOptions, LiveScript } from "./live_script.ts";
export type { LoadedScript } from "./loaded_script.ts";
export { type Parsed, parseModule, PARSER_LIMITS, type UnparsedModule } from "./parse_module.ts";
export { release } from "../core/release.ts";
export type {
  AttachmentSource,
  CallRequest,
  CellModule,
  RunEvent,
  RunReport,
  RunRequest,
  ScriptFacts,
} from "./run_request.ts";
export { Sandbox, type SandboxOptions } from "./sandbox.ts";
export { type CellGrant, type CellRights, NO_RIGHTS } from "./spawn_vector.ts";

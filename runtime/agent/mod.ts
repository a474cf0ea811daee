/**
 * The agent: orders, runs, audit log, and the HTTP interface. Start reading at
 * {@linkcode startAgent}.
 *
 * @module
 */
export { type Agent, type AgentOptions, startAgent, type StopOptions } from "./agent.ts";
export { AuditReader } from "./audit/audit_reader.ts";
export { type AuditRow } from "./audit/audit_row.ts";
export { type AuditFault, type AuditVerdict, verifyAudit } from "./audit/verify_audit.ts";
export { type AgentCode, AgentError } from "./errors.ts";
export { AGENT_LIMITS } from "./limits.ts";
export { DEFAULT_LISTEN, type Listen } from "./listen.ts";
export {
  jsonLog,
  type Log,
  LOG_LEVELS,
  logFrom,
  type LogLevel,
  silentLog,
  textLog,
} from "./log.ts";
export type { AgentInfo } from "./http/answers.ts";
export type { Runner } from "./cells/runner.ts";
export { sandboxRunner } from "./cells/sandbox_runner.ts";
export { openSource } from "./sources/open_source.ts";
export type { Source } from "./sources/source.ts";
export { parseVersionIndex, versionIndex } from "./sources/version_index.ts";
export { statePaths } from "./state/state_dir.ts";
export type { ReleaseStatus } from "./release/releases.ts";
export type { Reloaded } from "./trust/rules_in_force.ts";
export type { Pending } from "./store/pending.ts";
export type { RunRecord, RunState } from "./store/runs.ts";
export type { RecordedEvent } from "./store/run_events.ts";
export { type LoadRules, type Rules, rulesFromFolder } from "./trust/load_rules.ts";

/**
 * Policy: from the YAML that an admin writes to what an agent enforces.
 *
 * @module
 */
export { type Mistake, type PolicyCode, PolicyError, renderMistake } from "./errors.ts";
export { type DenoFlags, denoFlags } from "./deno_flags.ts";
export { parseGrant } from "./files/grant_file.ts";
export type { FleetFile, Source } from "./files/fleet_file.ts";
export type { LanEntry, PeerEntry, RelayEntry, TrafficEntry } from "./files/peers_yaml.ts";
export { FACT_KINDS, type FactKind, type HubEntry } from "./files/hub_yaml.ts";
export { DEFAULT_RETENTION, type Retention } from "./files/retention_yaml.ts";
export type { AcceptFile } from "./files/accept_file.ts";
export {
  type CheckedPolicy,
  checkPolicyDir,
  type LoadedLocalPolicy,
  type LoadedPolicy,
  type LoadedSignedPolicy,
  type LoadOptions,
  loadPolicyDir,
  type Narrowing,
  narrowPolicy,
} from "./load_policy_dir.ts";
export { assertGrantedPaths, checkGrantedPaths, type PathProblem } from "./check_granted_paths.ts";
export { checkPermissions } from "./permissions/check_permissions.ts";
export { explain, type ExplainedRule, type Explanation } from "./explain/explain.ts";
export { explainText, type ExplainTextOptions } from "./explain/explain_text.ts";
export { diffLists } from "./diff/diff_lists.ts";
export { diffPolicies, widens } from "./diff/diff_policies.ts";
export type { ChangedPart, Effect, PolicyChange } from "./diff/policy_change.ts";
export { changeText } from "./diff/change_text.ts";
export { type Acceptance, acceptInYaml } from "./edit/accept_in_yaml.ts";
export { denyInYaml } from "./edit/deny_in_yaml.ts";
export type { EditedText } from "./edit/edited_text.ts";
export { grantInYaml, type MoreGranted } from "./edit/grant_in_yaml.ts";
export {
  ordererKeyInYaml,
  type PublisherKeyChange,
  publisherKeyInYaml,
} from "./edit/key_in_yaml.ts";
export { writeGrantSkeleton } from "./grant_skeleton.ts";
export { compileAcceptList, type ListHeader } from "./compile_accept_list.ts";
export {
  POLICY_FILES,
  type PolicyFileKind,
  policySchemas,
  schemaLine,
} from "./schema/policy_schemas.ts";
export { reachOf } from "./net/internal_ranges.ts";
export { formatSize, formatTime } from "./units.ts";

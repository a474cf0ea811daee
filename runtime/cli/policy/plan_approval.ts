import type { PublicKey } from "../../core/documents/common.ts";
import type { Grant, Limits } from "../../core/documents/grant.ts";
import type { Manifest, PermissionRequest } from "../../core/documents/manifest.ts";
import { LIMITS } from "../../core/limits.ts";
import { coversRequest } from "../../core/permission_subset.ts";
import { decodeGrant } from "../../policy/files/grant_file.ts";
import { readFolder } from "../../policy/folder.ts";
import { grantInYaml, type LoadedLocalPolicy, type MoreGranted } from "../../policy/mod.ts";
import { PolicyFile } from "../../policy/yaml/policy_file.ts";
import { CliError } from "../errors.ts";
import { findManifest } from "../fleet/find_manifest.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { type PlannedWrite, planWrite } from "./change_policy.ts";
import { manifestOf, type PendingItem, requestOf } from "./pending.ts";
import { planAcceptance } from "./plan_acceptance.ts";

/** How {@linkcode planApproval} is to approve. */
export interface ApprovalOptions {
  readonly fleet: Fleet;
  /** Keys of a publisher that is new here. */
  readonly keys: readonly PublicKey[];
  /** Versions to accept. Default: exactly the bytes of the newest release that was ordered. */
  readonly range?: string;
}

/**
 * Finds out what must be written so that what was refused may run the next time.
 *
 * @throws {CliError} refused – when no source has the release, or what is missing can only be given
 * under `unsafe`, which is decided by hand
 * @throws {PolicyError} – when the policy has mistakes
 * @throws {VerificationError} – the codes of `verifyManifest`
 */
export async function planApproval(
  item: PendingItem,
  loaded: LoadedLocalPolicy,
  options: ApprovalOptions,
): Promise<readonly PlannedWrite[]> {
  const { script, rule, orderers } = item;
  const { fleet, keys, range } = options;
  const grant = loaded.policy.grants.get(script);
  const known = orderers.filter((name) => loaded.policy.orderers.has(name));
  if (grant && rule === "orderer_not_entitled") {
    return await widen(fleet, item, { orders: known.slice(0, 1) });
  }
  if (grant && rule === "denied_permission") {
    return await widen(fleet, item, { permissions: [permissionOf(requestOf(item), item)] });
  }
  const envelope = await findManifest(loaded.fleet.sources, script, item.wanted);
  if (!envelope || envelope.length > LIMITS.MANIFEST_BYTES) {
    throw new CliError(
      "refused",
      `Cannot approve "${script}" as no source has a release of it that fits ${item.wanted}`,
      "publish it into one of the sources of policy/fleet.yaml, or: writ policy accept MANIFEST",
    );
  }
  if (grant && rule === "request_beyond_grant") {
    return await widen(fleet, item, missingOf(manifestOf(envelope), grant, item));
  }
  const plan = await planAcceptance(envelope, {
    fleet,
    keys,
    ...(range !== undefined && { range }),
    ...(known.length > 0 && { orders: known }),
  });
  return plan.writes;
}

/** What a manifest asks for beyond a grant. */
function missingOf(manifest: Manifest, grant: Grant, item: PendingItem): MoreGranted {
  const requests = manifest.requests.filter((asked) => !coversRequest(grant.permissions, asked));
  const limits = Object.entries(manifest.limits ?? {}).filter(([name, value]) =>
    value !== undefined && value > grant.limits[name as keyof Limits]
  );
  return {
    permissions: requests.map((asked) => permissionOf(asked, item)),
    capabilities: manifest.capabilities.filter((name) => grant.capabilities?.[name] === undefined),
    limits: Object.fromEntries(limits),
  };
}

function permissionOf({ permission, value }: PermissionRequest, { script }: PendingItem) {
  if (value !== undefined && permission !== "run" && permission !== "ffi") {
    return { kind: permission, value };
  }
  throw new CliError(
    "refused",
    `Cannot approve "${script}" as it wants ${permission}${value ? ` "${value}"` : ""}, ` +
      "which is decided by hand",
    value === undefined
      ? `name the one value it may have under permissions.${permission} of its grant`
      : 'if it must be, write it under "unsafe" of its grant, with a reason',
  );
}

async function widen(fleet: Fleet, { script }: PendingItem, more: MoreGranted) {
  const path = await grantFileOf(fleet, script);
  return await planWrite(path, (before) => grantInYaml(before, path, more).text);
}

/** The file that holds a script's grant. */
async function grantFileOf({ policy }: Fleet, script: string): Promise<string> {
  for (const { name, text } of (await readFolder(policy)).files) {
    if (!name.startsWith("grants/")) continue;
    if (decodeGrant(new PolicyFile(name, text))?.script === script) return `${policy}/${name}`;
  }
  throw new CliError("refused", `Cannot find the grant of "${script}" in "${policy}/grants"`);
}

import type { HubQueries } from "../database/hub_database.ts";
import { HubError } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import type { Scripts } from "../scripts/scripts.ts";
import type { RolloutSubject } from "./rollout_record.ts";

type ScriptSubject = RolloutSubject & { kind: "script" };

/**
 * @throws {HubError} bad_request – the script was published to the hub, but not this version of it.
 *   What agents fetch from elsewhere is no business of the hub
 */
export async function requirePublished(
  scripts: Scripts,
  tenant: string,
  { script, version }: ScriptSubject,
): Promise<void> {
  const versions = await scripts.versions(tenant, script);
  if (versions.length === 0 || versions.some((one) => one.version === version)) return;
  throw new HubError(
    "bad_request",
    `Cannot roll out ${script} ${version} as it was not published to this hub`,
  );
}

/**
 * @throws {HubError} conflict – another rollout of the same script has not ended
 * @throws {HubError} quota – as many as may be are under way
 */
export async function requireAlone(
  tx: HubQueries,
  tenant: string,
  { script }: ScriptSubject,
): Promise<void> {
  const rows = await tx.all<{ id: string; subject: string }>(
    "SELECT id, subject FROM rollouts WHERE tenant = ?1 AND state IN ('running', 'paused')",
    [tenant],
  );
  if (rows.length >= HUB_LIMITS.ROLLOUTS) {
    throw new HubError("quota", `Cannot begin one more rollout as ${rows.length} are under way`);
  }
  for (const { id, subject } of rows) {
    const other: RolloutSubject = JSON.parse(subject);
    if (other.kind !== "script" || other.script !== script) continue;
    throw new HubError(
      "conflict",
      `Cannot roll out ${script} while ${other.version} is rolled out: ${id}`,
    );
  }
}

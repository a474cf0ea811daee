import type { Lists } from "../lists/lists.ts";
import type { Scripts } from "../scripts/scripts.ts";
import type { RolloutSubject } from "./rollout_record.ts";

/**
 * Why agents would refuse to go back to the version that a rollout names, as far as the hub can
 * tell; `null` when they would not. Agents take no older release of a script than they have seen,
 * unless the accept-list names it by its hash.
 */
export async function whyNoWayBack(
  { lists, scripts }: { lists: Lists; scripts: Scripts },
  tenant: string,
  subject: RolloutSubject,
): Promise<string | null> {
  if (subject.kind !== "script" || subject.before === null) return null;
  const { script, version, before } = subject;
  const versions = await scripts.versions(tenant, script);
  // Agents that fetch it from elsewhere are no business of the hub.
  if (versions.length === 0) return null;
  const of = (wanted: string) => versions.find((one) => one.version === wanted);
  const [from, to] = [of(version), of(before)];
  if (!to) return `${before} was not published to this hub`;
  if (from && to.sequence >= from.sequence) return null;
  const newest = await lists.newest(tenant);
  // Without one the agents work by policies of their own, which the hub does not know.
  if (!newest) return null;
  const isPinned = newest.list.accept.some((entry) =>
    entry.script === script && "sha256" in entry && entry.sha256 === to.sha256
  );
  if (isPinned) return null;
  return `agents that ran ${version} refuse the older ${before} unless the accept-list names its ` +
    `hash: { script: ${script}, sha256: "${to.sha256}" }`;
}

import type { PolicyInForce } from "../../../core/policy_in_force.ts";
import { isAllowedBy } from "../../../core/semver_range.ts";
import { acceptEntriesOf } from "../../../core/verification/policy_index.ts";
import type { ScriptName } from "../../../core/documents/common.ts";
import type { ScriptVersion } from "../../scripts/scripts.ts";
import { Badge, Id, When } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";

/** What was published of a script, and what of it the accept-list names. */
export function VersionSection(
  { versions, shown, script, policy, now }: {
    versions: readonly ScriptVersion[];
    shown: ScriptVersion;
    script: string;
    policy: PolicyInForce | undefined;
    now: number;
  },
) {
  return (
    <section class="card">
      <h2>Versions</h2>
      <Table
        caption="Versions"
        rows={versions}
        empty=""
        columns={[
          {
            head: "Version",
            cell: ({ version }) => (
              <a
                href={`?version=${encodeURIComponent(version)}`}
                aria-current={version === shown.version ? "true" : undefined}
              >
                {version}
              </a>
            ),
          },
          {
            head: "Accept-list",
            cell: (version) =>
              policy && isNamed(policy, script as ScriptName, version)
                ? <Badge tone="good" word="accepted" />
                : <Badge tone="warn" word="not accepted" />,
          },
          { head: "Sequence", cell: ({ sequence }) => sequence },
          { head: "Hash", cell: ({ sha256 }) => <Id id={sha256} /> },
          { head: "Published", cell: ({ published }) => <When at={published} now={now} /> },
        ]}
      />
    </section>
  );
}

function isNamed(policy: PolicyInForce, script: ScriptName, wanted: ScriptVersion): boolean {
  return acceptEntriesOf(policy, script).some((entry) =>
    "sha256" in entry
      ? entry.sha256 === wanted.sha256
      : isAllowedBy(wanted.version, entry.range) && wanted.sequence >= (entry.minSequence ?? 0)
  );
}

import type { Page } from "../../page.ts";
import type { AgentBehind } from "../../releases/agents_behind.ts";
import type { ListedRelease } from "../../releases/releases.ts";
import type { Rollout, RolloutState } from "../../rollout/rollout_record.ts";
import { AgentLink } from "../agents/agent_words.tsx";
import { Badge, Said, When } from "../parts/said.tsx";
import { Pager, Table } from "../parts/table.tsx";
import { whyText } from "../../why_text.ts";
import { RingTable } from "../rollouts/rollout_view.tsx";
import { rolloutPath, StateBadge } from "../rollouts/rollout_words.tsx";

/** The newest release, and how its rings do. */
export function NewestRelease(
  { release, rollout, now }: { release: ListedRelease; rollout: Rollout; now: number },
) {
  const { sequence, version, deno, state } = release;
  return (
    <section class="card">
      <h2>
        Release {sequence}: Writ {version} with Deno {deno}
      </h2>
      <p>
        <StateBadge state={state} />{" "}
        <a href={rolloutPath(release.rollout)}>To its rollout, to pause, halt or go on</a>
      </p>
      {rollout.reason !== null && (
        <p role="alert" class="refusal">
          <Said text={rollout.reason} />
        </p>
      )}
      <RingTable rollout={rollout} now={now} />
    </section>
  );
}

/** Who does not run the newest release. */
export function BehindSection(
  { page, state, url, now }: {
    page: Page<AgentBehind>;
    /** Of the newest release's rollout. */
    state: RolloutState;
    url: string;
    now: number;
  },
) {
  return (
    <section class="card">
      <h2>Agents without it</h2>
      <Table
        caption="Agents without the newest release"
        rows={page.items}
        empty="None: every agent says that it runs the newest release."
        columns={[
          { head: "Agent", cell: (agent) => <AgentLink {...agent} /> },
          { head: "Release", cell: ({ release }) => release ?? "as installed" },
          { head: "Writ", cell: ({ version }) => <Said text={version ?? "not told"} /> },
          { head: "Deno", cell: ({ deno }) => <Said text={deno ?? "not told"} /> },
          { head: "Ring", cell: ({ ring }) => <Said text={ring ?? "none"} /> },
          { head: "Why", cell: (agent) => <Why agent={agent} state={state} /> },
          { head: "Heard of", cell: ({ lastSeen }) => <When at={lastSeen} now={now} /> },
        ]}
      />
      <Pager url={url} next={page.next} />
    </section>
  );
}

function Why(
  { agent: { failed, isOffered, ring }, state }: { agent: AgentBehind; state: RolloutState },
) {
  if (failed !== null) return <Badge tone="bad" word={`did not become it: ${whyText(failed)}`} />;
  if (state === "halted") {
    const word = isOffered ? "offered until it was halted" : "halted before its turn";
    return <Badge tone="warn" word={word} />;
  }
  if (isOffered || state === "done") return <Badge tone="busy" word="offered" />;
  if (ring === null) return <Badge tone="quiet" word="when all rings have passed" />;
  return <Badge tone="quiet" word="its turn has not come" />;
}

/** Every release, the newest first. */
export function ReleaseTable(
  { releases, now }: { releases: readonly ListedRelease[]; now: number },
) {
  return (
    <Table
      caption="Releases"
      rows={releases}
      empty="None was rolled out yet."
      columns={[
        {
          head: "Release",
          cell: ({ sequence, rollout }) => <a href={rolloutPath(rollout)}>{sequence}</a>,
        },
        { head: "Writ", cell: ({ version }) => version },
        { head: "Deno", cell: ({ deno }) => deno },
        { head: "State", cell: ({ state }) => <StateBadge state={state} /> },
        { head: "Handed in", cell: ({ stored }) => <When at={stored} now={now} /> },
        { head: "By", cell: ({ storedBy }) => <Said text={storedBy} /> },
        { head: "Expires", cell: ({ expires }) => <When at={Date.parse(expires)} now={now} /> },
      ]}
    />
  );
}

/** How the next release comes about, which is not at the console. */
export function ReleaseHelp() {
  return (
    <section class="card">
      <h2>Another release</h2>
      <p>
        The hub can sign none. Make it where Writ is, sign it where a key of the role{" "}
        <code>releases</code> is kept, and hand it in with its parts:
      </p>
      <pre class="command" tabindex={0}>
        {"writ release make --to published\nwrit sign published/v1/releases/release.N.json --key keys/releases.pem\nwrit hub rollout published/v1/releases/release.N.signed.json"}
      </pre>
    </section>
  );
}

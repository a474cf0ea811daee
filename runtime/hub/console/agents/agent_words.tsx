import type { AgentSummary, Presence, Standing } from "../../agents/agent_record.ts";
import { Badge, Said, type Tone } from "../parts/said.tsx";

const PRESENCE: Readonly<Record<Presence["state"], Tone>> = {
  online: "good",
  late: "warn",
  offline: "bad",
  never: "quiet",
};

const STANDING: Readonly<Record<Standing, Tone>> = {
  pending: "warn",
  approved: "good",
  revoked: "bad",
};

/** Whether an agent can be reached, or why it is not to be. */
export function State({ agent: { standing, presence } }: { agent: AgentSummary }) {
  if (standing !== "approved") return <Badge tone={STANDING[standing]} word={standing} />;
  return <Badge tone={PRESENCE[presence.state]} word={presence.state} />;
}

/** An agent's name, which leads to its page. */
export function AgentLink({ id, name }: { id: string; name: string }) {
  return (
    <a href={agentPath(id)}>
      <Said text={name} />
    </a>
  );
}

export function agentPath(id: string): string {
  return `/agents/${encodeURIComponent(id)}`;
}

/** Labels; those of the signed list count for whoever signs orders elsewhere. */
export function Labels({ agent: { labels, signedLabels } }: { agent: AgentSummary }) {
  if (labels.length + signedLabels.length === 0) return <span class="quiet">none</span>;
  return (
    <span class="labels">
      {signedLabels.map((label) => (
        <span class="label signed" title="by the signed accept-list">
          <Said text={label} />
        </span>
      ))}
      {labels.filter((label) => !signedLabels.includes(label)).map((label) => (
        <span class="label">
          <Said text={label} />
        </span>
      ))}
    </span>
  );
}

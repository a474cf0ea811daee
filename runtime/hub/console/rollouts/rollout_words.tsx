import type { RingStatus, Rollout, RolloutState } from "../../rollout/rollout_record.ts";
import { ScriptLink } from "../orders/order_words.tsx";
import type { Part } from "../parts/charts.tsx";
import { Badge, Said, type Tone } from "../parts/said.tsx";

const STATES: Readonly<Record<RolloutState, Tone>> = {
  running: "busy",
  paused: "warn",
  halted: "bad",
  done: "good",
  returned: "quiet",
};

export function StateBadge({ state }: { state: RolloutState }) {
  return <Badge tone={STATES[state]} word={state} />;
}

/** What is rolled out. */
export function Subject({ rollout: { subject } }: { rollout: Rollout }) {
  if (subject.kind !== "script") return <span>{subjectText({ subject })}</span>;
  return (
    <span>
      <ScriptLink name={subject.script} /> <Said text={subject.version} />
    </span>
  );
}

/** The same as text. */
export function subjectText({ subject }: Pick<Rollout, "subject">): string {
  switch (subject.kind) {
    case "list":
      return `accept-list ${subject.version}`;
    case "release":
      return `release ${subject.number}: Writ ${subject.version} with Deno ${subject.deno}`;
    case "script":
      return `${subject.script} ${subject.version}`;
  }
}

/** How a ring does. */
export function ringParts({ good, bad, waiting }: RingStatus): Part[] {
  return [
    { word: "well", amount: good, tone: "good" },
    { word: "badly", amount: bad, tone: "bad" },
    { word: "not heard of", amount: waiting, tone: "quiet" },
  ];
}

export function rolloutPath(id: string): string {
  return `/rollouts/${encodeURIComponent(id)}`;
}

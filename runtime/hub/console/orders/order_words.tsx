import type { Repeat } from "../../../core/documents/order.ts";
import type { Outcome } from "../../../core/outcome.ts";
import type { Delivery, DeliveryState, HubOrder, Selection } from "../../orders/order_record.ts";
import type { Part } from "../parts/charts.tsx";
import { Badge, Said, type Tone } from "../parts/said.tsx";
import { count } from "../parts/words.ts";

const STATES: Readonly<Record<DeliveryState, { tone: Tone; word: string }>> = {
  queued: { tone: "quiet", word: "waits for the machine" },
  sent: { tone: "busy", word: "on its way" },
  taken: { tone: "busy", word: "taken" },
  running: { tone: "busy", word: "running" },
  ended: { tone: "good", word: "ended" },
  refused: { tone: "odd", word: "refused" },
  expired: { tone: "warn", word: "expired" },
  cancelled: { tone: "quiet", word: "cancelled" },
};

/** What of an order went well, failed, or is not over, each at its tone. */
export function orderParts(order: HubOrder, href?: string): Part[] {
  const { counts, outcomes } = order;
  const ok = outcomes.ok ?? 0;
  const failed = Object.entries(outcomes)
    .filter(([outcome]) => !["ok", "cancelled", "refused"].includes(outcome))
    .reduce((sum, [, amount]) => sum + amount, 0);
  const parts: [word: string, amount: number, tone: Tone][] = [
    ["ok", ok, "good"],
    ["failed", failed, "bad"],
    ["refused", counts.refused + (outcomes.refused ?? 0), "odd"],
    ["expired", counts.expired, "warn"],
    ["under way", counts.sent + counts.taken + counts.running, "busy"],
    ["waiting", counts.queued, "quiet"],
    ["cancelled", counts.cancelled + (outcomes.cancelled ?? 0), "gone"],
  ];
  return parts.map(([word, amount, tone]) => ({ word, amount, tone, ...(href && { href }) }));
}

/** How far an order is, in one line. */
export function Progress({ order }: { order: HubOrder }) {
  const told = orderParts(order).filter(({ amount }) => amount > 0);
  return (
    <span class="labels">
      {told.map(({ word, amount, tone }) => (
        <Badge
          tone={tone}
          word={`${count(amount)} ${word}`}
        />
      ))}
    </span>
  );
}

/** Where an order stands with one agent, or how its run there ended. */
export function DeliveryBadge({ delivery }: { delivery: Delivery }) {
  const { state, outcome, refusal } = delivery;
  if (outcome !== null) return <OutcomeBadge outcome={outcome} />;
  const { tone, word } = STATES[state];
  return <Badge tone={tone} word={refusal === null ? word : `${word}: ${refusal}`} />;
}

function OutcomeBadge({ outcome: { outcome } }: { outcome: Outcome }) {
  if (outcome === "ok") return <Badge tone="good" word="ok" />;
  if (outcome === "cancelled") return <Badge tone="quiet" word="cancelled" />;
  if (outcome === "refused") return <Badge tone="odd" word="refused" />;
  return <Badge tone="bad" word={outcome.replaceAll("_", " ")} />;
}

/** Whether nothing more can come of an order. */
export function isOver({ counts: { queued, sent, taken, running } }: HubOrder): boolean {
  return queued + sent + taken + running === 0;
}

/** Whom an order is for. */
export function Audience({ selection }: { selection: Selection }) {
  if (selection === "all") return <span>all agents</span>;
  if ("labels" in selection) {
    return (
      <span class="labels">
        {selection.labels.map((label) => <span class="label">{label}</span>)}
      </span>
    );
  }
  const { length } = selection.agents;
  return length === 1 ? <span>one agent</span> : <span>{count(length)} agents</span>;
}

/** How an order repeats. */
export function againText(repeat: Repeat): string {
  if ("cron" in repeat) return `as ${repeat.cron} in ${repeat.timezone}`;
  return `every ${count(repeat.everyMs / 60_000)} min`;
}

/** A script's name, which leads to its page. */
export function ScriptLink({ name }: { name: string }) {
  return (
    <a href={scriptPath(name)}>
      <Said text={name} />
    </a>
  );
}

export function scriptPath(name: string): string {
  return `/scripts/${name.split("/").map(encodeURIComponent).join("/")}`;
}

export function orderPath(id: string): string {
  return `/orders/${encodeURIComponent(id)}`;
}

export function runPath(order: string, agent: string): string {
  return `${orderPath(order)}/agents/${encodeURIComponent(agent)}`;
}

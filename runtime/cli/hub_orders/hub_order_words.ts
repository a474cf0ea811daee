import { momentOf } from "../../core/instant.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { Delivery, HubOrder, LogEntry } from "../../hub/mod.ts";
import { describeOutcome } from "../runs/outcome_words.ts";
import { table } from "../terminal/table.ts";

/** Where it stands with how many agents; of those where it ended, how. */
export function standOf({ counts, outcomes }: HubOrder): string {
  const { ended, ...others } = counts;
  const known = Object.entries(outcomes);
  const untold = ended - known.reduce((sum, [, count]) => sum + count, 0);
  const parts = [...known, ...Object.entries(others), ["ended", untold] as const]
    .filter(([, count]) => count > 0).map(([state, count]) => `${count} ${state}`);
  return parts.join(", ") || "no agent";
}

/** Whether something may still come of it. */
export function isOpen({ counts }: Pick<HubOrder, "counts">): boolean {
  return counts.queued + counts.sent + counts.taken + counts.running > 0;
}

/** `3 agents` */
export function countOf({ counts }: HubOrder): string {
  const count = Object.values(counts).reduce((sum, one) => sum + one, 0);
  return count === 1 ? "1 agent" : `${count} agents`;
}

/** `script_error: Error: no paper`; of a run that went well, its result. */
export function outcomeText(outcome: Outcome): string {
  if (outcome.outcome === "ok") return `ok: ${JSON.stringify(outcome.result)}`;
  return outcome.outcome + describeOutcome(outcome).split("\n")[0];
}

/** What a run said, in one line. */
export function eventText(event: LogEntry["event"]): string {
  switch (event.type) {
    case "log":
      return `${event.level}: ${event.text}`;
    case "event":
      return `event ${event.name} ${JSON.stringify(event.data)}`;
    case "progress":
      return `${Math.round(event.fraction * 100)} % ${event.message ?? ""}`;
    case "state":
      return event.state;
    case "dropped":
      return `${event.count} events were not kept`;
    case "outcome":
      return outcomeText(event);
  }
}

/** What scripts said, line by line. */
export function logTable(
  log: readonly LogEntry[],
  deliveries: readonly Delivery[],
  paintHead: (text: string) => string,
): string {
  const names = new Map(deliveries.map(({ agent, agentName }) => [agent, agentName]));
  return table(
    ["TIME", "NAME", "RUN", "EVENT"],
    log.map(({ agent, run, time, event }) => [
      momentOf(time),
      names.get(agent) ?? agent,
      String(run),
      eventText(event),
    ]),
    paintHead,
  );
}

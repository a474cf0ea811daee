import type { Figures } from "../../core/outcome.ts";

/** What a run cost. */
export type Cost = Pick<Figures, "cpuMs" | "wallMs" | "peakBytes" | "shared">;

/** `cpu 12 ms, wall 340 ms, memory 3.1 MB`. */
export function costWords(cost: Cost): string {
  const most = cost.shared ? "at most " : "";
  const megabytes = (cost.peakBytes / 1e6).toFixed(1);
  return `cpu ${most}${Math.round(cost.cpuMs)} ms, wall ${Math.round(cost.wallMs)} ms, ` +
    `memory ${most}${megabytes} MB`;
}

/** Processor time alone, for a table: `12 ms`. */
export function cpuWords({ cpuMs, shared }: Pick<Cost, "cpuMs" | "shared">): string {
  return `${shared ? "≤ " : ""}${Math.round(cpuMs)} ms`;
}

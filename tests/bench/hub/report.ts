/** What is asked of the hub with 10,000 agents on two cores. */
export const LIMITS = {
  MEMORY_KB: 40,
  DELIVERED_P50_S: 1,
  ACKNOWLEDGED_S: 10,
  PRESENCE_S: 30,
  OVERVIEW_MS: 200,
  /** Twice what agents are asked to keep to, for chance. */
  CONNECTIONS_PER_SECOND: 1_000,
} as const;

/** What was measured, how much, its unit, and the most that it may be. */
export type Row = readonly [name: string, value: number, unit: string, limit: number | null];

/** The rows as a table for people. */
export function tableOf(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value, unit, limit]) => {
    const shown = `${Number(value.toFixed(2))} ${unit}`.trim();
    const verdict = limit === null ? "" : ` ${value <= limit ? "≤" : "ABOVE"} ${limit}`;
    return `${name.padEnd(width)}  ${shown}${verdict}`;
  }).join("\n");
}

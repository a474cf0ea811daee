/** What a row is held to. */
export interface Target {
  /** `ratio` compares with the row's `beside`, `value` stands for itself. */
  of: "ratio" | "value";
  /** Must not be more, or not be less, than this. */
  limit: number;
  most: boolean;
  /** What would be better still; shown, not judged. */
  aim?: number;
}

/** One measured thing, beside what it is compared with in the same run. */
export interface Row {
  what: string;
  value: number;
  unit: "µs" | "µs" | "ms" | "MB" | "MB/s" | "orders/s" | "fetches/s";
  beside?: { name: string; value: number };
  target?: Target;
  /** What a reader must know to judge the number. */
  note?: string;
}

export function ratioOf({ value, beside }: Row): number | undefined {
  return beside && value / beside.value;
}

/** Whether a row reaches its target; undefined for a row without one. */
export function isMet(row: Row): boolean | undefined {
  if (!row.target) return undefined;
  const { of, limit, most } = row.target;
  const figure = of === "ratio" ? ratioOf(row) : row.value;
  if (figure === undefined) return false;
  return most ? figure <= limit : figure >= limit;
}

/** A row as it stands in the JSON. */
export function rowJson(row: Row): Record<string, unknown> {
  return { ...row, ratio: ratioOf(row), met: isMet(row) };
}

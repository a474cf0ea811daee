/** Bytes in each unit a policy may write; powers of ten, as printers and disks count. */
const BYTE_UNITS = { B: 1, kB: 1_000, MB: 1_000_000, GB: 1_000_000_000 } as const;

/** Milliseconds in each unit a policy may write. */
const TIME_UNITS = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** What kind of quantity a text should be. */
export type Quantity = "size" | "time";

const UNITS: Record<Quantity, Record<string, number>> = { size: BYTE_UNITS, time: TIME_UNITS };
const EXAMPLE: Record<Quantity, string> = { size: "128 MB", time: "10 s" };
const LIKELY_UNIT: Record<Quantity, string> = { size: "MB", time: "s" };

/** A quantity that could not be read: what is allowed, and the next step. */
export interface UnitMistake {
  readonly message: string;
  readonly hint: string;
}

/**
 * Reads a whole number with a unit: `128 MB`, `256 kB`, `10 s`, `2 min`.
 *
 * @param text the number, optional spaces and the unit.
 * @returns bytes or milliseconds, a safe integer of at least 1; or what is wrong with the text.
 *
 * @example
 * ```ts
 * import { parseQuantity } from "./units.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseQuantity("size", "128 MB"), 128_000_000);
 * assert.equal(parseQuantity("time", "2 min"), 120_000);
 * assert.notEqual(typeof parseQuantity("size", "128"), "number");
 * ```
 */
export function parseQuantity(kind: Quantity, text: string): number | UnitMistake {
  const units = UNITS[kind];
  const names = Object.keys(units);
  const match = /^(\d{1,16})(?:\.\d+)?\s*([A-Za-zµ]*)$/.exec(text.trim());
  const message = `must be a ${kind} like "${EXAMPLE[kind]}" (units ${
    names.join(", ")
  }): got "${text}"`;
  if (!match || text.includes(".")) {
    return { message, hint: "write a whole number, a space and a unit" };
  }
  const [, digits, unit] = match;
  if (unit === "") return { message, hint: `did you mean "${digits} ${LIKELY_UNIT[kind]}"?` };
  const factor = Object.hasOwn(units, unit!) ? units[unit!] : undefined;
  if (factor === undefined) {
    const near = nearUnit(names, unit!);
    return {
      message,
      hint: near ? `did you mean "${digits} ${near}"?` : `use one of ${names.join(", ")}`,
    };
  }
  const value = Number(digits) * factor;
  if (value < 1) return { message, hint: "write at least 1" };
  if (!Number.isSafeInteger(value)) return { message, hint: "write a smaller number" };
  return value;
}

/** The units of a kind of quantity, smallest first. */
export function unitsOf(kind: Quantity): string[] {
  return Object.keys(UNITS[kind]);
}

/** `mb`, `MiB`, `sec`, `minutes` and the like: the unit of ours that starts the same. */
function nearUnit(names: string[], unit: string): string | undefined {
  const lower = unit.toLowerCase();
  return names.find((n) => n.toLowerCase() === lower) ??
    names.find((n) => n.length > 1 && lower.startsWith(n.toLowerCase())) ??
    names.find((n) => lower[0] === n[0]!.toLowerCase());
}

/** Writes bytes with the largest unit that leaves a whole number: `128 MB`. */
export function formatSize(bytes: number): string {
  return format(BYTE_UNITS, bytes);
}

/** Writes milliseconds with the largest unit that leaves a whole number: `2 min`. */
export function formatTime(ms: number): string {
  return format(TIME_UNITS, ms);
}

function format(units: Record<string, number>, value: number): string {
  const fitting = Object.entries(units).filter(([, factor]) => value % factor === 0);
  const [name, factor] = fitting.at(-1)!;
  return `${value / factor} ${name}`;
}

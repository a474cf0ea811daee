import { count } from "../parts/words.ts";

/** A fact as a person reads it; what is nested deeper than a list of named values is JSON. */
export function factWords(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return amount(name, value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((one) => factWords(name, one)).join(", ") || "none";
  if (value === null || typeof value !== "object") return "none";
  const parts = Object.entries(value);
  if (parts.some(([, part]) => typeof part === "object" && part !== null)) {
    return JSON.stringify(value);
  }
  return parts.map(([key, part]) => `${spaced(key)} ${factWords(key, part)}`).join(", ") || "none";
}

const UNITS = [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]] as const;

function amount(name: string, value: number): string {
  if (!/bytes$/i.test(name)) return count(value);
  const [unit, size] = UNITS.find(([, size]) => value >= size) ?? ["bytes", 1];
  return `${count(Math.round(value / size * 10) / 10)} ${unit}`;
}

/** `stateBytes` is `state`: the unit says the rest. */
function spaced(key: string): string {
  return key.replace(/Bytes$/, "").replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}

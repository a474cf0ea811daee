const UNITS: readonly [ms: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1_000, "second"],
];
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "long" });
const NUMBER = new Intl.NumberFormat("en");

/** As a program writes a moment; nothing that an agent said can be none. */
export function isoOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? "at no time" : date.toISOString();
}

/** `3 minutes ago`, `in 2 days`, `now`. */
export function ago(at: number, now: number): string {
  const distance = at - now;
  for (const [ms, unit] of UNITS) {
    if (Math.abs(distance) >= ms) return RELATIVE.format(Math.round(distance / ms), unit);
  }
  return "now";
}

/** `12,345`. */
export function count(number: number): string {
  return NUMBER.format(number);
}

/** The first characters of a key or a digest, enough to tell it from others by eye. */
export function brief(id: string): string {
  const [kind, value] = id.includes(":") ? id.split(":", 2) as [string, string] : ["", id];
  const start = kind === "" ? "" : `${kind}:`;
  return value.length > 12 ? `${start}${value.slice(0, 12)}…` : id;
}

/** An amount as a share of another, from 0 to 1; 0 of nothing. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

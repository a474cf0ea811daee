import type { FleetCounts } from "../../agents/fleet_counts.ts";
import type { Part } from "../parts/charts.tsx";

/** Bars of one chart; what is rarer is summed up. */
const BARS = 6;
const OTHERS = "others";
/** `0.10.0` is newer than `0.9.0`. */
const BY_NUMBERS = new Intl.Collator("en", { numeric: true });

/**
 * How many agents have which version, and which of them are behind.
 *
 * @param wanted By the newest release; without one, the newest version that any agent has.
 */
export function versionParts(
  of: "version" | "deno",
  { byVersion, byDeno }: FleetCounts,
  wanted: string | undefined,
): Part[] {
  const counts = of === "deno" ? byDeno : byVersion;
  const [newest] = Object.keys(counts).sort((a, b) => BY_NUMBERS.compare(b, a));
  const least = wanted ?? newest ?? "";
  return largest(counts).map(([version, amount]) => {
    if (version === "") return { word: "unknown", amount, tone: "quiet" };
    if (version === OTHERS) return { word: version, amount, tone: "warn" };
    const isBehind = BY_NUMBERS.compare(version, least) < 0;
    const href = `/agents?${new URLSearchParams({ standing: "approved", [of]: version })}`;
    const word = isBehind ? `${version} (behind)` : version;
    return { word, amount, tone: isBehind ? "warn" : "good", href };
  });
}

/** The largest amounts, and the sum of the others. */
export function largest(counts: Readonly<Record<string, number>>): [string, number][] {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(BARS).reduce((sum, [, amount]) => sum + amount, 0);
  return rest > 0 ? [...sorted.slice(0, BARS), [OTHERS, rest]] : sorted;
}

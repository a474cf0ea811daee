import type { Status } from "./status.ts";

/** How fresh everything is, as people read it on a terminal or in a browser. */
export function statusText(status: Status): string {
  const { databases, sla, renewed, freshHours, fleet, banned } = status;
  const must = renewed.length > 0
    ? `${renewed.join(", ")} at most ${freshHours} h old`
    : "something";
  const sections = [
    [`${sla.fresh} of ${sla.of} machines are fresh: they keep ${must}`],
    ["THIS MACHINE", ...scannerLines(status.scanner)],
    table(databases.map(({ name, version, ageHours, fresh, verified }) => [
      name,
      `version ${version}`,
      `${ageOf(ageHours)} old`,
      fresh === null ? "may be of any age" : fresh ? "fresh" : "NOT FRESH",
      verified ? "verified" : "not verified",
    ])),
    fleet.length > 0 ? ["OTHERS", ...table(fleet.map(peerCells))] : [],
    banned.length > 0
      ? ["BANNED", ...table(banned.map(({ peer, why, since }) => [peer, `since ${since}`, why]))]
      : [],
  ];
  return sections.filter((lines) => lines.length > 0).map((lines) => lines.join("\n") + "\n")
    .join("\n");
}

function scannerLines(scanner: Status["scanner"]): string[] {
  if (!scanner) return ["keeps and passes on; no scanner is granted"];
  const { folder, current, previous, uses, why } = scanner;
  const versions = Object.entries(uses ?? {}).map(([name, version]) => `${name} ${version}`);
  // Of one that was there before the agent, no more is known.
  const parts = versions.length > 0 ? versions : current?.files ?? [];
  const back = previous ? `, rollback leads to ${previous.id}` : "";
  const tested = current?.tested ? "tested" : "not tested";
  const inUse = current
    ? `generation ${current.id} of ${current.made}, ${tested}${back}`
    : "nothing yet";
  return [
    ...table([["uses", inUse], ["of", parts.join(", ")], ["in", folder]]),
    ...current?.files.length === 0 ? ["EMPTY: the scanner has no database there"] : [],
    ...why === undefined ? [] : [`NOT USED: ${shown(why)}`],
  ];
}

function peerCells(
  { name, seen, uses, fresh, behind, differs }: Status["fleet"][number],
): string[] {
  const wrong = [
    ...behind.length > 0 ? [`BEHIND in ${behind.join(", ")}`] : [],
    ...differs.length > 0 ? [`DIFFERS in ${differs.join(", ")}`] : [],
  ];
  const state = uses === null ? "passes on only" : "up to date";
  return [
    name,
    wrong.join(", ") || state,
    fresh ? "fresh" : "NOT FRESH",
    `heard of ${seen}`,
  ];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const shownRows = rows.map((row) => row.map(shown));
  const widths = (shownRows[0] ?? []).map((_, column) =>
    Math.max(...shownRows.map((row) => row[column]!.length))
  );
  return shownRows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  );
}

function ageOf(hours: number): string {
  return hours < 72 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** What others said must not speak to a terminal. */
function shown(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

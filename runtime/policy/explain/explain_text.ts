import { type ExplainedRule, type Explanation, limitWords } from "./explain.ts";

/** How {@linkcode explainText} writes. */
export interface ExplainTextOptions {
  /** Whether unsafe rules are red, in ANSI codes. */
  readonly color?: boolean;
}

/** Width of the left column. */
const LABEL = 14;
/** Of a rule as the grant says it, before its words. */
const RULE = 24;

/**
 * Writes an explanation for a terminal. What is unsafe says so in the text as well, so that it
 * shows without colour.
 *
 * @returns lines that end with a newline.
 */
export function explainText(explanation: Explanation, options: ExplainTextOptions = {}): string {
  const red = (text: string) => options.color ? `\x1b[1;31m${text}\x1b[0m` : text;
  const rule = ({ unsafe, words }: ExplainedRule) => unsafe ? red(`UNSAFE ${words}`) : words;
  const { script, permissions, capabilities, serve, limits, flags, unsafeFlags } = explanation;
  const sections: [label: string, lines: readonly string[]][] = [
    ["", explanation.notes.map((note) => note.startsWith("NOTHING") ? red(note) : note)],
    ["in short", [
      /^UNSAFE/.test(explanation.summary) ? red(explanation.summary) : explanation.summary,
    ]],
    ["signed by", explanation.signers],
    ["accepted", explanation.accepted],
    ["denied", explanation.denied.map(red)],
    ["ordered by", explanation.orders.map((o) => o.words)],
    ["permissions", permissionLines(permissions, rule)],
    ["capabilities", capabilities.map(rule)],
    ["serves", serve.map(rule)],
    ["settings", settingLines(explanation.settings)],
    ["limits", [limitWords(limits).map(([key, words]) => `${key} ${words}`).join(", ")]],
    ["life", [LIFE_WORDS[explanation.life]]],
    ["isolation", [`level ${explanation.isolation} or higher`]],
    ["ceiling", explanation.beyondCeiling.map((found) => red(`DOES NOT RUN: ${found}`))],
    [
      "deno flags",
      [
        ...flags.allow.map((flag) => unsafeFlags.includes(flag) ? red(flag) : flag),
        ...flags.deny,
      ],
    ],
  ];
  const body = sections.flatMap(([label, lines]) =>
    lines.map((line, i) => `  ${(i === 0 ? label : "").padEnd(LABEL)}${line}`)
  );
  return [script, ...body, ""].join("\n");
}

function settingLines(settings: Explanation["settings"]): string[] {
  return Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
}

function permissionLines(
  permissions: readonly ExplainedRule[],
  write: (rule: ExplainedRule) => string,
): string[] {
  if (permissions.length === 0) return ["no permission at all"];
  return permissions.map((entry) => {
    // The words of what is unsafe begin with its name.
    const value = entry.unsafe ? "unsafe" : `${entry.rule} ${entry.value}`;
    return `${value.padEnd(RULE)} ${write(entry)}`;
  });
}

const LIFE_WORDS = {
  fresh: "fresh: a new cell for each run",
  warm: "warm: runs may share a cell, one after another",
  live: "live: one long-lived cell",
};

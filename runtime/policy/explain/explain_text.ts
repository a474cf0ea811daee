import { type ExplainedRule, type Explanation, limitWords } from "./explain.ts";

/** How {@linkcode explainText} writes. */
export interface ExplainTextOptions {
  /** Whether unsafe rules are red, in ANSI codes. */
  readonly color?: boolean;
}

/** Width of the left column. */
const LABEL = 14;

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
    ["accepted", explanation.accepted],
    ["denied", explanation.denied.map(red)],
    ["ordered by", explanation.orders.map((o) => o.words)],
    ["it", permissionLines(permissions, rule)],
    ["capabilities", capabilities.map(rule)],
    ["serves", serve.map(rule)],
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

function permissionLines(
  permissions: readonly ExplainedRule[],
  write: (rule: ExplainedRule) => string,
): string[] {
  if (permissions.length === 0) return ["can touch nothing: no network, no file, no variable"];
  const lines = permissions.map(write);
  return permissions.some((rule) => rule.unsafe) ? lines : [...lines, "and nothing else"];
}

const LIFE_WORDS = {
  fresh: "fresh: a new cell for each run",
  warm: "warm: runs may share a cell, one after another",
  live: "live: one long-lived cell",
};

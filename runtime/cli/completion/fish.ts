import type { ValueKind } from "../command_tree.ts";
import { type CompletionRow, quoted } from "./table.ts";

const OFFERED: Readonly<Record<ValueKind, string>> = {
  file: "-F",
  dir: "-fa '(__fish_complete_directories)'",
  script: "-fa '(__writ_scripts)'",
  choice: "-f",
  text: "-f",
};

/** Completion for fish. */
export function fishCompletion(rows: readonly CompletionRow[]): string {
  const paths = rows.map(({ path }) => path).filter((path) => path !== "");
  return `# writ completion for fish: writ completion fish > ~/.config/fish/completions/writ.fish
function __writ_scripts
  set -l dir $PWD
  while test -n "$dir"; and not test -f $dir/policy/fleet.yaml
    set dir (string replace -r '/[^/]*$' '' $dir)
  end
  cat $dir/policy/grants/*.yaml 2>/dev/null | string match -rg '^script: *"?([a-z0-9-]+/[a-z0-9-]+)'
end
function __writ_at
  set -l at ''
  for word in (commandline -opc)[2..]
    set -l next (string trim "$at $word")
    contains -- $next ${paths.map(quoted).join(" ")}; and set at $next
  end
  test "$at" = "$argv[1]"
end
complete -c writ -f
${rows.flatMap(linesOf).join("\n")}
`;
}

function linesOf({ path, commands, options, operand }: CompletionRow): string[] {
  const here = `complete -c writ -n ${fishQuoted(`__writ_at ${quoted(path)}`)}`;
  const lines = commands.map(({ name, words }) => `${here} -fa ${name} -d ${fishQuoted(words)}`);
  if (operand !== "text") lines.push(`${here} ${OFFERED[operand]}`);
  for (const { name, words, value } of options) {
    const spelled = name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`;
    const offered = value === undefined ? "" : ` -r ${OFFERED[value]}`;
    lines.push(`${here} ${spelled}${offered} -d ${fishQuoted(words)}`);
  }
  return lines;
}

/** Within single quotes fish reads a backslash before a quote or another backslash only. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/**
 * `deno task docs:cli`: writes docs/cli.md from the commands, so that it says what they say.
 *
 * @module
 */
import { allCommands, type CommandInfo, programTree } from "../../runtime/cli/mod.ts";
import { TestIo } from "./test_io.ts";

const PAGE = new URL("../../docs/cli.md", import.meta.url);

const HEAD = `# The command line

This page is written by \`deno task docs:cli\` from the commands themselves; \`--help\` behind any of
them says the same.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage. With \`--json\` a command writes exactly one
JSON value to stdout; if it fails, that is \`{"error": {"code", "message", "hint"?}}\`, and the words
on stderr stay.
`;

/** The page as it must be. */
export function cliPage(tree: CommandInfo): string {
  const [program, ...commands] = allCommands(tree);
  return [
    HEAD,
    "| command | what it does |\n| --- | --- |\n" +
    commands.map(({ path, description }) =>
      `| [\`${path}\`](#writ-${path.replaceAll(" ", "-")}) | ${cell(description)} |`
    ).join("\n") + "\n",
    `## Options of every command\n\n${optionsOf(program!)}`,
    ...commands.map(section),
  ].join("\n");
}

function section(command: CommandInfo): string {
  const { path, usage, description, example } = command;
  const parts = [`## writ ${path}\n`, `${capital(description)}.\n`, fenced(usage)];
  const options = optionsOf(command);
  if (options !== "") parts.push(options);
  if (example !== undefined) parts.push(`For example:\n\n${fenced(example)}`);
  return parts.join("\n");
}

function optionsOf({ options }: CommandInfo): string {
  return options
    .filter(({ names }) => !names.includes("--help"))
    .map(({ flags, description, default: usual }) =>
      `- \`${flags}\`: ${prose(description)}${usual === undefined ? "" : ` (default: ${usual})`}\n`
    ).join("");
}

function fenced(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\`\n`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function cell(text: string): string {
  return prose(text).replaceAll("|", "\\|");
}

/** Words with a star or an angle bracket would be read as markup. */
function prose(text: string): string {
  return text.replaceAll("*", "\\*").replaceAll("<", "&lt;");
}

if (import.meta.main) Deno.writeTextFileSync(PAGE, cliPage(await programTree(new TestIo())));

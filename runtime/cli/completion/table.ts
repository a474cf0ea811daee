import { allCommands, type CommandInfo, type ValueKind } from "../command_tree.ts";

/** What a shell has to know of one command. */
export interface CompletionRow {
  /** `policy check`; empty for the program itself. */
  readonly path: string;
  /** Commands below it, and words that its argument may be. */
  readonly commands: readonly { readonly name: string; readonly words: string }[];
  readonly options: readonly CompletionOption[];
  /** What stands where no option asks for a value. */
  readonly operand: ValueKind;
}

/** One spelling of an option. */
export interface CompletionOption {
  readonly name: string;
  readonly words: string;
  readonly value: ValueKind | undefined;
  readonly choices: readonly string[];
}

/** One row for each command; options of the whole program stand in every row. */
export function completionTable(tree: CommandInfo): CompletionRow[] {
  const everywhere = tree.options.flatMap(spellings).filter(({ name }) => !/^(-V|--v)/.test(name));
  return allCommands(tree).map((command) => {
    const own = command.options.flatMap(spellings);
    const names = new Set(own.map(({ name }) => name));
    return {
      path: command.path,
      commands: [
        ...command.commands.map(({ path, description }) => ({
          name: path.split(" ").at(-1)!,
          words: description,
        })),
        ...(command.arguments[0]?.choices ?? []).map((name) => ({ name, words: "" })),
      ],
      options: [...own, ...everywhere.filter(({ name }) => !names.has(name))],
      operand: command.arguments[0]?.value ?? "text",
    };
  });
}

function spellings({ names, description, value, choices }: CommandInfo["options"][number]) {
  return names.map((name) => ({ name, words: description, value, choices }));
}

/** Text in single quotes, as every one of the shells reads it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

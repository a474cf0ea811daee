import type { Argument, Command, Option } from "commander";

/** What stands for a value: which files or names a shell can offer for it. */
export type ValueKind = "file" | "dir" | "script" | "choice" | "text";

/** An option of a command. */
export interface OptionInfo {
  /** As the help writes it: `-C, --cwd <dir>`. */
  readonly flags: string;
  /** `--cwd`, and `-C` where there is one. */
  readonly names: readonly string[];
  readonly description: string;
  /** `undefined` for an option without value. */
  readonly value: ValueKind | undefined;
  readonly choices: readonly string[];
  readonly default: string | undefined;
}

/** What stands without an option. */
export interface ArgumentInfo {
  readonly name: string;
  readonly value: ValueKind;
  readonly choices: readonly string[];
}

/** A command, with those below it. */
export interface CommandInfo {
  /** Without the program's name: `policy check`; empty for the program itself. */
  readonly path: string;
  readonly usage: string;
  readonly description: string;
  readonly example: string | undefined;
  readonly arguments: readonly ArgumentInfo[];
  readonly options: readonly OptionInfo[];
  readonly commands: readonly CommandInfo[];
}

const examples = new WeakMap<Command, string>();

/** Keeps the example of a command, which commander only knows as text below its help. */
export function rememberExample(command: Command, example: string): void {
  examples.set(command, example);
}

/** Reads a command and all below it: completion and documents are made of nothing else. */
export function commandTree(command: Command): CommandInfo {
  const path = pathOf(command);
  return {
    path,
    usage: `writ ${path} ${command.usage()}`.replace(/ +/g, " ").trim(),
    description: command.description(),
    example: examples.get(command),
    arguments: command.registeredArguments.map((argument: Argument) => ({
      name: argument.name(),
      value: kindOf(argument.name()),
      choices: argument.argChoices ?? [],
    })),
    options: command.createHelp().visibleOptions(command).map(optionInfo),
    commands: command.createHelp().visibleCommands(command)
      .filter((below) => below.name() !== "help")
      .map(commandTree),
  };
}

/** The program and every command below it, each before those below. */
export function allCommands(tree: CommandInfo): CommandInfo[] {
  return [tree, ...tree.commands.flatMap(allCommands)];
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}`.trim() : "";
}

function optionInfo(option: Option): OptionInfo {
  const { flags, short, long, description, required, optional, argChoices, defaultValue } = option;
  const [, value = ""] = /[<[]([^>\].]+)/.exec(flags) ?? [];
  return {
    flags,
    names: [long, short].filter((name) => name !== undefined && name !== null) as string[],
    description,
    value: !required && !optional ? undefined : argChoices ? "choice" : kindOf(value),
    choices: argChoices ?? [],
    default: defaultValue === undefined ? undefined : String(defaultValue),
  };
}

function kindOf(name: string): ValueKind {
  if (/^(?:file|manifest|key)$/.test(name)) return "file";
  if (name === "dir" || name === "folder") return "dir";
  return name === "script" ? "script" : "text";
}

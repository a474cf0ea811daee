/**
 * The command line. Start reading at {@linkcode runCli}; each command is one file of `commands/`.
 *
 * @module
 */

import { Command, CommanderError, type Option } from "commander";
import { resolve } from "node:path";
import { WRIT_VERSION } from "../core/version.ts";
import { type Action, Cli, type GlobalOptions, type Registry } from "./cli.ts";
import { type CommandInfo, commandTree, rememberExample } from "./command_tree.ts";
import { COMMANDS } from "./commands/mod.ts";
import { CliError } from "./errors.ts";
import { failureOf, failureText } from "./failure.ts";
import type { Io } from "./terminal/io.ts";
import { paintFor } from "./terminal/paint.ts";

export { allCommands, type CommandInfo, type OptionInfo } from "./command_tree.ts";
export type { CliSignal, Io, Output } from "./terminal/io.ts";
export { processIo } from "./terminal/process_io.ts";

const ABOUT = "Runs signed, accept-listed scripts in sealed cells.";
const MORE = `
Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
With --json a command writes exactly one JSON value to stdout; if it fails, that is
{"error": {"code", "message", "hint"?}}, and the words on stderr stay.`;

/**
 * Runs one command.
 *
 * A failure is written to stderr as `writ: error: …` and, where there is a next step, `hint: …`;
 * with `--json` also as `{"error": {code, message, hint?}}` to stdout.
 *
 * @param args What the user typed, without the program's name.
 * @returns The exit code: 0 done, 1 refused or failed, 2 wrong usage. Never rejects.
 */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const state = { exit: 0 };
  try {
    const program = await makeProgram(io, state, commandOf(args, io));
    await program.parseAsync(args, { from: "user" });
    return state.exit;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    // Whoever read our output has seen enough.
    if (error instanceof Deno.errors.BrokenPipe) return 1;
    return tellFailure(error instanceof CommanderError ? usageOf(error) : error, args, io);
  }
}

/** Every command and option, as documents are made of them. */
export async function programTree(io: Io): Promise<CommandInfo> {
  return commandTree(await makeProgram(io, { exit: 0 }));
}

/** The command that was typed, where there is one of that name. */
function commandOf(args: readonly string[], io: Io): string | undefined {
  const [name] = bareProgram(io).parseOptions([...args]).operands;
  // Behind a command it may be a field of a script's input.
  if (name === undefined) withVersion(bareProgram(io)).parseOptions([...args]);
  return name !== undefined && COMMANDS.has(name) ? name : undefined;
}

/** The program with the one command that is wanted, or with all when that is not known. */
async function makeProgram(io: Io, state: { exit: number }, wanted?: string): Promise<Command> {
  const bare = bareProgram(io);
  const program = wanted === undefined ? withVersion(bare) : bare;
  const registry = makeRegistry(program, io, state);
  const names = wanted === undefined ? [...COMMANDS.keys()] : [wanted];
  const adds = await Promise.all(names.map((name) => COMMANDS.get(name)!()));
  for (const add of adds) add(registry);
  return program;
}

function withVersion(program: Command): Command {
  return program.version(WRIT_VERSION, "-V, --version", "print the version");
}

function bareProgram(io: Io): Command {
  return new Command("writ")
    .description(ABOUT)
    .option("--json", "write one JSON value to stdout, for machines")
    .option(
      "-C, --cwd <dir>",
      "take relative paths from this folder; a second one starts at the first",
      (dir: string, before?: string) => resolve(before ?? io.cwd, dir),
    )
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: globalOptionsOf })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: () => {}, // told by tellFailure
      getOutHasColors: () => io.stdout.isTerminal,
      getErrHasColors: () => io.stderr.isTerminal,
    })
    .exitOverride()
    .addHelpText("after", MORE);
}

/** Those of the program itself; `writ hub`, which has commands below it, keeps its own. */
function globalOptionsOf(command: Command): Option[] {
  let program = command;
  while (program.parent) program = program.parent;
  return program === command ? [] : [...program.options];
}

function makeRegistry(parent: Command, io: Io, state: { exit: number }): Registry {
  const add = (name: string, description: string, example: string, above = parent) => {
    const command = above.command(name).description(description);
    rememberExample(command, example);
    return command.addHelpText("after", `\nExample:\n  ${example}`);
  };
  return {
    command: add,
    group(name, description, example) {
      return makeRegistry(add(name, description, example), io, state);
    },
    action<Args extends unknown[]>(run: Action<Args>) {
      return async (...args: unknown[]) => {
        const command = args.pop() as Command;
        // A command above that has the same option takes it, wherever it stands.
        const options = command.optsWithGlobals<GlobalOptions>();
        args[args.length - 1] = options;
        const cli = new Cli(io, options);
        state.exit = await run(cli, ...args as Args) ?? 0;
      };
    },
    tree: () => programTree(io),
  };
}

/** `error: unknown command 'tri'\n(Did you mean try?)`, in our form. */
function usageOf({ code, message }: CommanderError): CliError {
  if (code === "commander.help") {
    return new CliError("usage", "Cannot tell what to do as no command was given");
  }
  const [, what, nearest] = /^(?:error: )?([^]*?)(?:\n\(Did you mean ([^]*)\?\))?$/.exec(message)!;
  const [, found, choices] = /^(?:command-argument )?([^]*)\. Allowed choices are (.*)\.$/
    .exec(what!) ?? [];
  if (found !== undefined) return new CliError("usage", found, `choose one of: ${choices}`);
  const hint = nearest ? `did you mean ${nearest}?` : "add --help to see how it is used";
  return new CliError("usage", what!, hint);
}

function tellFailure(error: unknown, args: readonly string[], io: Io): number {
  const { exit, ...failure } = failureOf(error);
  io.stderr.write(failureText({ exit, ...failure }, paintFor(io.stderr)));
  const options = args.slice(0, args.includes("--") ? args.indexOf("--") : undefined);
  if (options.includes("--json")) io.stdout.write(JSON.stringify({ error: failure }) + "\n");
  return exit;
}

import type { Command } from "commander";
import { resolve } from "node:path";
import { printableJson } from "../core/printable.ts";
import type { CommandInfo } from "./command_tree.ts";
import type { Io } from "./terminal/io.ts";
import { type Paint, paintFor } from "./terminal/paint.ts";

/** Options that every command has. */
export interface GlobalOptions {
  json?: boolean;
  cwd?: string;
}

/**
 * What a command gets to work with: the outside, and the two ways to answer. One value on stdout
 * with `--json`, words for people otherwise.
 */
export class Cli {
  readonly io: Io;
  /** Colours for stdout and for stderr. */
  readonly out: Paint;
  readonly err: Paint;
  readonly json: boolean;
  readonly #cwd: string;

  constructor(io: Io, options: GlobalOptions) {
    this.io = io;
    this.json = options.json ?? false;
    this.out = paintFor(io.stdout);
    this.err = paintFor(io.stderr);
    this.#cwd = resolve(io.cwd, options.cwd ?? ".");
  }

  /** A path as the user meant it: relative ones start where they stand. */
  path(path: string): string {
    return resolve(this.#cwd, path);
  }

  /** Gives the command's answer. Call it once. */
  answer(value: unknown, text: () => string): void {
    this.io.stdout.write(this.json ? printableJson(value) + "\n" : withNewline(text()));
  }

  /** Tells a person something on the way; silent with `--json`. */
  note(text: string): void {
    if (!this.json) this.io.stderr.write(withNewline(text));
  }
}

/** What a command does: its exit code, 0 when it returns nothing. */
export type Action<Args extends unknown[]> = (
  cli: Cli,
  ...args: Args
) => Promise<number | void> | number | void;

/** Where commands are added to. */
export interface Registry {
  /**
   * Adds a command to the program or to one of its groups.
   *
   * @param example One line that works, shown below the help.
   * @param parent A command that has others below it; the program, or the group, when absent.
   */
  command(
    nameAndArguments: string,
    description: string,
    example: string,
    parent?: Command,
  ): Command;
  /** A group of commands, such as `policy`. */
  group(name: string, description: string, example: string): Registry;
  /** Wraps what a command does. `Args` is what commander passes: arguments, then options. */
  action<Args extends unknown[]>(run: Action<Args>): (...args: unknown[]) => Promise<void>;
  /** Every command and option of the program. */
  tree(): Promise<CommandInfo>;
}

function withNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : text + "\n";
}

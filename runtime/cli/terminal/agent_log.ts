import { type Command, Option } from "commander";
import type { Log, LogLevel } from "../../agent/mod.ts";
import type { Cli } from "../cli.ts";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];
const FORMATS = ["auto", "text", "json"] as const;

/** Options of commands that run an agent. */
export interface LogOptions {
  logLevel: LogLevel;
  logFormat: typeof FORMATS[number];
}

/** Adds `--log-level` and `--log-format`. */
export function withLog(command: Command): Command {
  const level = new Option("--log-level <level>", "the least that is worth a line");
  const format = new Option("--log-format <format>", "auto: lines on a terminal, JSON elsewhere");
  return command
    .addOption(level.choices(LEVELS).default("info"))
    .addOption(format.choices(FORMATS).default("auto"));
}

/** The agent's log on stderr: for a person on a terminal, else one JSON object a line. */
export async function agentLog(cli: Cli, { logLevel, logFormat }: LogOptions): Promise<Log> {
  const { jsonLog, logFrom, textLog } = await import("../../agent/log.ts");
  const { stderr } = cli.io;
  const write = (line: string) => stderr.write(line);
  const now = () => cli.io.now();
  const text = logFormat === "auto" ? stderr.isTerminal && !cli.json : logFormat === "text";
  const log = text ? textLog(write, now) : jsonLog(write, now);
  return logFrom(logLevel, log);
}

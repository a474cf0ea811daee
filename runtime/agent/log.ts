import { printableJson } from "../core/printable.ts";

/** How much an entry may matter, from the least. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** How much an entry matters. */
export type LogLevel = typeof LOG_LEVELS[number];

/** Leaves one entry in the agent's own log. `fields` must be JSON. */
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

/** A log of JSON lines, for machines. */
export function jsonLog(write: (line: string) => void, now: () => number = Date.now): Log {
  return (level, message, fields) => {
    write(
      JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields }) + "\n",
    );
  };
}

/**
 * A log of plain lines, for people. Values are written as JSON, so that no field can start a line
 * of its own or send an escape sequence to the terminal.
 */
export function textLog(write: (line: string) => void, now: () => number = Date.now): Log {
  return (level, message, fields) => {
    const values = Object.entries(fields ?? {}).map(([key, value]) => `${key}=${shown(value)}`);
    const time = new Date(now()).toISOString().slice(11, 19);
    write([time, level.toUpperCase().padEnd(5), message, ...values].join(" ") + "\n");
  };
}

/** Leaves out what matters less than `lowest`. */
export function logFrom(lowest: LogLevel, log: Log): Log {
  const least = LOG_LEVELS.indexOf(lowest);
  return (level, message, fields) => {
    if (LOG_LEVELS.indexOf(level) >= least) log(level, message, fields);
  };
}

/** A log that goes nowhere. */
export const silentLog: Log = () => {};

function shown(value: unknown): string {
  if (typeof value === "string" && /^[\w:./@+-]+$/.test(value)) return value;
  return printableJson(value);
}

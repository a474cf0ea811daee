import type { Command } from "commander";

/** What an order's options say about its time. */
export interface ScheduleOptions {
  expires?: string;
  at?: string;
  every?: string;
  cron?: string;
  timezone: string;
}

/** Adds the options that say when an order is due, besides how long it is good for. */
export function withSchedule(command: Command): Command {
  return command
    .option("--at <time>", "not before this time, like 2026-01-31T09:00:00Z")
    .option("--every <time>", "at once and again, like '10 min', until it expires; at least 1 min")
    .option("--cron <pattern>", "whenever it says until it expires: five parts, like '0 9 * * 1-5'")
    .option("--timezone <name>", "for --cron, like Europe/Berlin", "UTC");
}

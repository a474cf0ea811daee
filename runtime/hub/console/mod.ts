/**
 * The hub's console: pages for people.
 *
 * @module
 */
export { createConsole } from "./console.ts";
export type { ConsoleParts } from "./console_parts.ts";
export {
  DEFAULT_CONSOLE_LISTEN,
  type RunningConsole,
  startConsole,
  type StartConsoleOptions,
} from "./start_console.ts";

import process from "node:process";

/**
 * Processor time of all threads of this program so far, milliseconds. Unlike a clock it shows how
 * much there was to do, however busy the machine is.
 */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

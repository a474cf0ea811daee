import type { CheckedPolicy } from "../policy/mod.ts";
import type { Host } from "../sandbox/mod.ts";

/** One thing that `doctor` looked at. */
export interface Diagnosis {
  readonly check: string;
  readonly status: "ok" | "warning" | "problem";
  readonly found: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** The Deno that this was built and measured with; see docs. */
const TESTED_DENO = "2.9";

/** Whether the walls of a cell were tested with this Deno. */
export function checkDeno(version: string): Diagnosis {
  const found = `Deno ${version}`;
  if (version.startsWith(`${TESTED_DENO}.`)) return { check: "deno", status: "ok", found };
  return {
    check: "deno",
    status: "warning",
    found: `${found}, and the walls of a cell were tested with ${TESTED_DENO}`,
    fix: "run with npx -y deno@2.9.6, or run the hostile tests on this version",
  };
}

/** What stands between a script and the machine, by level. */
const LEVELS = [
  "Deno permissions and a watchdog only",
  "no new privileges, no capabilities, resource limits, no network unless granted",
  "all of level 1, and no file or process of this machine but what is granted",
];

/** @param failure Why no sandbox could be opened. */
export function checkIsolation(host: Host | undefined, failure: string | undefined): Diagnosis[] {
  if (!host) {
    return [{
      check: "isolation",
      status: "problem",
      found: `no cell can be started: ${failure}`,
      fix: "start Writ as the tasks of deno.json do: deno task writ doctor",
    }];
  }
  const level: Diagnosis = {
    check: "isolation",
    status: host.level === 0 ? "warning" : "ok",
    found: `level ${host.level}: ${LEVELS[host.level]}`,
  };
  const missing = host.missing.map((reason): Diagnosis => ({
    check: "isolation",
    status: "warning",
    found: `not higher as ${reason}`,
    fix: nextLevel(reason),
  }));
  return [level, ...missing, ...toolsOf(host), ...userOf(host)];
}

function nextLevel(reason: string): string {
  if (/util-linux/.test(reason)) return "apt-get install util-linux";
  if (/bubblewrap is not/.test(reason)) return "apt-get install bubblewrap";
  if (/level 2/.test(reason)) {
    return "let bubblewrap, 0.8 or newer, make namespaces: on Debian " +
      "sysctl kernel.unprivileged_userns_clone=1, on Ubuntu an AppArmor profile for bwrap, " +
      "in a container a /proc without masks";
  }
  return "run on Linux with util-linux and a kernel that allows namespaces";
}

function toolsOf({ tools, view }: Host): Diagnosis[] {
  if (!tools) return [];
  const found = [...Object.values(tools), ...(view ? [view.bwrap] : [])].join(", ");
  return [{ check: "tools", status: "ok", found }];
}

function userOf({ cellUid }: Host): Diagnosis[] {
  if (cellUid === undefined) return [];
  return [{
    check: "user",
    status: "warning",
    found: `running as root; cells run as user ${cellUid}`,
    fix: "run the agent as a user of its own",
  }];
}

/** @param mode Of the file or folder; `null` where there are none. */
export function checkPrivate(
  check: string,
  path: string,
  mode: number | null | undefined,
): Diagnosis {
  if (mode === undefined) return { check, status: "ok", found: `${path} does not exist yet` };
  if (mode === null || (mode & 0o077) === 0) return { check, status: "ok", found: path };
  const shown = (mode & 0o777).toString(8).padStart(4, "0");
  return {
    check,
    status: "problem",
    found: `${path} is open to others: its mode is ${shown}`,
    fix: `chmod go-rwx "${path}"`,
  };
}

/** Whether the policy folder can be used. */
export function checkPolicy({ mistakes, warnings }: CheckedPolicy, path: string): Diagnosis {
  if (mistakes.length > 0) {
    return {
      check: "policy",
      status: "problem",
      found: `${count(mistakes.length, "mistake")} in ${path}`,
      fix: "writ policy check",
    };
  }
  if (warnings.length === 0) return { check: "policy", status: "ok", found: path };
  return {
    check: "policy",
    status: "warning",
    found: `${count(warnings.length, "warning")} in ${path}`,
    fix: "writ policy check",
  };
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

/** A file from the future means that the clock was set back: expired orders would look fresh. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

/**
 * @param newest The time of the newest file that this fleet wrote, 0 when there is none.
 */
export function checkClock(now: number, newest: number): Diagnosis {
  const time = new Date(now).toISOString();
  if (newest <= now + CLOCK_TOLERANCE_MS) return { check: "clock", status: "ok", found: time };
  return {
    check: "clock",
    status: "problem",
    found: `${time}, and files here are from ${new Date(newest).toISOString()}`,
    fix: "set the clock, and keep it right with chrony or systemd-timesyncd",
  };
}

import { octal, OPEN_TO_OTHERS } from "../../core/file_mode.ts";
import { MB } from "../../core/limits.ts";
import type { CheckedPolicy } from "../../policy/mod.ts";
import type { Host } from "../../sandbox/mod.ts";

/** One thing that `doctor` looked at. */
export interface Diagnosis {
  readonly check: string;
  readonly status: "ok" | "warning" | "problem";
  readonly found: string;
  /** What to do about it. */
  readonly fix?: string;
  /** The same for `--fix`, where a program may do it without being asked once more. */
  readonly repair?: Repair;
}

/** What `doctor --fix` does. */
export type Repair =
  /** Takes every right to a file or folder from all but its owner. */
  | { readonly kind: "close"; readonly path: string }
  /** Removes a file that a killed agent left behind. */
  | { readonly kind: "remove"; readonly path: string }
  /** Has the running agent load its policy anew. */
  | { readonly kind: "reload" };

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
  if (mode === null || (mode & OPEN_TO_OTHERS) === 0) return { check, status: "ok", found: path };
  return {
    check,
    status: "problem",
    found: `${path} is open to others: its mode is ${octal(mode)}`,
    fix: `chmod go-rwx "${path}"`,
    repair: { kind: "close", path },
  };
}

/** Where less is free, an agent soon cannot write down what it does. */
export const FREE_BYTES = 1_000 * MB;

/** @param free Bytes that this user may still write; `undefined` when that is not known. */
export function checkDisk(path: string, free: number | undefined): Diagnosis {
  const check = "disk";
  if (free === undefined) {
    return { check, status: "ok", found: `free space at ${path} is not known` };
  }
  const found = `${(free / 1e9).toFixed(1)} GB free at ${path}`;
  if (free >= FREE_BYTES) return { check, status: "ok", found };
  return {
    check,
    status: "problem",
    found,
    fix: "make room; retention in policy/fleet.yaml bounds what the agent keeps",
  };
}

/** Whether the running agent goes by the files as they are written now. */
export function checkInForce(running: string, written: string): Diagnosis {
  const check = "in force";
  if (running === written) return { check, status: "ok", found: "the policy as it is written" };
  return {
    check,
    status: "warning",
    found: "an older policy than the one that is written",
    fix: "writ policy reload, which also says why it may have been refused",
    repair: { kind: "reload" },
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

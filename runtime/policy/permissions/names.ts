import { didYouMean } from "../near_word.ts";
import type { Finding } from "../yaml/policy_file.ts";

/** `sys` names that tell a script nothing it could do harm with. */
const HARMLESS_SYS = [
  "hostname",
  "osRelease",
  "osUptime",
  "loadavg",
  "systemMemoryInfo",
  "cpus",
] as const;

/** All `sys` names of Deno 2.9.6. */
export const ALL_SYS = [
  ...HARMLESS_SYS,
  "networkInterfaces",
  "uid",
  "gid",
  "homedir",
  "username",
  "userInfo",
  "statfs",
  "getegid",
  "getPriority",
  "setPriority",
] as const;

/** Variables that steer the runtime, the loader or where connections go. */
const STEERING =
  /^(DENO|NODE|NPM|V8|LD|DYLD|RUST|SSL|MALLOC|GLIBC)(_|$)|_PROXY$|^(PATH|IFS|TMPDIR)$/;

/** Checks the name of one environment variable; `undefined` when it may be granted. */
export function envFinding(name: string): Finding | undefined {
  const got = `got ${JSON.stringify(name)}`;
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) {
    return { code: "bad_value", message: `must be the name of one variable: ${got}` };
  }
  if (STEERING.test(name.toUpperCase())) {
    return {
      code: "needs_unsafe",
      message: `must not be a variable that steers the runtime: ${got}`,
      hint: "give it under unsafe with a reason, if it must be",
    };
  }
  return undefined;
}

/** Checks one `sys` name; `undefined` when it may be granted. */
export function sysFinding(name: string): Finding | undefined {
  if ((HARMLESS_SYS as readonly string[]).includes(name)) return undefined;
  const known = (ALL_SYS as readonly string[]).includes(name);
  return {
    code: known ? "needs_unsafe" : "bad_value",
    message: `must be one of ${HARMLESS_SYS.join(", ")}: got ${JSON.stringify(name)}`,
    hint: known ? "give it under unsafe with a reason" : didYouMean(name, HARMLESS_SYS),
  };
}

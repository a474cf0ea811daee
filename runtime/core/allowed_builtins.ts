/**
 * The `node:` modules a script may import: those that compute and hold nothing of the machine.
 * Left out is all that reaches files, network, processes, threads, other realms or V8, and `os`,
 * `process` and `module`. A cell refuses what matters anyway; this list tells an author early.
 */
export const ALLOWED_BUILTINS: ReadonlySet<string> = new Set([
  "node:assert",
  "node:assert/strict",
  "node:async_hooks", // AsyncLocalStorage
  "node:buffer",
  "node:crypto",
  "node:diagnostics_channel",
  "node:events",
  "node:path",
  "node:path/posix",
  "node:path/win32",
  "node:punycode",
  "node:querystring",
  "node:stream",
  "node:stream/consumers",
  "node:stream/promises",
  "node:stream/web",
  "node:string_decoder",
  "node:timers",
  "node:timers/promises",
  "node:url",
  "node:util",
  "node:util/types",
  "node:zlib",
]);

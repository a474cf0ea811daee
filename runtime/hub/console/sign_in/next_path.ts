/**
 * Where to go after signing in: a path of the console's own, whatever the address asked for.
 *
 * @example
 * ```ts
 * import { nextPath } from "./next_path.ts";
 * import assert from "node:assert/strict";
 *
 * const origin = "https://console.example";
 * assert.equal(nextPath("/agents?page=2", origin), "/agents?page=2");
 * assert.equal(nextPath("//evil.example/", origin), "/");
 * ```
 */
export function nextPath(asked: string | undefined, origin: string): string {
  if (asked === undefined || !URL.canParse(asked, origin)) return "/";
  const url = new URL(asked, origin);
  const path = url.pathname + url.search;
  // A path that begins with two slashes would be read as the name of a host.
  return url.origin === origin && !path.startsWith("//") ? path : "/";
}

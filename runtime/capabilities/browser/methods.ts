/** What a script may ask of its browser. */
export const BROWSER_METHODS = [
  "open",
  "list",
  "page",
  "navigate",
  "apply",
  "listen",
  "next",
  "unlisten",
  "state",
  "snapshot",
  "read",
  "stream",
  "frame",
  "unstream",
  "draw",
  "sign",
  "close",
] as const;

/** One of {@linkcode BROWSER_METHODS}. */
export type BrowserMethod = typeof BROWSER_METHODS[number];

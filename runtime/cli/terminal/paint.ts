import type { Output } from "./io.ts";

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Colours text, each named by what it does. */
export type Paint = Record<keyof typeof STYLES, (text: string) => string>;

/** Colours for an output: real ones on a terminal, none elsewhere. */
export function paintFor(output: Output): Paint {
  const entries = Object.entries(STYLES).map(([name, code]) => [
    name,
    (text: string) => output.isTerminal ? `\x1b[${code}m${text}\x1b[0m` : text,
  ]);
  return Object.fromEntries(entries);
}

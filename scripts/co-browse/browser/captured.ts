import type { BrowserEvent } from "writ";
import { browserInput, type Input } from "../wire/input.ts";

/** What a browser says that nobody follows, or, of its pages, is told as what pages there are. */
const NOT_FOLLOWED = new Set(["viewport", "pointer", "mirror", "refused", "browser", "tab"]);

/**
 * What a person did in this browser, for others to follow.
 *
 * @returns Nothing for what was applied here, what is nobody's to follow, and what has another shape
 * than may go out.
 */
export function captured(event: BrowserEvent): Input | undefined {
  if (NOT_FOLLOWED.has(event.type)) return undefined;
  if ("applied" in event && event.applied) return undefined;
  const input = plain(event as BrowserEvent & Record<string, unknown>);
  return browserInput(input) ? input : undefined;
}

function plain({ n: _n, at: _at, ...rest }: Record<string, unknown>): unknown {
  const { type, url, tab } = rest;
  return type === "navigation" ? { type, url, tab } : rest;
}

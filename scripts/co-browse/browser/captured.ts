import type { BrowserEvent } from "writ";
import { browserInput, type Input } from "../wire/input.ts";

/** What a browser says besides what was done in it, that nobody else must follow. */
const NOT_FOLLOWED = new Set(["viewport", "pointer", "mirror", "refused", "browser"]);

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
  const { type, url, tab, action } = rest;
  if (type === "navigation") return { type, url, tab };
  if (type === "tab") return { type, tab, action: action === "closed" ? "close" : action };
  return rest;
}

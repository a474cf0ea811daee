import { HubError } from "./errors.ts";
import { HUB_LIMITS } from "./limits.ts";

/** Some of a list, and what to ask with for those behind them; `null` behind the last. */
export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

/** Which part of a list is wanted. */
export interface PageOptions {
  /** `next` of the page before. */
  after?: string | undefined;
  limit?: number | undefined;
}

/** How many items, within what a page may have. */
export function limitOf({ limit = HUB_LIMITS.PAGE }: PageOptions): number {
  return Math.max(1, Math.min(limit, HUB_LIMITS.PAGE_MOST));
}

/**
 * How many rows fit on a page, as agents say how long each is; one does in any case.
 *
 * @param sizes Characters of the rows of a page, in its order.
 */
export function fittingLimit(sizes: readonly { size: number | null }[], limit: number): number {
  let characters = 0;
  const beyond = sizes.findIndex(({ size }) =>
    (characters += Number(size ?? 0)) > HUB_LIMITS.PAGE_CHARACTERS
  );
  return beyond < 0 ? limit : Math.max(1, Math.min(beyond, limit));
}

/** Cuts what was asked for with one more than the limit, so that the last page is known as such. */
export function pageOf<T>(rows: T[], limit: number, keyOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? keyOf(items.at(-1)!) : null };
}

/** The place of a row in a list by time, newest first, as it is handed out as `next`. */
export function placeOf({ created, id }: { created: number; id: string }): string {
  return `${created}.${id}`;
}

/** Behind which row a page begins: its time and its id. */
export function placeAfter({ after }: PageOptions): [created: number, id: string] {
  if (after === undefined) return [Number.MAX_SAFE_INTEGER, ""];
  const match = /^(\d{1,15})\.([\w-]{1,64})$/.exec(after);
  if (match) return [Number(match[1]), match[2]!];
  throw new HubError("bad_request", "Cannot find the page as its name was not given out here");
}

/** A number that was handed out as `next`. */
export function numberAfter({ after }: PageOptions, otherwise: number): number {
  if (after === undefined) return otherwise;
  if (/^\d{1,15}$/.test(after)) return Number(after);
  throw new HubError("bad_request", "Cannot find the page as its name was not given out here");
}

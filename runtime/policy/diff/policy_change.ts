/** What a change of the policy does to what may happen on an agent. */
export type Effect =
  /** Something may happen that could not before. */
  | "widens"
  /** Something may not happen any more. */
  | "narrows"
  /** Neither, or it cannot be told. */
  | "changes";

/** What a change is about. */
export type ChangedPart =
  | "fleet"
  | "audit-mode"
  | "publisher"
  | "accept"
  | "deny"
  | "grant"
  | "orderer"
  | "label"
  | "ceiling"
  | "expiry";

/** One difference between two policies, in words. The shape of `writ policy diff --json`. */
export interface PolicyChange {
  readonly part: ChangedPart;
  /** The script, publisher, orderer or agent it is about; empty for the whole fleet. */
  readonly subject: string;
  readonly words: string;
  readonly effect: Effect;
  /** Whether an `unsafe` permission comes or goes. */
  readonly unsafe: boolean;
}

/** Collects the changes of one part and subject. */
export class Changes {
  readonly list: PolicyChange[] = [];

  /** Notes one change. */
  add(
    part: ChangedPart,
    subject: string,
    effect: Effect,
    words: string,
    unsafe = false,
  ): void {
    this.list.push({ part, subject, words, effect, unsafe });
  }
}

/** The keys of both maps, sorted, so that equal policies give equal lists of changes. */
export function keysOfBoth<K>(a: ReadonlyMap<K, unknown>, b: ReadonlyMap<K, unknown>): K[] {
  return [...new Set([...a.keys(), ...b.keys()])].sort();
}

/** Whether two JSON values are the same, whatever sequence their keys have. */
export function same(a: unknown, b: unknown): boolean {
  // Mostly the same in the same sequence: ten thousand grants are compared at every reload.
  return a === b || JSON.stringify(a) === JSON.stringify(b) || sorted(a) === sorted(b);
}

function sorted(value: unknown): string {
  return JSON.stringify(
    value,
    (_, v) =>
      v && typeof v === "object" && !Array.isArray(v)
        ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
        : v,
  ) ?? "";
}

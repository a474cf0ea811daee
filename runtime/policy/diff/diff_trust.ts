import type { AcceptEntry, DenyEntry, Publisher } from "../../core/documents/acceptlist.ts";
import type { Role } from "../../core/documents/root.ts";
import { isRangeWithin } from "../../core/semver_range.ts";
import { type ChangedPart, type Changes, type Effect, keysOfBoth, same } from "./policy_change.ts";

/** Publishers: who may sign modules. */
export function diffPublishers(
  before: ReadonlyMap<string, Publisher>,
  after: ReadonlyMap<string, Publisher>,
  changes: Changes,
): void {
  for (const name of keysOfBoth(before, after)) {
    const [old, now] = [before.get(name), after.get(name)];
    if (!now) changes.add("publisher", name, "narrows", "is no publisher any more");
    else if (!old) {
      const words = `is a publisher: ${now.threshold} of ${keys(now.keys.length)} must sign`;
      changes.add("publisher", name, "widens", words);
    } else diffPublisher(name, old, now, changes);
  }
}

/** How far the keys in a state are trusted. */
const TRUST = { revoked: 0, retired: 1, active: 2 } as const;

function diffPublisher(name: string, old: Publisher, now: Publisher, changes: Changes): void {
  for (const { key, state, maxSequence } of now.keys) {
    const before = old.keys.find((entry) => entry.key === key);
    if (same(before, { key, state, ...(maxSequence !== undefined && { maxSequence }) })) continue;
    const until = state !== "retired" || maxSequence === undefined
      ? ""
      : ` (good up to sequence ${maxSequence})`;
    const words = before
      ? `key ${key} is ${state}${until} and no longer ${before.state}`
      : `has a new key, ${state}${until}: ${key}`;
    changes.add("publisher", name, keyEffect(before, { state, maxSequence }), words);
  }
  for (const { key, state } of old.keys) {
    if (now.keys.some((entry) => entry.key === key)) continue;
    // Listed as revoked or not at all: it counts for nothing either way.
    const effect = state === "revoked" ? "changes" : "narrows";
    changes.add("publisher", name, effect, `key ${key} does not count any more`);
  }
  diffThreshold("publisher", name, old, now, changes);
}

type KeyState = Pick<Publisher["keys"][number], "state" | "maxSequence">;

function keyEffect(before: KeyState | undefined, after: KeyState): Effect {
  const was = before ? TRUST[before.state] : TRUST.revoked;
  const is = TRUST[after.state];
  if (is !== was) return is > was ? "widens" : "narrows";
  if (after.state !== "retired") return "changes";
  return (after.maxSequence ?? -1) > (before?.maxSequence ?? -1) ? "widens" : "narrows";
}

/** Orderers: who may have scripts run. */
export function diffOrderers(
  before: ReadonlyMap<string, Role>,
  after: ReadonlyMap<string, Role>,
  changes: Changes,
): void {
  for (const name of keysOfBoth(before, after)) {
    const [old, now] = [before.get(name), after.get(name)];
    if (!now) changes.add("orderer", name, "narrows", "may not order any more");
    else if (!old) {
      const words = `may order: ${now.threshold} of ${keys(now.keys.length)} must sign`;
      changes.add("orderer", name, "widens", words);
    } else diffRole(name, old, now, changes);
  }
}

function diffRole(name: string, old: Role, now: Role, changes: Changes): void {
  for (const key of now.keys.filter((k) => !old.keys.includes(k))) {
    changes.add("orderer", name, "widens", `has a new key: ${key}`);
  }
  for (const key of old.keys.filter((k) => !now.keys.includes(k))) {
    changes.add("orderer", name, "narrows", `key ${key} does not count any more`);
  }
  diffThreshold("orderer", name, old, now, changes);
}

function diffThreshold(
  part: ChangedPart,
  name: string,
  old: { threshold: number },
  now: { threshold: number },
  changes: Changes,
): void {
  if (old.threshold === now.threshold) return;
  const effect = now.threshold < old.threshold ? "widens" : "narrows";
  const words = `${now.threshold} of its keys must sign and no longer ${old.threshold}`;
  changes.add(part, name, effect, words);
}

/** Accept entries: what may run. */
export function diffAccepted(
  before: readonly AcceptEntry[],
  after: readonly AcceptEntry[],
  changes: Changes,
): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  const known = new Set(before.map(acceptText));
  const kept = new Set(after.map(acceptText));
  const [gone, fresh] = [
    grouped(before.filter((entry) => !kept.has(acceptText(entry)))),
    grouped(after.filter((entry) => !known.has(acceptText(entry)))),
  ];
  const [olds, news] = [grouped(before), grouped(after)];
  for (const [script, entries] of fresh) {
    for (const entry of entries) {
      const covered = isCovered(entry, olds.get(script));
      const effect = covered ? "changes" : "widens";
      changes.add("accept", script, effect, `${entryWords(entry)} may run`);
    }
  }
  for (const [script, entries] of gone) {
    for (const entry of entries) {
      const covered = isCovered(entry, news.get(script));
      const effect = covered ? "changes" : "narrows";
      const words = covered ? "has no entry of its own any more" : "may not run any more";
      changes.add("accept", script, effect, `${entryWords(entry)} ${words}`);
    }
  }
}

/** An accept entry as a text that no other has. */
function acceptText(entry: AcceptEntry): string {
  return "sha256" in entry
    ? `${entry.script} ${entry.sha256}`
    : JSON.stringify([entry.script, entry.range, entry.minSequence ?? null]);
}

/** By script, so that ten thousand entries are not compared each with each. */
function grouped(entries: readonly AcceptEntry[]): Map<string, AcceptEntry[]> {
  const groups = new Map<string, AcceptEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.script);
    if (group) group.push(entry);
    else groups.set(entry.script, [entry]);
  }
  return groups;
}

/**
 * Whether other entries accept all that this one does. What a hash pins may be of any version, so no
 * range is known to cover it, and the same hash is the same entry.
 */
function isCovered(entry: AcceptEntry, others: readonly AcceptEntry[] = []): boolean {
  if ("sha256" in entry) return false;
  return others.some((other) =>
    !("sha256" in other) &&
    (other.minSequence ?? 0) <= (entry.minSequence ?? 0) &&
    isRangeWithin(entry.range, other.range)
  );
}

/** What an accept entry accepts, in words. */
export function entryWords(entry: AcceptEntry): string {
  if ("sha256" in entry) return `exactly ${entry.sha256}`;
  const from = entry.minSequence === undefined ? "" : ` from sequence ${entry.minSequence} on`;
  return `versions ${entry.range}${from}`;
}

/** Deny entries: what may not run, whatever accepts it. */
export function diffDenied(
  before: readonly DenyEntry[],
  after: readonly DenyEntry[],
  changes: Changes,
): void {
  const known = new Set(before.map(bareDeny));
  const kept = new Set(after.map(bareDeny));
  for (const entry of after.filter((e) => !known.has(bareDeny(e)))) {
    const why = entry.reason === undefined ? "" : ` (reason: ${entry.reason})`;
    changes.add("deny", subjectOf(entry), "narrows", `${denyWords(entry)} is denied${why}`);
  }
  for (const entry of before.filter((e) => !kept.has(bareDeny(e)))) {
    changes.add("deny", subjectOf(entry), "widens", `${denyWords(entry)} is denied no longer`);
  }
}

/** What a deny entry forbids, in words. */
export function denyWords(entry: DenyEntry): string {
  if ("key" in entry) return `all that ${entry.key} signed`;
  if ("sha256" in entry) return `the module ${entry.sha256}`;
  return entry.range === undefined ? "every version" : `versions ${entry.range}`;
}

function subjectOf(entry: DenyEntry): string {
  return "script" in entry ? entry.script : "key" in entry ? entry.key : entry.sha256;
}

/** The entry without its reason, which forbids nothing. */
function bareDeny({ reason: _, ...entry }: DenyEntry): string {
  return textOf(entry);
}

function textOf(entry: object): string {
  return JSON.stringify(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function keys(count: number): string {
  return count === 1 ? "1 key" : `${count} keys`;
}

import type { ScannerChange, ScannerFile } from "writ";
import { parseDatabaseFile } from "./database_file.ts";
import type { Desk } from "./desk.ts";
import { seenPeers } from "./gossip.ts";
import type { ShelfFile } from "./shelf.ts";

const REFUSED = "refused";
const USES = "uses";
/** What was said last of why the newest is not in use. */
const TOLD = "told";
/** Generations of which it is remembered what they are. */
const KNOWN_GENERATIONS = 20;
/** How long files that could not be used are not tried again as they are. */
const REFUSED_MS = 24 * 3_600_000;

/** Files that the scanner was not given, or was taken back from. */
interface Refused {
  readonly sources: Readonly<Record<string, string>>;
  readonly versions: Versions;
  readonly why: string;
  /** When they are tried again, milliseconds since 1970; absent for never. */
  readonly until?: number;
}

/** What became of the newest files. */
export type UseReport =
  | { readonly used: "nothing_new" | "no_scanner" }
  | { readonly used: "waits"; readonly for: string }
  | { readonly used: "refused"; readonly why: string }
  | {
    readonly used: "now";
    readonly versions: Versions;
    /** Whether clamd was told; `null` where the grant names none. */
    readonly reloaded: boolean | null;
  };

/** By database or list. */
type Versions = Readonly<Record<string, number>>;

/**
 * Has the scanner use the newest files of the shelf: tested first, the old ones stay otherwise. With
 * a label in the settings, agents that have it go first; all others wait for one of them to use the
 * same versions, and stop when one of them could not.
 */
export async function useNewest(desk: Desk): Promise<UseReport> {
  if (!desk.scanner) return { used: "no_scanner" };
  const files = usable(await desk.shelf.files(), desk.settings.databases);
  const sources = sourcesOf(files);
  const { current } = await desk.scanner.status();
  if (files.length === 0) {
    if (current?.files.length) return { used: "nothing_new" };
    return { used: "waits", for: "a first database: none is in use, kept here, or offered" };
  }
  if (current && isSame(sources, current.sources)) {
    // The same content may have come under a greater version.
    const versions = versionsOf(files);
    if (!isSame(versions, (await useOf(desk)).uses!)) await remember(current.id, versions, desk);
    if (await desk.store.get(REFUSED)) await forgetRefusal(desk);
    return { used: "nothing_new" };
  }
  const refused = await desk.store.get<Refused>(REFUSED);
  const isOver = desk.now() >= (refused?.until ?? Infinity);
  if (refused && !isOver && isSame(sources, refused.sources)) {
    return { used: "refused", why: refused.why };
  }
  const versions = versionsOf(files);
  const wait = await waitsFor(versions, desk);
  if (wait) return { used: "waits", for: wait };
  try {
    const { said, current, reloaded } = await desk.scanner.install(files.map(sourceOf));
    if (said) desk.log.warn(`freshclam found another way: ${said}`);
    if (reloaded === false) {
      desk.log.warn("clamd was not there to be told, and reads it as it starts");
    }
    await remember(current!.id, versions, desk);
    await forgetRefusal(desk);
    for (const name of Object.keys(versions)) await desk.wholeWanted.remove(name);
    desk.log.info(`The scanner uses ${JSON.stringify(versions)}`);
    desk.emit("in_use", { versions });
    return { used: "now", versions, reloaded };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    desk.log.error(`The scanner keeps what it has: ${message}`);
    await tellOnce({ versions, why: message }, desk);
    // What may be had later is tried again: a full disk, a scanner that is not installed yet.
    const short = files.filter(({ headOnly }) => headOnly);
    // Where the increments did not lead there, the whole may.
    for (const { name } of short) await desk.wholeWanted.add(name.replace(/\.cvd$/, ""));
    if (code === "failed" && short.length === 0) {
      const until = desk.now() + REFUSED_MS;
      await desk.store.set(REFUSED, { sources, versions, why: message, until });
    }
    return { used: "refused", why: message };
  }
}

/**
 * Forgets what could not be used, or was taken back: it is in use, or somebody has asked that it be
 * tried again.
 */
export async function forgetRefusal({ store }: Desk): Promise<void> {
  await store.delete(REFUSED);
  await store.delete(TOLD);
}

/** Says why the scanner was not given something, once however often that is tried. */
async function tellOnce(
  refused: Pick<Refused, "versions" | "why">,
  { store, emit }: Desk,
): Promise<void> {
  if (await store.get<string>(TOLD) === refused.why) return;
  emit("not_used", refused);
  await store.set(TOLD, refused.why);
}

/** Goes back a generation, and does not come back to the one that was left by itself. */
export async function rollBack(desk: Desk): Promise<ScannerChange> {
  if (!desk.scanner) throw new TypeError("Cannot roll back as no grant lends the scanner");
  const files = usable(await desk.shelf.files(), desk.settings.databases);
  const refused: Refused = {
    sources: sourcesOf(files),
    versions: versionsOf(files),
    why: "rolled back by an order",
  };
  const change = await desk.scanner.rollback();
  await desk.store.set(REFUSED, refused);
  return change;
}

/** What a generation is made of, for whenever it is in use. */
async function remember(generation: number, versions: Versions, { store }: Desk): Promise<void> {
  const known = Object.entries(await store.get<Record<string, Versions>>(USES) ?? {});
  const kept = known.filter(([id]) => Number(id) < generation).slice(1 - KNOWN_GENERATIONS);
  await store.set(USES, Object.fromEntries([...kept, [generation, versions]]));
}

/** Versions that are in use, and those that could not be. */
export async function useOf(desk: Desk): Promise<{
  uses: Versions | null;
  refused: Versions;
}> {
  if (!desk.scanner) return { uses: null, refused: {} };
  const refused = await desk.store.get<Refused>(REFUSED);
  const known = await desk.store.get<Record<string, Versions>>(USES);
  const { current } = await desk.scanner.status();
  return { uses: known?.[current?.id ?? ""] ?? {}, refused: { ...refused?.versions } };
}

/** Why the newest could not be used; nothing when they could. */
export async function whyRefused({ store }: Desk): Promise<string | undefined> {
  return (await store.get<Refused>(REFUSED))?.why;
}

/** The agents that must go first, in words; nothing when this one may go. */
async function waitsFor(
  versions: Versions,
  desk: Desk,
): Promise<string | undefined> {
  const { first } = desk.settings;
  const peers = await desk.peers?.list() ?? [];
  const goesFirst = (labels: readonly string[]) => first !== undefined && labels.includes(first);
  if (first === undefined || peers.some(({ self, labels }) => self && goesFirst(labels))) return;
  const others = new Set(peers.filter(({ labels }) => goesFirst(labels)).map(({ id }) => id));
  const ahead = (await seenPeers(desk)).filter(({ id }) => others.has(id));
  const every = Object.entries(versions);
  const halted = ahead.find(({ refused }) => every.some(([name, at]) => refused[name] === at));
  if (halted) return `nothing: ${halted.name} could not use it`;
  const gone = ahead.some(({ uses }) => every.every(([name, at]) => (uses?.[name] ?? -1) >= at));
  return gone ? undefined : `an agent labelled ${first}`;
}

function usable(files: readonly ShelfFile[], databases: readonly string[]): ShelfFile[] {
  return files.filter(({ name }) => {
    const kind = parseDatabaseFile(name);
    return kind?.kind === "list" || (kind?.kind === "whole" && databases.includes(kind.database));
  });
}

function sourcesOf(files: readonly ShelfFile[]): Record<string, string> {
  return Object.fromEntries(files.map(sourceOf).map(({ name, sha256 }) => [name, sha256]));
}

/** A database is known by its header: nothing is new when the rest of it comes later. */
function sourceOf({ name, sha256, head }: ShelfFile): ScannerFile {
  return { name, sha256: head?.sha256 ?? sha256 };
}

function versionsOf(files: readonly ShelfFile[]): Record<string, number> {
  return Object.fromEntries(
    files.map(({ name, version }) => [name.replace(/\.cvd$/, ""), version]),
  );
}

function isSame(
  a: Readonly<Record<string, string | number>>,
  b: Readonly<Record<string, string | number>>,
): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

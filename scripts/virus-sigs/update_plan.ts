import { parseDatabaseFile } from "./database_file.ts";
import type { Head, ShelfFile } from "./shelf.ts";

/** A file to get from somebody who has it. */
export interface WantedFile {
  readonly name: string;
  readonly sha256: string;
  readonly length: number;
  readonly version: number;
  /** Digest of the chunk list by which it can be pulled. */
  readonly list?: string;
  readonly verified?: boolean;
  readonly signature?: string;
  /** How the header of a whole database is had by itself. */
  readonly head?: Head;
  /** Whether the peer has no more of it. */
  readonly headOnly?: boolean;
}

/**
 * What to get of one database, given what is here and what others offer: the newest whole file, and
 * the increments that lead to it.
 *
 * @param here Files on the own shelf.
 * @param offered Files that peers have; by the word of each, so versions are looked at again.
 * @returns Nothing when nobody offers anything newer.
 */
export function planUpdate(
  database: string,
  here: readonly ShelfFile[],
  offered: readonly WantedFile[],
): WantedFile[] {
  const whole = newest(database, offered.filter(({ headOnly }) => !headOnly));
  if (whole === undefined) return [];
  const mine = here.find((file) => isWhole(file.name, database))?.version ?? 0;
  if (whole.version <= mine) return [];
  const missing = (file: WantedFile) => here.every(({ sha256 }) => sha256 !== file.sha256);
  const increments = offered.filter((file) => {
    const kind = parseDatabaseFile(file.name);
    return kind?.kind === "increment" && kind.database === database &&
      kind.version === file.version && file.version > mine && file.version <= whole.version;
  });
  const byVersion = new Map(increments.map((file) => [file.version, file]));
  return [whole, ...byVersion.values()].filter(missing);
}

/**
 * The same for a machine whose own scanner is all that counts: the header of the newest and the
 * increments from what is in use, where those are to be had without a gap and are shorter.
 *
 * @param inUse Version that the scanner uses.
 * @returns `undefined` when the whole is to be got.
 */
export function planIncrements(
  database: string,
  here: readonly ShelfFile[],
  offered: readonly WantedFile[],
  inUse: number,
): { head: WantedFile & { head: Head }; increments: WantedFile[] } | undefined {
  const head = newest(database, offered.filter((file) => file.head !== undefined));
  const mine = here.find((file) => isWhole(file.name, database))?.version ?? 0;
  if (!head?.head || head.version <= Math.max(mine, inUse)) return undefined;
  const increments: WantedFile[] = [];
  for (let version = inUse + 1; version <= head.version; version++) {
    const name = `${database}-${version}.cdiff`;
    if (here.some((file) => file.name === name)) continue;
    const offer = offered.find((file) => file.name === name && file.version === version);
    if (!offer) return undefined;
    increments.push(offer);
  }
  const bytes = increments.reduce((sum, { length }) => sum + length, 0);
  return bytes < head.length ? { head: { ...head, head: head.head }, increments } : undefined;
}

/** The newest whole database that is offered. */
function newest(database: string, offered: readonly WantedFile[]): WantedFile | undefined {
  return offered.filter((file) => isWhole(file.name, database))
    .reduce<WantedFile | undefined>(
      (best, file) => best && best.version >= file.version ? best : file,
      undefined,
    );
}

function isWhole(name: string, database: string): boolean {
  const kind = parseDatabaseFile(name);
  return kind?.kind === "whole" && kind.database === database;
}

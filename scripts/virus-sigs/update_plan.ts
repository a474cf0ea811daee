import { parseDatabaseFile } from "./database_file.ts";
import type { ShelfFile } from "./shelf.ts";

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
}

/**
 * What to get of one database, given what is here and what others offer: the newest whole file, and
 * the increments that lead to it. The own scanner needs the increments alone; but who begins with
 * nothing asks for the whole, and no agent could give that on without having it.
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
  const whole = newest(database, offered);
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

import { parseDatabaseFile } from "./database_file.ts";
import type { ShelfFile } from "./shelf.ts";
import type { WantedFile } from "./update_plan.ts";

/** A file that a peer offers: its word, and no more. */
export type OfferedFile = WantedFile & { readonly list: string; readonly verified: boolean };

/** What one agent tells others of itself. */
export interface Inventory {
  readonly files: readonly OfferedFile[];
  /** Versions that its scanner uses, by database or list; `null` where it keeps no scanner. */
  readonly uses: Readonly<Record<string, number>> | null;
  /** Versions that its scanner could not be given. */
  readonly refused: Readonly<Record<string, number>>;
  /** How many hours ago what it keeps was made, by database or list. */
  readonly ages: Readonly<Record<string, number>>;
}

/** Files of one agent that are looked at, one of each name. */
const MAX_FILES = 500;
/** Nothing but a whole database is longer. */
const MAX_PART_BYTES = 64_000_000;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** What of the shelf can be pulled by others. */
export function offersOf(files: readonly ShelfFile[]): OfferedFile[] {
  return files.filter((file) => file.list !== undefined).slice(0, MAX_FILES).map((file) => {
    const { name, sha256, length, version, list, verified = false, signature } = file;
    const { head, headOnly } = file;
    return {
      name,
      sha256,
      length,
      version,
      list: list!,
      verified,
      ...(signature && { signature }),
      ...(head && { head }),
      ...(headOnly && { headOnly }),
    };
  });
}

/**
 * Reads what an agent told, which may be anything.
 *
 * @throws {SyntaxError} when it is no inventory
 */
export function parseInventory(text: string): Inventory {
  const told = JSON.parse(text);
  if (!isRecord(told) || !Array.isArray(told.files) || told.files.length > MAX_FILES) {
    throw new SyntaxError("Cannot read an inventory as it has no list of files");
  }
  return {
    files: [...new Map(told.files.filter(isOffer).map((file) => [file.name, file])).values()],
    uses: told.uses === null ? null : countsOf(told.uses),
    refused: countsOf(told.refused),
    ages: countsOf(told.ages),
  };
}

function isOffer(file: unknown): file is OfferedFile {
  if (!isRecord(file)) return false;
  const { name, sha256, length, version, list, verified, signature, head, headOnly } = file;
  const kind = typeof name === "string" ? parseDatabaseFile(name)?.kind : undefined;
  return kind !== undefined &&
    typeof sha256 === "string" && DIGEST.test(sha256) &&
    typeof list === "string" && DIGEST.test(list) &&
    isCount(length) && (kind === "whole" || length <= MAX_PART_BYTES) && isCount(version) &&
    typeof verified === "boolean" &&
    (signature === undefined || (typeof signature === "string" && signature.length <= 200)) &&
    (head === undefined || isHead(head)) && (headOnly === undefined || headOnly === true);
}

function isHead(head: unknown): boolean {
  if (!isRecord(head)) return false;
  return [head.sha256, head.list].every((text) => typeof text === "string" && DIGEST.test(text));
}

function countsOf(told: unknown): Record<string, number> {
  if (!isRecord(told)) return {};
  const entries = Object.entries(told).slice(0, 64);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number] => isCount(entry[1]) && entry[0].length < 64),
  );
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

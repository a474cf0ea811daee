import { parseDatabaseFile } from "./database_file.ts";
import type { Desk } from "./desk.ts";
import { databaseInside } from "./database_inside.ts";
import { isSignedList } from "./list_signature.ts";
import { FalseFile, SameVersion, UnsignedFile } from "./refusals.ts";
import type { ShelfFile } from "./shelf.ts";

/**
 * Judges a blob that came under a mirror's name, and puts it on the shelf: what it says of itself,
 * never older than what is here; a database by the vendor's own tool where there is one, a list by
 * the admin's signature.
 *
 * @throws {FalseFile} when it is not what it is said to be
 * @throws {OlderFile} when the shelf has a newer one
 * @throws {SameVersion} when it is a list that the shelf has otherwise under this version
 */
export async function takeIn(
  file: { name: string; sha256: string; version?: number; signature?: string; list?: string },
  desk: Desk,
): Promise<ShelfFile> {
  const { name, sha256, version, signature, list } = file;
  const verified = await isVerified(file, desk);
  await mustBelong(name, sha256, desk);
  const note = { verified, ...(list && { list }), ...(signature && { signature }) };
  const isList = parseDatabaseFile(name)?.kind === "list";
  if (isList && version !== undefined) await mustDiffer({ name, sha256, version }, desk);
  return await desk.shelf.put(name, sha256, desk.now(), {
    ...note,
    ...(isList && version !== undefined && { version }),
  });
}

/** @throws {SameVersion} as agents that have a version of a list ask nobody for it again */
async function mustDiffer(
  { name, sha256, version }: { name: string; sha256: string; version: number },
  { shelf }: Desk,
): Promise<void> {
  const before = await shelf.find(name);
  if (before?.version !== version || before.sha256 === sha256) return;
  const found = `version ${version} is here with other content`;
  throw new SameVersion(`Cannot keep "${name}" as ${found}: sign it with a greater version`);
}

/** @throws {FalseFile} when it is of another database, whose vendor may well have signed it */
async function mustBelong(name: string, sha256: string, { blobs }: Desk): Promise<void> {
  const kind = parseDatabaseFile(name);
  const blob = await blobs.get(sha256);
  if (!kind || !blob) return;
  const inside = await databaseInside(kind, blob.stream());
  if (inside === undefined || inside === kind.database) return;
  throw new FalseFile(`Cannot keep "${name}" as it is of the database "${inside}"`);
}

/** @returns whether somebody who can tell was asked; a file that is found wrong does not get so far */
async function isVerified(
  { name, sha256, version = 0, signature }: {
    name: string;
    sha256: string;
    version?: number;
    signature?: string;
  },
  { scanner, settings }: Desk,
): Promise<boolean> {
  const kind = parseDatabaseFile(name)?.kind;
  if (kind === "list") {
    const list = { name, version, sha256, ...(signature !== undefined && { signature }) };
    if (await isSignedList(list, settings.listKeys)) return true;
    throw unsignedList(name);
  }
  if (kind !== "whole" || !scanner) return false;
  const { programs } = await scanner.status();
  if (!programs.sigtool) return false;
  const { good } = await scanner.verify({ name, sha256 });
  if (good) return true;
  throw new UnsignedFile(`Cannot keep "${name}" as its vendor did not sign it: ${sha256}`);
}

/** What is said of a list that came without the signature of an admin. */
export function unsignedList(name: string): FalseFile {
  return new FalseFile(`Cannot keep "${name}" as no key of the settings signed it`);
}

import type { AttachmentHandle } from "writ";
import type { Desk } from "./desk.ts";
import { NothingAttached } from "./refusals.ts";
import type { ShelfFile } from "./shelf.ts";
import { takeIn } from "./take_in.ts";

/** What an order to publish says of plain lists, by name. */
export type ListNotes = Readonly<Record<string, { version: number; signature: string }>>;

/**
 * Puts an order's documents on the shelf and offers them to other agents.
 *
 * @returns those that are there now; one that was there already, or is older, is left out
 * @throws {NothingAttached} when there is none, or not one that `lists` speaks of
 * @throws {FalseFile} when one is not what its name says
 * @throws {SameVersion} when a list is here under that version, with other content
 */
export async function publish(
  attachments: readonly AttachmentHandle[],
  lists: ListNotes,
  desk: Desk,
): Promise<ShelfFile[]> {
  requireAttached(attachments, lists);
  const taken: ShelfFile[] = [];
  // Increments before the database that they lead to: who hears of that finds them.
  const inTurn = [...attachments].sort((a, b) => Number(isWhole(a)) - Number(isWhole(b)));
  for (const attachment of inTurn) {
    const { name } = attachment;
    const note = Object.hasOwn(lists, name) ? lists[name] : undefined;
    const { sha256 } = await desk.blobs.put(attachment.stream());
    const before = await desk.shelf.find(name);
    // The same content may come again under a greater version, as who goes back to it must.
    if (before?.sha256 === sha256 && !(note && note.version > before.version)) continue;
    const shared = desk.peers ? await desk.blobs.share(sha256) : undefined;
    try {
      taken.push(await takeIn({ ...note, ...shared, name, sha256 }, desk));
    } catch (error) {
      await desk.shelf.forget(sha256);
      throw error;
    }
  }
  return taken;
}

function requireAttached(attachments: readonly AttachmentHandle[], lists: ListNotes): void {
  if (attachments.length === 0) {
    throw new NothingAttached(
      "Cannot publish anything as no file is attached: name it by --attach",
    );
  }
  const missing = Object.keys(lists).find((list) => attachments.every(({ name }) => name !== list));
  if (missing === undefined) return;
  throw new NothingAttached(`Cannot publish "${missing}" as it is not attached`);
}

function isWhole({ name }: AttachmentHandle): boolean {
  return name.endsWith(".cvd");
}

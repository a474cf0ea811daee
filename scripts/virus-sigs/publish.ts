import type { AttachmentHandle } from "writ";
import type { Desk } from "./desk.ts";
import type { ShelfFile } from "./shelf.ts";
import { takeIn } from "./take_in.ts";

/** What an order to publish says of plain lists, by name. */
export type ListNotes = Readonly<Record<string, { version: number; signature: string }>>;

/**
 * Puts an order's documents on the shelf and offers them to other agents.
 *
 * @returns those that are there now; one that was there already, or is older, is left out
 * @throws {FalseFile} when one is not what its name says
 */
export async function publish(
  attachments: readonly AttachmentHandle[],
  lists: ListNotes,
  desk: Desk,
): Promise<ShelfFile[]> {
  const taken: ShelfFile[] = [];
  // Increments before the database that they lead to: who hears of that finds them.
  const inTurn = [...attachments].sort((a, b) => Number(isWhole(a)) - Number(isWhole(b)));
  for (const attachment of inTurn) {
    const { name } = attachment;
    const { sha256 } = await desk.blobs.put(attachment.stream());
    if ((await desk.shelf.find(name))?.sha256 === sha256) continue;
    const shared = desk.peers ? await desk.blobs.share(sha256) : undefined;
    const note = Object.hasOwn(lists, name) ? lists[name] : undefined;
    taken.push(await takeIn({ ...note, ...shared, name, sha256 }, desk));
  }
  return taken;
}

function isWhole({ name }: AttachmentHandle): boolean {
  return name.endsWith(".cvd");
}

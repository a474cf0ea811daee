import { parseDatabaseFile } from "./database_file.ts";
import type { Desk } from "./desk.ts";
import type { OfferedFile } from "./inventory.ts";
import { isSignedList } from "./list_signature.ts";

/** The most that are looked at, each of which takes a signature. */
const LOOKED_AT = 16;

/**
 * Lists that an admin signed twice under one version, with different content: neither this agent nor
 * the one that offers the other ever asks for it, so people have to know.
 *
 * @returns their versions, by name
 */
export async function listsThatDiffer(
  offered: readonly OfferedFile[],
  { shelf, settings }: Pick<Desk, "shelf" | "settings">,
): Promise<Record<string, number>> {
  const differing: Record<string, number> = {};
  const lists = offered.filter(({ name }) => parseDatabaseFile(name)?.kind === "list");
  for (const list of lists.slice(0, LOOKED_AT)) {
    const mine = await shelf.find(list.name);
    if (mine?.version !== list.version || mine.sha256 === list.sha256) continue;
    if (await isSignedList(list, settings.listKeys)) differing[list.name] = list.version;
  }
  return differing;
}

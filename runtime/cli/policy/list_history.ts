import { readSignedFiles } from "../../agent/trust/signed_folder.ts";
import { signatureStatus } from "../../author/signature_status.ts";
import { digestOf } from "../../core/digest.ts";
import type { AcceptList } from "../../core/documents/acceptlist.ts";
import type { Digest } from "../../core/documents/common.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import type { Root } from "../../core/documents/root.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { diffLists, type PolicyChange } from "../../policy/mod.ts";

/** One signed list among those before and after it. */
export interface ListedList {
  readonly list: AcceptList;
  readonly digest: Digest;
  /** Whether the role accept of the newest root has signed it. */
  readonly signed: boolean;
  /** Whether it names the list before it, where that one is here. */
  readonly follows: boolean;
  /** What it changed; everything, where no list came before. */
  readonly changes: readonly PolicyChange[];
}

/** Lists that are looked at in one go. */
const LISTS = 10_000;

/**
 * The lists of a folder of signed documents, oldest first, each compared with the one before.
 *
 * @param roots By rising version, verified; the newest says who may order and who may sign.
 * @throws {VerificationError} – the codes of `openEnvelope` and `parseDocument`
 * @throws {AgentError} policy – when the folder or a file cannot be read
 */
export async function listHistory(folder: string, roots: readonly Root[]): Promise<ListedList[]> {
  const root = roots.at(-1);
  const history: ListedList[] = [];
  for (const bytes of await readSignedFiles(folder, "acceptlist", 0, LISTS)) {
    const { payload } = openEnvelope("acceptlist", bytes);
    const list = parseDocument("acceptlist", payload);
    const before = history.at(-1);
    history.push({
      list,
      digest: digestOf(payload),
      signed: root !== undefined && signatureStatus("acceptlist", bytes, { root }).complete,
      follows: !before || before.list.version + 1 !== list.version || list.prev === before.digest,
      changes: changesOf(before?.list, list, root),
    });
  }
  return history;
}

/** All but how long it holds, which every list changes. */
function changesOf(
  before: AcceptList | undefined,
  list: AcceptList,
  root: Root | undefined,
): readonly PolicyChange[] {
  if (root === undefined) return [];
  return diffLists(before, list, root).filter(({ part }) => part !== "expiry");
}

import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { verifyAcceptList } from "../../core/verification/accept_list.ts";
import { verifyRootChain } from "../../core/verification/root_chain.ts";
import { writeDurably } from "../state/durable_write.ts";
import type { TrustStore } from "./trust_store.ts";
import { walkRoots } from "./update_trust.ts";

/** A place for signed documents that others may read. */
const DOCUMENT_MODE = 0o644;

/** Where signed documents are kept that somebody sent. */
export interface DocumentFolder {
  /** As `root` of fleet.yaml names it: the rules are made from what lies there. */
  readonly folder: string;
  readonly trust: TrustStore;
}

/**
 * Keeps roots that come after the one that is known, verified as from an enemy.
 *
 * @returns whether there are any.
 * @throws {VerificationError} – as `verifyRootChain()`; none is kept
 */
export async function keepRoots(
  envelopes: readonly Uint8Array[],
  { folder, trust }: DocumentFolder,
): Promise<boolean> {
  if (envelopes.length === 0) return false;
  const now = trust.now();
  const { root } = await walkRoots(folder, trust.root(), now);
  verifyRootChain(root, envelopes, now);
  for (const envelope of envelopes) writeRoot(folder, envelope);
  return true;
}

/** Puts a root that was verified where the rules are made from. */
export function writeRoot(folder: string, envelope: Uint8Array): void {
  const { version } = parseDocument("root", openEnvelope("root", envelope).payload);
  writeDurably(`${folder}/root.${version}.json`, envelope, DOCUMENT_MODE);
}

/**
 * Keeps an accept-list, verified as from an enemy.
 *
 * @returns whether it is another than the one that is trusted.
 * @throws {VerificationError} – as `verifyAcceptList()`; it is not kept
 */
export async function keepAcceptList(
  envelope: Uint8Array,
  { folder, trust }: DocumentFolder,
): Promise<boolean> {
  const now = trust.now();
  const stored = trust.acceptList();
  const { root } = await walkRoots(folder, trust.root(), now);
  const { list, digest } = verifyAcceptList(envelope, { root, stored, now });
  if (digest === stored?.digest) return false;
  writeDurably(`${folder}/acceptlist.${list.version}.json`, envelope, DOCUMENT_MODE);
  return true;
}

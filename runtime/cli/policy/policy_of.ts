import { readNewestSignedFile, readSignedFiles } from "../../agent/trust/signed_folder.ts";
import { digestOf } from "../../core/digest.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import type { Root } from "../../core/documents/root.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { VerificationError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import { type PolicyInForce, rulesFrom } from "../../core/policy_in_force.ts";
import { verifyAcceptList } from "../../core/verification/accept_list.ts";
import { verifyRootChain } from "../../core/verification/root_chain.ts";
import { type LoadedPolicy, narrowPolicy } from "../../policy/mod.ts";

/** The newest root in a folder of signed documents, and the newest list, not verified yet. */
export interface SignedFolder {
  readonly root: Root;
  /** Every root, by rising version, the newest too. */
  readonly roots: readonly Root[];
  /** The list's envelope. */
  readonly newest?: Uint8Array;
}

/**
 * The rules that a loaded policy folder makes, as an agent that sees it for the first time would.
 *
 * @param now Milliseconds since the epoch.
 * @throws {VerificationError} – when the signed documents do not hold
 */
export async function policyOf(loaded: LoadedPolicy, now: number): Promise<PolicyInForce> {
  if (loaded.mode === "local") return loaded.policy;
  const { root, newest } = await readSignedFolder(loaded.root, now);
  if (!newest) {
    throw new VerificationError("not_found", `Cannot find an accept-list in "${loaded.root}"`);
  }
  const { narrowing } = loaded;
  const { list } = verifyAcceptList(newest, { root, now });
  return narrowPolicy(rulesFrom(list, root, narrowing.ceiling), narrowing);
}

/**
 * Reads `root.<n>.json` and the newest `acceptlist.<n>.json`. The first root is believed: who
 * looks here is the admin who put it there.
 *
 * @throws {VerificationError} not_found – when there is no root
 * @throws {VerificationError} too_large – when a file is longer than its kind may be
 * @throws {VerificationError} – and the codes of `verifyRootChain`
 * @throws {AgentError} policy – when the folder or a file cannot be read
 */
export async function readSignedFolder(folder: string, now: number): Promise<SignedFolder> {
  // One more than is walked, so that too many are told from enough.
  const roots = await readSignedFiles(folder, "root", 0, LIMITS.ROOT_CHAIN + 1);
  const [first] = roots;
  if (!first) throw new VerificationError("not_found", `Cannot find a root in "${folder}"`);
  const pin = { digest: digestOf(openEnvelope("root", first).payload) };
  const { root } = verifyRootChain(pin, roots, now);
  const newest = await readNewestSignedFile(folder, "acceptlist");
  return { root, roots: parseRoots(roots), ...(newest && { newest }) };
}

/**
 * Every root of a folder, by rising version, each signed by the one before; also when the newest
 * has expired, as it may still name its successor.
 *
 * @throws {VerificationError} – the codes of `verifyRootChain`
 * @throws {AgentError} policy – when the folder or a file cannot be read
 */
export async function readRoots(folder: string): Promise<Root[]> {
  const envelopes = await readSignedFiles(folder, "root", 0, LIMITS.ROOT_CHAIN + 1);
  const roots = parseRoots(envelopes);
  const [first] = envelopes;
  const newest = roots.at(-1);
  if (!first || !newest) return [];
  const pin = { digest: digestOf(openEnvelope("root", first).payload) };
  verifyRootChain(pin, envelopes, Date.parse(newest.issued));
  return roots;
}

function parseRoots(envelopes: readonly Uint8Array[]): Root[] {
  return envelopes.map((bytes) => parseDocument("root", openEnvelope("root", bytes).payload));
}

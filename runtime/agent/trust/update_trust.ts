import { digestOf } from "../../core/digest.ts";
import type { AcceptList } from "../../core/documents/acceptlist.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import type { Root } from "../../core/documents/root.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { VerificationError } from "../../core/errors.ts";
import { verifyAcceptList } from "../../core/verification/accept_list.ts";
import { type VerifiedRoot, verifyRootChain } from "../../core/verification/root_chain.ts";
import { AgentError } from "../errors.ts";
import { readSignedFiles } from "./signed_folder.ts";
import type { TrustStore } from "./trust_store.ts";

/** The signed documents in force. */
export interface TrustedList {
  root: Root;
  list: AcceptList;
}

/**
 * Brings what is trusted up to what lies in a folder: `root.<n>.json` one after another, then the
 * newest `acceptlist.<n>.json`. Stored before it is used.
 *
 * The first root this agent ever sees is trusted because the admin put it into a folder that only
 * the owner may write; from then on only its successors are.
 *
 * @param fleet The fleet this agent belongs to.
 * @throws {VerificationError} wrong_fleet – the root is another fleet's.
 * @throws {VerificationError} as `verifyRootChain()` and `verifyAcceptList()` do; nothing changed.
 * @throws {AgentError} policy – there is no root or no list.
 */
export async function updateTrust(
  folder: string,
  fleet: string,
  trust: TrustStore,
): Promise<TrustedList> {
  const now = trust.now();
  const { root, roots } = await walkRoots(folder, trust, now);
  if (root.fleet !== fleet) {
    throw new VerificationError(
      "wrong_fleet",
      `Cannot use the root as it is not of fleet "${fleet}": "${root.fleet}"`,
    );
  }
  const stored = trust.acceptList();
  const newest = (await readSignedFiles(folder, "acceptlist", 0)).at(-1)?.envelope ??
    stored?.envelope;
  if (!newest) throw new AgentError("policy", `Cannot find an accept-list in "${folder}"`);
  const verified = verifyAcceptList(newest, { root, stored, now });
  await trust.advance(roots, { ...verified, envelope: newest });
  return { root, list: verified.list };
}

/** The list that was trusted last, judged by the time of now. */
export function lastTrust(trust: TrustStore): TrustedList | undefined {
  const root = trust.root();
  const stored = trust.acceptList();
  if (!root || !stored) return undefined;
  const { list } = verifyAcceptList(stored.envelope, { root, stored, now: trust.now() });
  return { root, list };
}

async function walkRoots(folder: string, trust: TrustStore, now: number) {
  const known = trust.root();
  const files = await readSignedFiles(folder, "root", known?.version ?? 0);
  const envelopes = files.map(({ envelope }) => envelope);
  const [first] = envelopes;
  if (!known && !first) throw new AgentError("policy", `Cannot find a root in "${folder}"`);
  const start = known ?? { digest: digestOf(openEnvelope("root", first!).payload) };
  const newest = verifyRootChain(start, envelopes, now);
  return { root: newest.root, roots: envelopes.map(withContent) };
}

/** After the chain holds, each of its roots is what its payload says. */
function withContent(envelope: Uint8Array): VerifiedRoot & { envelope: Uint8Array } {
  const { payload } = openEnvelope("root", envelope);
  return { root: parseDocument("root", payload), digest: digestOf(payload), envelope };
}

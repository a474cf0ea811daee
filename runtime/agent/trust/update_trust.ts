import { digestOf } from "../../core/digest.ts";
import type { AcceptList } from "../../core/documents/acceptlist.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import type { Root } from "../../core/documents/root.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { type VerificationCode, VerificationError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import { verifyAcceptList } from "../../core/verification/accept_list.ts";
import { type VerifiedRoot, verifyRootChain } from "../../core/verification/root_chain.ts";
import { AgentError } from "../errors.ts";
import { readNewestSignedFile, readSignedFiles } from "./signed_folder.ts";
import type { TrustStore } from "./trust_store.ts";

/** What a stored list is refused by when a newer root does not vouch for it. */
const UNVOUCHED: ReadonlySet<VerificationCode> = new Set(["threshold", "epoch_rollback"]);

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
 * the owner may write, and is kept once a list holds under it; from then on only its successors
 * are. These are kept at once: who withholds the list of a root that takes a stolen key away must
 * not thereby keep that key in force.
 *
 * @param fleet The fleet this agent belongs to.
 * @param options.orNothing Accept nothing where there is no list yet, rather than to throw.
 * @throws {VerificationError} wrong_fleet – the root is another fleet's.
 * @throws {VerificationError} as `verifyRootChain()` does; nothing changed.
 * @throws {VerificationError} as `verifyAcceptList()` does; roots that follow a known one are stored.
 * @throws {AgentError} policy – there is no root or no list.
 */
export async function updateTrust(
  folder: string,
  fleet: string,
  trust: TrustStore,
  { orNothing = false }: { orNothing?: boolean } = {},
): Promise<TrustedList> {
  const now = trust.now();
  const known = trust.root();
  const { root, roots } = await walkRoots(folder, known, now);
  if (root.fleet !== fleet) {
    throw new VerificationError(
      "wrong_fleet",
      `Cannot use the root as it is not of fleet "${fleet}": "${root.fleet}"`,
    );
  }
  if (known && roots.length > 0) await trust.advance(roots);
  const stored = trust.acceptList();
  const newest = await readNewestSignedFile(folder, "acceptlist") ?? stored?.envelope;
  if (!newest && orNothing) return { root, list: nothingOf(root) };
  if (!newest) throw new AgentError("policy", `Cannot find an accept-list in "${folder}"`);
  const verified = verifyAcceptList(newest, { root, stored, now });
  await trust.advance(known ? [] : roots, { ...verified, envelope: newest });
  return { root, list: verified.list };
}

/**
 * The list that was trusted last, judged by the newest root and the time of now.
 *
 * A list for which that root does not vouch, because it takes away the key that signed it or ends
 * its epoch, is empty from then on: nothing of it is accepted, and an agent that gets no newer
 * list says no to everything. A list that has expired is returned as it is: its expiry, as that of
 * an expired root, is part of the policy, by which every order is then refused.
 *
 * @throws {VerificationError} – as `verifyAcceptList()` does.
 */
export function lastTrust(trust: TrustStore): TrustedList | undefined {
  const root = trust.root();
  const stored = trust.acceptList();
  if (!root || !stored) return undefined;
  try {
    const { list } = verifyAcceptList(stored.envelope, { root, stored, now: trust.now() });
    return { root, list };
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    const list = parseDocument("acceptlist", openEnvelope("acceptlist", stored.envelope).payload);
    if (error.code === "expired") return { root, list };
    if (!UNVOUCHED.has(error.code)) throw error;
    return { root, list: { ...list, publishers: {}, accept: [], grants: [], labels: {} } };
  }
}

/** The list of a fleet that has none yet: nothing is accepted. */
function nothingOf({ fleet, epoch, issued, expires }: Root): AcceptList {
  const nothing = { publishers: {}, accept: [], deny: [], grants: [], labels: {} };
  return { fleet, epoch, version: 1, issued, expires, prev: null, ...nothing };
}

/**
 * Walks from the root that is known, or the first one in a folder, to the newest there.
 *
 * @throws {VerificationError} – as `verifyRootChain()`
 * @throws {AgentError} policy – there is none
 */
export async function walkRoots(folder: string, known: Root | undefined, now: number) {
  // One more than is walked, so that too many are told from enough.
  const envelopes = await readSignedFiles(
    folder,
    "root",
    known?.version ?? 0,
    LIMITS.ROOT_CHAIN + 1,
  );
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

import * as v from "valibot";
import { digestOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import type { Root } from "../../core/documents/root.ts";
import { ENVELOPE_BYTES, openEnvelope } from "../../core/dsse.ts";
import { parseHostileJson } from "../../core/hostile_json.ts";
import { LIMITS } from "../../core/limits.ts";
import { verifyNextRoot, verifyRootChain } from "../../core/verification/root_chain.ts";
import { AgentError } from "../errors.ts";
import { type DocumentFolder, keepAcceptList, keepRoots } from "../trust/keep_documents.ts";
import { walkRoots } from "../trust/update_trust.ts";
import type { HubClient } from "./hub_client.ts";
import { rootsSchema } from "./wire.ts";

/** Several roots in one answer. */
const ROOTS_BYTES = 4 << 20;

/** Where a document of the hub is to be kept. */
export interface DocumentPlace extends DocumentFolder {
  readonly client: HubClient;
}

/**
 * Fetches the roots behind the one that is known and, verified as from an enemy, puts them into the
 * folder from which the rules are made.
 *
 * @returns whether there are new ones.
 * @throws {VerificationError} – as `verifyRootChain()`
 * @throws {PeerError}, {AgentError} – as `HubClient.get()`
 */
export async function fetchRoots({ client, ...place }: DocumentPlace): Promise<boolean> {
  let { root } = await walkRoots(place.folder, place.trust.root(), place.trust.now());
  const envelopes: Uint8Array[] = [];
  for await (const envelope of rootsAfter(client, root.version)) {
    ({ root } = verifyNextRoot(root, envelope));
    envelopes.push(envelope);
  }
  return await keepRoots(envelopes, place);
}

/**
 * Fetches the first root that a machine ever sees, which its token pins, and those behind it.
 *
 * @throws {VerificationError} root_not_pinned – the hub shows another one
 * @throws {VerificationError} – and the other codes of `verifyRootChain()`
 */
export async function fetchPinnedRoots(
  client: HubClient,
  pinned: Digest,
  now: number,
): Promise<{ root: Root; envelopes: Uint8Array[] }> {
  const envelopes: Uint8Array[] = [];
  let newest: Root | undefined;
  for await (const envelope of rootsAfter(client, 0)) {
    // The token may be younger than the fleet: what came before its root is not looked at.
    if (!newest && !isPinned(envelope, pinned)) continue;
    newest = verifyNextRoot(newest ?? { digest: pinned }, envelope).root;
    envelopes.push(envelope);
  }
  const { root } = verifyRootChain({ digest: pinned }, envelopes, now);
  return { root, envelopes };
}

/**
 * Fetches the newest accept-list and, verified as from an enemy, puts it where the rules are made
 * from.
 *
 * @returns whether it is a new one.
 * @throws {VerificationError} – as `verifyAcceptList()`
 * @throws {PeerError}, {AgentError} – as `HubClient.get()`
 */
export async function fetchAcceptList({ client, ...place }: DocumentPlace): Promise<boolean> {
  const envelope = await client.get("acceptlist", ENVELOPE_BYTES.acceptlist);
  return envelope !== undefined && await keepAcceptList(envelope, place);
}

/** One answer after another is asked for when the one before was verified: none piles up here. */
async function* rootsAfter(client: HubClient, version: number): AsyncGenerator<Uint8Array> {
  for (let after = version; after <= version + LIMITS.ROOT_CHAIN;) {
    const bytes = await client.get(`roots?after=${after}`, ROOTS_BYTES);
    const roots = bytes ? readRoots(bytes) : [];
    if (roots.length === 0) return;
    yield* roots;
    // Versions that do not rise would be asked for without end; the chain refuses them anyway.
    after += roots.length;
  }
}

function readRoots(bytes: Uint8Array): Uint8Array[] {
  try {
    const { roots } = v.parse(rootsSchema, parseHostileJson(new TextDecoder().decode(bytes)));
    return roots.map((text) => new TextEncoder().encode(text));
  } catch (cause) {
    throw new AgentError("hub_refused", "Cannot read the roots of the hub", { cause });
  }
}

function isPinned(envelope: Uint8Array, pinned: Digest): boolean {
  try {
    return digestOf(openEnvelope("root", envelope).payload) === pinned;
  } catch {
    return false;
  }
}

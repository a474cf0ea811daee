import * as v from "valibot";
import { digestOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import type { Root } from "../../core/documents/root.ts";
import { ENVELOPE_BYTES, openEnvelope } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import { verifyAcceptList } from "../../core/verification/accept_list.ts";
import { verifyRootChain } from "../../core/verification/root_chain.ts";
import { parseHostileJson } from "../../sandbox/hostile_json.ts";
import { AgentError } from "../errors.ts";
import { writeDurably } from "../state/durable_write.ts";
import type { TrustStore } from "../trust/trust_store.ts";
import { walkRoots } from "../trust/update_trust.ts";
import type { HubClient } from "./hub_client.ts";
import { rootsSchema } from "./wire.ts";

/** Several roots in one answer. */
const ROOTS_BYTES = 4 << 20;

/** A place for signed documents that others may read. */
const DOCUMENT_MODE = 0o644;

/** Where a document of the hub is to be kept. */
export interface DocumentPlace {
  client: HubClient;
  /** As `root` of fleet.yaml names it. */
  folder: string;
  trust: TrustStore;
}

/**
 * Fetches the roots behind the one that is known and, verified as from an enemy, puts them into the
 * folder from which the rules are made.
 *
 * @returns whether there are new ones.
 * @throws {VerificationError} – as `verifyRootChain()`
 * @throws {PeerError}, {AgentError} – as `HubClient.get()`
 */
export async function fetchRoots({ client, folder, trust }: DocumentPlace): Promise<boolean> {
  const now = trust.now();
  const { root } = await walkRoots(folder, trust.root(), now);
  const envelopes = await rootsAfter(client, root.version);
  if (envelopes.length === 0) return false;
  verifyRootChain(root, envelopes, now);
  for (const envelope of envelopes) writeRoot(folder, envelope);
  return true;
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
  const all = await rootsAfter(client, 0);
  // The token may be younger than the fleet: what came before its root is not looked at.
  const first = all.findIndex((envelope) => isPinned(envelope, pinned));
  const envelopes = all.slice(Math.max(first, 0));
  const { root } = verifyRootChain({ digest: pinned }, envelopes, now);
  return { root, envelopes };
}

/** Puts a root that was verified where the rules are made from. */
export function writeRoot(folder: string, envelope: Uint8Array): void {
  const { version } = parseDocument("root", openEnvelope("root", envelope).payload);
  writeDurably(`${folder}/root.${version}.json`, envelope, DOCUMENT_MODE);
}

/**
 * Fetches the newest accept-list and, verified as from an enemy, puts it where the rules are made
 * from.
 *
 * @returns whether it is a new one.
 * @throws {VerificationError} – as `verifyAcceptList()`
 * @throws {PeerError}, {AgentError} – as `HubClient.get()`
 */
export async function fetchAcceptList({ client, folder, trust }: DocumentPlace): Promise<boolean> {
  const envelope = await client.get("acceptlist", ENVELOPE_BYTES.acceptlist);
  if (!envelope) return false;
  const now = trust.now();
  const stored = trust.acceptList();
  const { root } = await walkRoots(folder, trust.root(), now);
  const { list, digest } = verifyAcceptList(envelope, { root, stored, now });
  if (digest === stored?.digest) return false;
  writeDurably(`${folder}/acceptlist.${list.version}.json`, envelope, DOCUMENT_MODE);
  return true;
}

async function rootsAfter(client: HubClient, version: number): Promise<Uint8Array[]> {
  const envelopes: Uint8Array[] = [];
  for (let after = version; envelopes.length <= LIMITS.ROOT_CHAIN;) {
    const bytes = await client.get(`roots?after=${after}`, ROOTS_BYTES);
    const roots = bytes ? readRoots(bytes) : [];
    if (roots.length === 0) return envelopes;
    envelopes.push(...roots);
    // Versions that do not rise would be asked for without end; the chain refuses them anyway.
    after += roots.length;
  }
  return envelopes;
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

import type { Digest } from "../../core/documents/common.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import type { Order } from "../../core/documents/order.ts";
import { openEnvelope } from "../../core/dsse.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { SCRIPT_ORDERER } from "../../core/verification/order.ts";
import type { ContentStore } from "../content/content_store.ts";
import { AttachmentOwnerTable } from "../store/attachment_owners.ts";
import type { Store } from "../store/store.ts";
import { Turns } from "./turns.ts";

/** The documents of every order that has a run to come or under way: one by one, there are many. */
export async function neededBlobs(store: Store): Promise<Set<Digest>> {
  const unfinished = store.sql("SELECT DISTINCT order_id FROM runs WHERE state <> 'ended'").all();
  const needed = new Set<Digest>();
  const turns = new Turns();
  for (const { order_id: id } of unfinished) {
    const row = store.sql("SELECT envelope, orderer FROM orders WHERE id = ?").get(id!);
    if (!row) continue; // ended meanwhile, and long ago
    const envelope = row.envelope as Uint8Array;
    // What a script scheduled was never signed: the agent keeps the payload itself.
    const payload = row.orderer === SCRIPT_ORDERER
      ? envelope
      : openEnvelope("order", envelope).payload;
    for (const { sha256 } of verified<Order>(payload).attachments) needed.add(sha256);
    await turns.next();
  }
  return needed;
}

/**
 * Forgets manifests of scripts that no accept entry names any more, and says which modules and
 * source maps the others need. How high a sequence has run here is kept all the same: an old release stays refused.
 */
export async function pruneManifests(store: Store, policy: PolicyInForce): Promise<Set<Digest>> {
  const accepted = new Set<string>(policy.accept.map(({ script }) => script));
  const needed = new Set<Digest>();
  const turns = new Turns();
  const known = store.sql("SELECT script, version FROM manifests").all();
  for (const { script, version } of known) {
    if (!accepted.has(String(script))) continue;
    const row = store.sql("SELECT envelope FROM manifests WHERE script = ? AND version = ?")
      .get(script!, version!);
    if (!row) continue;
    const { payload } = openEnvelope("manifest", row.envelope as Uint8Array);
    const { module, sourceMap } = verified<Manifest>(payload);
    needed.add(module.sha256);
    if (sourceMap) needed.add(sourceMap.sha256);
    await turns.next();
  }
  await store.write(() => {
    for (const { script, version } of known) {
      if (accepted.has(String(script))) continue;
      store.sql("DELETE FROM manifests WHERE script = ? AND version = ?").run(script!, version!);
    }
  });
  return needed;
}

/** A document of the agent's own store: it was verified before it came there, which takes longer. */
function verified<T>(payload: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(payload));
}

/**
 * Removes content that nothing needs and nobody asked for since a time.
 *
 * @param before By the local clock, milliseconds since the epoch. Long enough ago that an order
 *   which needs the content and is just coming in has asked for it later.
 * @returns the bytes that were freed.
 */
export async function pruneContent(
  content: ContentStore,
  needed: ReadonlySet<Digest>,
  before: number,
): Promise<number> {
  let freed = 0;
  for await (const digest of content.digests()) {
    if (!needed.has(digest)) freed += content.removeUnused(digest, before);
  }
  return freed;
}

/** Forgets who owns what is gone. */
export async function pruneOwners(store: Store, blobs: ContentStore): Promise<void> {
  const owners = new AttachmentOwnerTable(store);
  const stored = new Set(await Array.fromAsync(blobs.digests()));
  for (const digest of owners.all()) {
    if (stored.has(digest) || await blobs.length(digest) !== undefined) continue;
    await owners.remove(digest);
  }
}

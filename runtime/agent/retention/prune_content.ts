import type { Digest } from "../../core/documents/common.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { SCRIPT_ORDERER } from "../../core/verification/order.ts";
import type { ContentStore } from "../content/content_store.ts";
import { AttachmentOwnerTable } from "../store/attachment_owners.ts";
import type { Store } from "../store/store.ts";

/** The documents of every order that has a run to come or under way. */
export function neededBlobs(store: Store): Set<Digest> {
  const rows = store.sql(
    `SELECT DISTINCT envelope, orderer FROM runs JOIN orders ON orders.id = order_id
     WHERE state <> 'ended'`,
  ).all();
  const needed = new Set<Digest>();
  for (const { envelope, orderer } of rows) {
    const bytes = envelope as Uint8Array;
    // What a script scheduled was never signed: the agent keeps the payload itself.
    const payload = orderer === SCRIPT_ORDERER ? bytes : openEnvelope("order", bytes).payload;
    for (const { sha256 } of parseDocument("order", payload).attachments) needed.add(sha256);
  }
  return needed;
}

/**
 * Forgets manifests of scripts that no accept entry names any more, and says which modules and
 * source maps the others need. How high a sequence has run here is kept all the same: an old release stays refused.
 */
export async function pruneManifests(store: Store, policy: PolicyInForce): Promise<Set<Digest>> {
  const accepted = new Set<string>(policy.accept.map(({ script }) => script));
  return await store.write(() => {
    const needed = new Set<Digest>();
    for (const row of store.sql("SELECT script, version, module, envelope FROM manifests").all()) {
      if (accepted.has(String(row.script))) {
        needed.add(row.module as Digest);
        const { payload } = openEnvelope("manifest", row.envelope as Uint8Array);
        const { sourceMap } = parseDocument("manifest", payload);
        if (sourceMap) needed.add(sourceMap.sha256);
      } else {
        store.sql("DELETE FROM manifests WHERE script = ? AND version = ?")
          .run(row.script!, row.version!);
      }
    }
    return needed;
  });
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

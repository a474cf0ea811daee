import { Hono } from "hono";
import type { Digest } from "../../core/documents/common.ts";
import type { ContentStore } from "../content/content_store.ts";
import type { WantedUpload } from "../orders/wanted_attachments.ts";
import { type AttachmentOwnerTable, EVERY_ORDERER } from "../store/attachment_owners.ts";
import { onlyOrderers } from "./admit.ts";
import { streamBody } from "./body.ts";
import { answerContent } from "./content.ts";
import { digestFrom } from "./parameters.ts";
import { HttpRefusal } from "./refusal.ts";

/** What {@linkcode blobRoutes} work with. */
export interface BlobParts {
  blobs: ContentStore;
  /** What these orderers may upload under a digest; without them, what the operator asked for. */
  wanted(digest: Digest, orderers: readonly string[] | undefined): WantedUpload;
  owners: Pick<AttachmentOwnerTable, "has" | "add">;
}

/** Documents that orders attach: the local operator's, and those that orderers must upload. */
export function blobRoutes({ blobs, wanted, owners }: BlobParts): Hono {
  const app = new Hono();

  app.get("/v1/blobs/:digest", async (c) => {
    return await answerContent(c, blobs, digestFrom(c.req.param("digest")));
  });

  app.put("/v1/blobs/:digest", async (c) => {
    const digest = digestFrom(c.req.param("digest"));
    const orderers = onlyOrderers(c);
    const upload = wanted(digest, orderers);
    if (orderers && upload.orderers.length === 0) throw new HttpRefusal("not_found");
    const max = orderers && upload.length;
    const whose = upload.orderers.length > 0 ? upload.orderers : [EVERY_ORDERER];
    const known = await blobs.length(digest);
    // An orderer shows that it has what another one stored, by sending all of it.
    if (known !== undefined && (!orderers || whose.every((name) => owners.has(digest, name)))) {
      await c.req.raw.body?.cancel();
      if (!orderers) await owners.add(digest, whose);
      return c.json({ digest, length: known });
    }
    const length = await blobs.put(digest, streamBody(c, digest, max)).catch((error) => {
      throw error.cause instanceof HttpRefusal ? error.cause : error;
    });
    await owners.add(digest, whose);
    return c.json({ digest, length }, 201);
  });

  return app;
}

import { Hono } from "hono";
import type { Digest } from "../../core/documents/common.ts";
import type { ContentStore } from "../content/content_store.ts";
import { onlyOrderers } from "./admit.ts";
import { streamBody } from "./body.ts";
import { answerContent } from "./content.ts";
import { digestFrom } from "./parameters.ts";
import { HttpRefusal } from "./refusal.ts";

/** What {@linkcode blobRoutes} work with. */
export interface BlobParts {
  blobs: ContentStore;
  /** The length of what these orderers may upload under a digest; `undefined` if nothing. */
  wantedLength(digest: Digest, orderers: readonly string[]): number | undefined;
}

/** Documents that orders attach: the local operator's, and those that orderers must upload. */
export function blobRoutes({ blobs, wantedLength }: BlobParts): Hono {
  const app = new Hono();

  app.get("/v1/blobs/:digest", async (c) => {
    return await answerContent(c, blobs, digestFrom(c.req.param("digest")));
  });

  app.put("/v1/blobs/:digest", async (c) => {
    const digest = digestFrom(c.req.param("digest"));
    const orderers = onlyOrderers(c);
    const max = orderers && wantedLength(digest, orderers);
    if (orderers && max === undefined) throw new HttpRefusal("not_found");
    const known = await blobs.length(digest);
    if (known !== undefined) {
      await c.req.raw.body?.cancel();
      return c.json({ digest, length: known });
    }
    const length = await blobs.put(digest, streamBody(c, digest, max)).catch((error) => {
      throw error.cause instanceof HttpRefusal ? error.cause : error;
    });
    return c.json({ digest, length }, 201);
  });

  return app;
}

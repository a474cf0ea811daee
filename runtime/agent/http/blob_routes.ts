import { Hono } from "hono";
import type { ContentStore } from "../content_store.ts";
import { answerContent } from "./content.ts";
import { digestFrom } from "./parameters.ts";

/** Documents that orders attach, for the local operator. */
export function blobRoutes(blobs: ContentStore): Hono {
  const app = new Hono();

  app.get("/v1/blobs/:digest", async (c) => {
    return await answerContent(c, blobs, digestFrom(c.req.param("digest")));
  });

  app.put("/v1/blobs/:digest", async (c) => {
    const digest = digestFrom(c.req.param("digest"));
    const known = await blobs.length(digest);
    if (known !== undefined) {
      await c.req.raw.body?.cancel();
      return c.json({ digest, length: known });
    }
    const body = c.req.raw.body ?? ReadableStream.from<Uint8Array>([]);
    return c.json({ digest, length: await blobs.put(digest, body) }, 201);
  });

  return app;
}

import type { Context } from "hono";
import { hexOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import { contentDigest } from "../../peer/mod.ts";
import type { ContentStore } from "../content/content_store.ts";
import { HttpRefusal } from "./refusal.ts";

/** Streams what is stored under a digest. A name of content never changes its meaning. */
export async function answerContent(
  c: Context,
  content: ContentStore,
  digest: Digest,
): Promise<Response> {
  const length = await content.length(digest);
  if (length === undefined) throw new HttpRefusal("not_found");
  const headers = {
    "cache-control": "public, max-age=31536000, immutable",
    "content-type": "application/octet-stream",
    "content-length": String(length),
    etag: `"${hexOf(digest)}"`,
    "content-digest": contentDigest(digest),
  };
  // Hono answers HEAD by way of GET, and an opened file would be left open.
  if (c.req.method === "HEAD") return c.body(null, 200, headers);
  const file = await content.open(digest);
  if (!file) throw new HttpRefusal("not_found");
  return c.body(file.readable, 200, headers);
}

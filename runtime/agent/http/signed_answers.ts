import type { Context, MiddlewareHandler } from "hono";
import { digestOf } from "../../core/digest.ts";
import { contentDigest } from "../../peer/mod.ts";
import type { CallerParts } from "./admit.ts";
import { callerOf } from "./admit.ts";

/**
 * Signs the answers to signed calls. JSON is hashed here; content that is named by its digest
 * brings it along; a stream of events has none, and its body stays uncovered.
 */
export function signedAnswers({ calls }: Pick<CallerParts, "calls">): MiddlewareHandler {
  return async (c, next) => {
    await next();
    // A socket proves who answers by its first frame: a client is not shown the fields of a 101.
    if (callerOf(c).kind !== "signed" || c.res.status === 101) return;
    const response = await withDigest(c);
    calls.sign(response, c.req.raw);
  };
}

async function withDigest(c: Context): Promise<Response> {
  const { res } = c;
  const isJson = res.headers.get("content-type")?.startsWith("application/json") ?? false;
  if (!isJson || res.headers.has("content-digest")) return res;
  const bytes = new Uint8Array(await res.arrayBuffer());
  const headers = new Headers(res.headers);
  headers.set("content-digest", contentDigest(digestOf(bytes)));
  // Hono would otherwise copy the headers of the old answer into the new one, one by one.
  c.res = undefined;
  c.res = new Response(bytes, { status: res.status, headers });
  return c.res;
}

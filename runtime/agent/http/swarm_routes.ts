import { Hono } from "hono";
import { encodeBase64 } from "../../core/base64.ts";
import { contentDigest, HAVE_FIELD } from "../../peer/mod.ts";
import { digestOf } from "../../core/digest.ts";
import type { Peering } from "../peers/peering.ts";
import { callerOf } from "./admit.ts";
import { digestFrom, numberFrom } from "./parameters.ts";
import { HttpRefusal } from "./refusal.ts";

/** What {@linkcode swarmRoutes} work with. */
export interface SwarmParts {
  swarm: Pick<Peering, "list" | "have" | "chunk">;
}

const BYTES = "application/octet-stream";

/** Chunks of blobs that scripts share, for peers. What is not shared is not there. */
export function swarmRoutes({ swarm }: SwarmParts): Hono {
  const app = new Hono();

  app.get("/v1/swarm/:list", async (c) => {
    const bytes = await swarm.list(listFrom(c.req.param("list")));
    if (!bytes) throw new HttpRefusal("not_found");
    return answer(bytes, "application/json");
  });

  app.get("/v1/swarm/:list/have", async (c) => {
    const since = numberFrom(c.req.query("since") ?? "0");
    const bits = await swarm.have(listFrom(c.req.param("list")), since, c.req.raw.signal);
    if (!bits) throw new HttpRefusal("not_found");
    return answer(bits, BYTES);
  });

  app.get("/v1/swarm/:list/chunks/:index", async (c) => {
    const caller = callerOf(c);
    const peer = caller.kind === "signed" ? caller.peer : undefined;
    if (peer === undefined) throw new HttpRefusal("not_found");
    const index = numberFrom(c.req.param("index"));
    const chunk = await swarm.chunk(listFrom(c.req.param("list")), index, peer, c.req.raw.signal);
    if (chunk === undefined) throw new HttpRefusal("not_found");
    if (chunk === "not_now") throw new HttpRefusal("not_now");
    // With what else is here: who takes chunks need not ask for news of them.
    const headers = {
      "content-type": BYTES,
      // The server would write it by itself; what comes through a relay has no server.
      "content-length": `${chunk.bytes.length}`,
      "content-digest": contentDigest(chunk.digest),
      [HAVE_FIELD]: encodeBase64(chunk.has, "base64url"),
    };
    return new Response(chunk.bytes, { headers });
  });

  return app;
}

function listFrom(hex: string) {
  return digestFrom(`sha256:${hex}`);
}

/** Bytes that the answer's signature covers. */
function answer(bytes: Uint8Array, type: string): Response {
  const headers = { "content-type": type, "content-digest": contentDigest(digestOf(bytes)) };
  return new Response(new Uint8Array(bytes), { headers });
}

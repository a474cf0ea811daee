import { Hono } from "hono";
import { payloadType } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Releases } from "../release/releases.ts";
import { readBody } from "./body.ts";
import { HttpRefusal } from "./refusal.ts";

/** What {@linkcode releaseRoutes} work with. */
export interface ReleaseParts {
  releases: Pick<Releases, "status" | "take" | "goBack">;
}

/** Which program the agent is, and another one for it. What it may become, its signers say. */
export function releaseRoutes({ releases }: ReleaseParts): Hono {
  const app = new Hono();

  app.get("/v1/releases", (c) => c.json(releases.status()));

  app.post("/v1/releases", async (c) => {
    const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
    if (type !== payloadType("release")) throw new HttpRefusal("unsupported_media_type");
    const { sequence, version, deno } = await releases.take(
      await readBody(c, LIMITS.RELEASE_BYTES),
    );
    return c.json({ release: sequence, version, deno }, 202);
  });

  app.post("/v1/releases/back", async (c) => {
    await releases.goBack();
    return c.json(releases.status(), 202);
  });

  return app;
}

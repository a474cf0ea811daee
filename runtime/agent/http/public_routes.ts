import { Hono } from "hono";
import * as v from "valibot";
import { versionSchema } from "../../core/semver_range.ts";
import type { ContentStore } from "../content/content_store.ts";
import { versionIndex } from "../sources/version_index.ts";
import type { ManifestTable } from "../store/manifests.ts";
import type { TrustedDocumentTable } from "../store/trusted_documents.ts";
import type { AgentInfo } from "./answers.ts";
import { answerContent } from "./content.ts";
import { digestFrom, numberFrom, scriptFrom } from "./parameters.ts";
import { HttpRefusal } from "./refusal.ts";
import { ROUTES } from "./route_table.ts";

/** What {@linkcode publicRoutes} work with. */
export interface PublicParts {
  info(): Promise<AgentInfo>;
  modules: ContentStore;
  manifests: ManifestTable;
  roots: TrustedDocumentTable;
  /** The certificate that vouches for the agent's TLS, as PEM; absent where there is none. */
  authority?: string;
}

const JSON_TYPE = { "content-type": "application/json" };

/**
 * What needs no caller, because all of it is public and verified by whoever reads it: that the
 * agent is there, who it is, and the scripts it has, in the layout of every other source.
 */
export function publicRoutes(parts: PublicParts): Hono {
  const { info, modules, manifests, roots, authority } = parts;
  const app = new Hono();

  app.get("/healthz", (c) => c.json({ ok: true }));

  let described: Promise<unknown> | undefined;
  app.get("/openapi.json", async (c) => c.json(await (described ??= describe()) as object));

  app.get("/v1/info", async (c) => c.json(await info()));

  app.get("/v1/ca", (c) => {
    if (authority === undefined) throw new HttpRefusal("not_found");
    return c.body(authority, 200, { "content-type": "application/x-pem-file" });
  });

  app.get("/v1/modules/:hex", async (c) => {
    return await answerContent(c, modules, digestFrom(`sha256:${c.req.param("hex")}`));
  });

  app.get("/v1/manifests/:publisher/:name/:file", (c) => {
    const script = scriptFrom(c.req.param("publisher"), c.req.param("name"));
    const file = c.req.param("file");
    if (file === "index.json") {
      const versions = manifests.versions(script);
      if (versions.length === 0) throw new HttpRefusal("not_found");
      return c.json(versionIndex(versions));
    }
    const version = file.endsWith(".json") ? file.slice(0, -".json".length) : "";
    const envelope = v.is(versionSchema, version) ? manifests.get(script, version) : undefined;
    if (!envelope) throw new HttpRefusal("not_found");
    return c.body(new Uint8Array(envelope), 200, JSON_TYPE);
  });

  app.get("/v1/roots/:version", (c) => {
    const root = roots.get(numberFrom(c.req.param("version")));
    if (!root) throw new HttpRefusal("not_found");
    return c.body(new Uint8Array(root.envelope), 200, JSON_TYPE);
  });

  return app;
}

async function describe(): Promise<unknown> {
  const { openApi } = await import("./openapi.ts");
  return await openApi(ROUTES);
}

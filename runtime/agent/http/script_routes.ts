import { type Context, Hono } from "hono";
import { digestOf } from "../../core/digest.ts";
import { openEnvelope, payloadType } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { scriptNameOf, verifyManifest } from "../../core/verification/manifest.ts";
import type { AuditLog } from "../audit/audit_log.ts";
import type { ContentStore } from "../content/content_store.ts";
import type { ManifestTable } from "../store/manifests.ts";
import type { Store } from "../store/store.ts";
import { readBody, streamBody } from "./body.ts";
import { digestFrom } from "./parameters.ts";
import { HttpRefusal } from "./refusal.ts";

/** What {@linkcode scriptRoutes} work with. */
export interface ScriptParts {
  store: Store;
  audit: Pick<AuditLog, "head" | "append">;
  modules: ContentStore;
  manifests: ManifestTable;
  policy(): PolicyInForce;
}

/**
 * Scripts that the local operator publishes to this agent, in place of a folder. That it stores one
 * gives it no right: before each run all is asked again. A manifest is taken only when a publisher
 * of the policy signed it and its module is here, and no version ever changes.
 */
export function scriptRoutes(parts: ScriptParts): Hono {
  const { modules } = parts;
  const app = new Hono();

  app.put("/v1/modules/:hex", async (c) => {
    const digest = digestFrom(`sha256:${c.req.param("hex")}`);
    const known = await modules.length(digest);
    if (known !== undefined) {
      await c.req.raw.body?.cancel();
      return c.json({ digest, length: known });
    }
    const body = streamBody(c, digest, LIMITS.SOURCE_MAP_BYTES);
    const length = await modules.put(digest, body).catch((error) => {
      throw error.cause instanceof HttpRefusal ? error.cause : error;
    });
    return c.json({ digest, length }, 201);
  });

  app.post("/v1/manifests", async (c) => {
    const { answer, isNew } = await keepManifest(parts, await readManifest(c));
    return c.json(answer, isNew ? 201 : 200);
  });

  return app;
}

async function readManifest(c: Context): Promise<Uint8Array> {
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== payloadType("manifest")) throw new HttpRefusal("unsupported_media_type");
  return await readBody(c, LIMITS.MANIFEST_BYTES);
}

async function keepManifest(
  { store, audit, modules, manifests, policy }: ScriptParts,
  bytes: Uint8Array,
) {
  const { manifest, digest } = verifyManifest(bytes, { policy: policy() });
  const script = scriptNameOf(manifest);
  const { version, sequence, module } = manifest;
  for (const { sha256, length } of [module, ...manifest.sourceMap ? [manifest.sourceMap] : []]) {
    if (await modules.length(sha256) !== length) throw new HttpRefusal("module_missing");
  }
  const isNew = await store.write(() => {
    const before = manifests.get(script, version);
    if (before && !isSameRelease(before, bytes, digest)) {
      throw new HttpRefusal("version_published");
    }
    if (before && digestOf(before) === digestOf(bytes)) return false;
    manifests.put(script, version, module.sha256, digest, bytes);
    const detail = { script, version, sequence, module: module.sha256 };
    audit.append({ event: "script_published", detail });
    return before === undefined;
  });
  return { answer: { script, version, module: module.sha256 }, isNew };
}

/** The same manifest with no signature less. */
function isSameRelease(before: Uint8Array, after: Uint8Array, digest: string): boolean {
  const [was, is] = [before, after].map((bytes) => openEnvelope("manifest", bytes));
  return digestOf(was!.payload) === digest &&
    [...was!.signatures.keys()].every((id) => is!.signatures.has(id));
}

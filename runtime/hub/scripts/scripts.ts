import type { Digest, ScriptName } from "../../core/documents/common.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import { scriptNameOf } from "../../core/verification/manifest.ts";
import type { HubAudit } from "../audit/hub_audit.ts";
import { type HubContent, useContent } from "../content/hub_content.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import { lockTenant } from "../database/lock_tenant.ts";
import { HubError, notFound } from "../errors.ts";
import { bytesOf, textOf } from "../lists/carried_documents.ts";

/** A version of a script that was published to the hub. */
export interface ScriptVersion {
  readonly version: string;
  readonly sha256: Digest;
  readonly sequence: number;
  readonly published: number;
}

/** A script and what was published of it, the highest sequence first. */
export interface PublishedScript {
  readonly name: ScriptName;
  readonly versions: readonly ScriptVersion[];
}

/** A manifest as it was signed. */
export interface SignedManifest {
  readonly manifest: Manifest;
  readonly envelope: Uint8Array;
}

/** What {@linkcode Scripts} work with. */
export interface ScriptsOptions {
  database: HubDatabase;
  audit: HubAudit;
  content: HubContent;
  now(): number;
}

type Row = ScriptVersion & { script: ScriptName };

const COLUMNS = `script, version, module AS "sha256", sequence, published`;

/**
 * The scripts that agents may fetch from the hub. Being here accepts nothing: agents ask their
 * accept-list, and hash what they get.
 */
export class Scripts {
  readonly #options: ScriptsOptions;

  constructor(options: ScriptsOptions) {
    this.#options = options;
  }

  /** By name. */
  async list(tenant: string): Promise<PublishedScript[]> {
    const rows = await this.#options.database.all<Row>(
      `SELECT ${COLUMNS} FROM releases WHERE tenant = ?1 ORDER BY script, sequence DESC`,
      [tenant],
    );
    const scripts = Map.groupBy(rows, ({ script }) => script);
    return [...scripts].map(([name, versions]) => ({
      name,
      versions: versions.map(({ script: _, ...version }) => version),
    }));
  }

  /** What was published of one script; empty when nothing was. */
  async versions(tenant: string, name: string): Promise<ScriptVersion[]> {
    return await this.#options.database.all<ScriptVersion>(
      `SELECT version, module AS "sha256", sequence, published FROM releases
       WHERE tenant = ?1 AND script = ?2 ORDER BY sequence DESC`,
      [tenant, name],
    );
  }

  /** @throws {HubError} not_found */
  async manifest(tenant: string, name: string, version: string): Promise<SignedManifest> {
    const row = await this.#options.database.get<{ envelope: string }>(
      "SELECT envelope FROM releases WHERE tenant = ?1 AND script = ?2 AND version = ?3",
      [tenant, name, version],
    );
    if (!row) throw notFound("a version", `${name} ${version}`);
    const envelope = bytesOf(row.envelope);
    const { payload } = openEnvelope("manifest", envelope);
    return { manifest: parseDocument("manifest", payload), envelope };
  }

  /** The module of a version, or a source map. @throws {HubError} not_found */
  async module(tenant: string, sha256: Digest): Promise<Uint8Array> {
    const found = await this.#options.content.open(tenant, sha256);
    if (!found || found.length > LIMITS.SOURCE_MAP_BYTES) throw notFound("a module", sha256);
    return new Uint8Array(await new Response(found.body).arrayBuffer());
  }

  /**
   * Takes a manifest whose module was uploaded. Whose signatures it has is for agents to judge.
   *
   * @returns whether it is new.
   * @throws {HubError} attachment_missing – module or source map were not uploaded
   * @throws {HubError} conflict – the version was published with other content, or another version
   *   with its sequence
   * @throws {VerificationError} – as `openEnvelope()` and `parseDocument()`
   */
  async publish(
    tenant: string,
    who: string,
    envelope: Uint8Array,
  ): Promise<{ script: ScriptName; version: string; module: Digest; isNew: boolean }> {
    const { database, audit, now } = this.#options;
    const opened = openEnvelope("manifest", envelope);
    const manifest = parseDocument("manifest", opened.payload);
    const script = scriptNameOf(manifest);
    const { version, sequence } = manifest;
    const module = manifest.module.sha256;
    await this.#requireContent(tenant, manifest);
    const isNew = await database.transaction(async (tx) => {
      await lockTenant(tx, tenant);
      const made = await tx.run(
        `INSERT INTO releases VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (tenant, script, version) DO NOTHING`,
        [tenant, script, version, sequence, module, textOf(envelope), now(), who],
      );
      if (made === 0) return await requireSame(tx, tenant, script, version, envelope);
      await requireOwnSequence(tx, tenant, script, manifest);
      const { sourceMap } = manifest;
      await useContent(tx, tenant, [module, ...sourceMap ? [sourceMap.sha256] : []]);
      const subject = `${script} ${version}`;
      const detail = { module, sequence };
      await audit.append(tx, tenant, { who, action: "script_published", subject, detail });
      return true;
    });
    return { script, version, module, isNew };
  }

  async #requireContent(tenant: string, { module, sourceMap }: Manifest): Promise<void> {
    for (const { sha256, length } of [module, ...sourceMap ? [sourceMap] : []]) {
      if (await this.#options.content.length(tenant, sha256) === length) continue;
      throw new HubError("attachment_missing", `Cannot publish without ${sha256}`);
    }
  }
}

async function requireSame(
  tx: Pick<HubDatabase, "get">,
  tenant: string,
  script: ScriptName,
  version: string,
  envelope: Uint8Array,
): Promise<false> {
  const row = await tx.get<{ envelope: string }>(
    "SELECT envelope FROM releases WHERE tenant = ?1 AND script = ?2 AND version = ?3",
    [tenant, script, version],
  );
  if (row?.envelope === textOf(envelope)) return false;
  throw new HubError("conflict", `Cannot publish another "${script}" ${version}`);
}

/** Between two versions of one sequence agents would go back and forth: neither is the older one. */
async function requireOwnSequence(
  tx: Pick<HubDatabase, "get">,
  tenant: string,
  script: ScriptName,
  { version, sequence }: Manifest,
): Promise<void> {
  const other = await tx.get<{ version: string }>(
    `SELECT version FROM releases
     WHERE tenant = ?1 AND script = ?2 AND sequence = ?3 AND version <> ?4 LIMIT 1`,
    [tenant, script, sequence, version],
  );
  if (!other) return;
  throw new HubError(
    "conflict",
    `Cannot publish "${script}" ${version} as ${other.version} has its sequence: ${sequence}`,
  );
}

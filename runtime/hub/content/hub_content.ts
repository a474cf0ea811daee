import { Digester } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import { within } from "../../core/wait.ts";
import type { HubDatabase, HubQueries } from "../database/hub_database.ts";
import { HubError } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";

/** Who uses what every agent of the tenant may fetch. */
const AGENTS = "agents";

const REMOVE = "DELETE FROM content_chunks WHERE tenant = ?1 AND digest = ?2";

/** What {@linkcode HubContent} works with. */
export interface HubContentOptions {
  database: HubDatabase;
  now(): number;
  /** How long an upload may bring nothing. Default: {@linkcode HUB_LIMITS}`.UPLOAD_SILENT_MS`. */
  silentMs?: number;
}

/**
 * What is kept by its hash for a tenant: documents of orders, modules. It lies in the database, so
 * that hubs which share one need no folder in common, and is read and written a piece at a time.
 */
export class HubContent {
  readonly #database: HubDatabase;
  readonly #now: () => number;
  readonly #silentMs: number;
  /** How many are under way here, by tenant. */
  readonly #uploads = new Map<string, number>();

  constructor(options: HubContentOptions) {
    this.#database = options.database;
    this.#now = options.now;
    this.#silentMs = options.silentMs ?? HUB_LIMITS.UPLOAD_SILENT_MS;
  }

  /** The length of what is stored under this digest; `undefined` when nothing is. */
  async length(tenant: string, digest: Digest): Promise<number | undefined> {
    const row = await this.#database.get<{ length: number }>(
      "SELECT length FROM content WHERE tenant = ?1 AND digest = ?2",
      [tenant, digest],
    );
    return row?.length;
  }

  /**
   * Stores a stream under its digest, by which it is found only when it is whole.
   *
   * @throws {HubError} quota – the tenant has as much stored, or on its way, as it may
   * @throws {HubError} busy – the tenant has as many uploads under way as it may, or it brings
   *   nothing any more
   * @throws {HubError} too_large – it is longer than may be stored
   * @throws {HubError} blob_mismatch – it has another digest
   */
  async put(tenant: string, digest: Digest, body: AsyncIterable<Uint8Array>): Promise<number> {
    using _place = this.#takePlace(tenant);
    const known = await this.length(tenant, digest);
    if (known !== undefined) return known;
    await this.#requireRoom(tenant);
    // No digest, so nobody asks for it; whoever uploads the same at the same time has another.
    const incoming = `${INCOMING}${this.#now()}:${crypto.randomUUID()}`;
    try {
      const { found, length } = await this.#receive(tenant, incoming, digest, body);
      if (found === digest) return await this.#place(tenant, incoming, digest, length);
      throw new HubError("blob_mismatch", `Cannot store ${digest} as its content is ${found}`);
    } catch (error) {
      await this.#database.run(REMOVE, [tenant, incoming]);
      throw error;
    }
  }

  /** What is stored, piece by piece; `undefined` when nothing is. */
  async open(
    tenant: string,
    digest: Digest,
  ): Promise<{ length: number; body: ReadableStream<Uint8Array> } | undefined> {
    const length = await this.length(tenant, digest);
    if (length === undefined) return undefined;
    return { length, body: ReadableStream.from(this.#parts(tenant, digest)) };
  }

  /** As {@linkcode open}, of what every agent may have: scripts and releases, no order's document. */
  async openForAgents(
    tenant: string,
    digest: Digest,
  ): Promise<{ length: number; body: ReadableStream<Uint8Array> } | undefined> {
    const used = await this.#database.get(
      "SELECT 1 FROM content_uses WHERE tenant = ?1 AND digest = ?2 AND used_by = ?3",
      [tenant, digest, AGENTS],
    );
    return used === undefined ? undefined : await this.open(tenant, digest);
  }

  #takePlace(tenant: string): Disposable {
    const count = this.#uploads.get(tenant) ?? 0;
    if (count >= HUB_LIMITS.UPLOADS) {
      throw new HubError("busy", `Cannot store another document as ${count} are being uploaded`);
    }
    this.#uploads.set(tenant, count + 1);
    return {
      [Symbol.dispose]: () => {
        const left = this.#uploads.get(tenant)! - 1;
        if (left === 0) this.#uploads.delete(tenant);
        else this.#uploads.set(tenant, left);
      },
    };
  }

  /** What is on its way counts, too, at whichever hub. */
  async #requireRoom(tenant: string): Promise<void> {
    const row = await this.#database.get<{ bytes: number }>(
      `SELECT (SELECT CAST(coalesce(sum(length), 0) AS BIGINT) FROM content WHERE tenant = ?1)
         + (SELECT count(*) FROM content_chunks WHERE tenant = ?1 AND digest >= ?2 AND digest < ?3)
         * CAST(?4 AS BIGINT) AS bytes`,
      [tenant, INCOMING, INCOMING_END, HUB_LIMITS.CHUNK_BYTES],
    );
    if (row!.bytes < HUB_LIMITS.CONTENT_OF_TENANT_BYTES) return;
    throw new HubError("quota", `Cannot store more documents of "${tenant}"`);
  }

  async #receive(
    tenant: string,
    incoming: string,
    digest: Digest,
    body: AsyncIterable<Uint8Array>,
  ): Promise<{ found: Digest; length: number }> {
    const digester = new Digester();
    let part = 0;
    for await (const bytes of chunksOf(this.#heard(body))) {
      digester.update(bytes);
      if (digester.length > HUB_LIMITS.CONTENT_BYTES) {
        throw new HubError("too_large", `Cannot store ${digest} as it is too long`);
      }
      await this.#requireRoom(tenant);
      const values = [tenant, incoming, part++, bytes];
      await this.#database.run("INSERT INTO content_chunks VALUES (?1, ?2, ?3, ?4)", values);
    }
    const { length } = digester;
    return { found: digester.digest(), length };
  }

  /** The same, until nothing of it comes for too long. */
  async *#heard(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const late = () => new HubError("busy", "Cannot store a document of which nothing comes");
    const parts = body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { value, done } = await within(this.#silentMs, parts.next(), late);
        if (done) return;
        yield value;
      }
    } finally {
      // It may wait for what never comes.
      parts.return?.().catch(() => {});
    }
  }

  async #place(tenant: string, incoming: string, digest: Digest, length: number): Promise<number> {
    return await this.#database.transaction(async (tx) => {
      const isNew = await tx.run(
        "INSERT INTO content VALUES (?1, ?2, ?3, ?4) ON CONFLICT (tenant, digest) DO NOTHING",
        [tenant, digest, length, this.#now()],
      );
      if (isNew === 0) await tx.run(REMOVE, [tenant, incoming]);
      else {
        await tx.run(
          "UPDATE content_chunks SET digest = ?3 WHERE tenant = ?1 AND digest = ?2",
          [tenant, incoming, digest],
        );
      }
      return length;
    });
  }

  async *#parts(tenant: string, digest: Digest): AsyncGenerator<Uint8Array> {
    for (let part = 0;; part++) {
      const row = await this.#database.get<{ bytes: Uint8Array }>(
        "SELECT bytes FROM content_chunks WHERE tenant = ?1 AND digest = ?2 AND part = ?3",
        [tenant, digest, part],
      );
      if (!row) return;
      yield new Uint8Array(row.bytes);
    }
  }
}

/** Names uploads under way, with when they began; and what comes behind all of them. */
const INCOMING = "incoming:";
const INCOMING_END = "incoming;";

/**
 * Keeps documents for as long as something needs them, in the transaction that stores this.
 *
 * @param order For whose agents alone they are; absent: for every agent.
 */
export async function useContent(
  tx: HubQueries,
  tenant: string,
  digests: Iterable<Digest>,
  order: string = AGENTS,
): Promise<void> {
  for (const digest of digests) {
    await tx.run("INSERT INTO content_uses VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", [
      tenant,
      digest,
      order,
    ]);
  }
}

/** Removes what nothing needs a day after it was uploaded, and what was never uploaded whole. */
export async function pruneContent(database: HubDatabase, now: number): Promise<void> {
  const before = now - HUB_LIMITS.UNUSED_CONTENT_MS;
  const unused = await database.all<{ tenant: string; digest: Digest }>(
    `SELECT tenant, digest FROM content c WHERE stored < ?1 AND NOT EXISTS (
       SELECT 1 FROM content_uses u WHERE u.tenant = c.tenant AND u.digest = c.digest) LIMIT 20`,
    [before],
  );
  for (const { tenant, digest } of unused) {
    await database.transaction(async (tx) => {
      // Something may have come to need it since.
      const gone = await tx.run(
        `DELETE FROM content WHERE tenant = ?1 AND digest = ?2 AND NOT EXISTS (
           SELECT 1 FROM content_uses WHERE tenant = ?1 AND digest = ?2)`,
        [tenant, digest],
      );
      if (gone > 0) await tx.run(REMOVE, [tenant, digest]);
    });
  }
  await database.run("DELETE FROM content_chunks WHERE digest >= ?1 AND digest < ?2", [
    INCOMING,
    `${INCOMING}${before}`,
  ]);
}

/** The same bytes in pieces of one size, the last one shorter. */
async function* chunksOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let chunk = new Uint8Array(HUB_LIMITS.CHUNK_BYTES);
  let filled = 0;
  for await (const bytes of body) {
    for (let at = 0; at < bytes.length;) {
      const some = bytes.subarray(at, at + chunk.length - filled);
      chunk.set(some, filled);
      at += some.length;
      filled += some.length;
      if (filled < chunk.length) continue;
      yield chunk;
      chunk = new Uint8Array(HUB_LIMITS.CHUNK_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

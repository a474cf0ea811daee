import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import type { BlobPart, BlobRecord, Blobs, Store, StoreCheck, StoredBlob, StoreWrite } from "writ";

/** A store as an agent keeps it: on disk before a write resolves. */
export class FakeStore implements Store {
  readonly #db: DatabaseSync;
  /** The most that its values may be long, together. */
  quota = Infinity;

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    this.#db.exec("CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value TEXT) STRICT");
  }

  get<Value>(key: string): Promise<Value | undefined> {
    return Promise.try(() => this.#get(key) as Value | undefined);
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.batch([{ set: key, value }]);
  }

  async delete(key: string): Promise<boolean> {
    const was = this.#get(key) !== undefined;
    await this.batch([{ delete: key }]);
    return was;
  }

  list<Value>(
    options: Parameters<Store["list"]>[0] = {},
  ): Promise<{ key: string; value: Value }[]> {
    const { prefix = "", after = "", limit = 1_000 } = options;
    return Promise.try(() => {
      const rows = this.#db.prepare(
        "SELECT key, value FROM entries WHERE substr(key, 1, ?) = ? AND key > ? ORDER BY key LIMIT ?",
      ).all(prefix.length, prefix, after, limit);
      return rows.map(({ key, value }) => ({ key: String(key), value: JSON.parse(String(value)) }));
    });
  }

  batch(writes: readonly StoreWrite[], checks: readonly StoreCheck[] = []): Promise<boolean> {
    return Promise.try(() => this.#batch(writes, checks));
  }

  async add(key: string, by = 1): Promise<number> {
    const sum = (this.#get(key) as number | undefined ?? 0) + by;
    await this.set(key, sum);
    return sum;
  }

  close(): void {
    this.#db.close();
  }

  #batch(writes: readonly StoreWrite[], checks: readonly StoreCheck[]): boolean {
    const holds = checks.every(({ key, equals }) =>
      JSON.stringify(this.#get(key)) === JSON.stringify(equals)
    );
    if (!holds) return false;
    const before = this.#length();
    this.#db.exec("BEGIN IMMEDIATE");
    for (const write of writes) {
      if ("delete" in write) {
        this.#db.prepare("DELETE FROM entries WHERE key = ?").run(write.delete);
      } else {
        this.#db.prepare("INSERT OR REPLACE INTO entries VALUES (?, ?)")
          .run(write.set, JSON.stringify(write.value));
      }
    }
    const full = this.#length() > Math.max(this.quota, before);
    this.#db.exec(full ? "ROLLBACK" : "COMMIT");
    if (full) throw Object.assign(new Error("the store is full"), { code: "quota" });
    return true;
  }

  #length(): number {
    const row = this.#db.prepare("SELECT ifnull(sum(length(value)), 0) AS all_of FROM entries")
      .get();
    return Number(row!.all_of);
  }

  #get(key: string): unknown {
    const row = this.#db.prepare("SELECT value FROM entries WHERE key = ?").get(key);
    return row && JSON.parse(String(row.value));
  }
}

async function* chunksOf(parts: readonly BlobPart[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    yield* part instanceof ReadableStream
      ? part
      : new Blob([part as Uint8Array<ArrayBuffer>]).stream();
  }
}

/** Documents in a folder, named by their hash. */
export class FakeBlobs implements Pick<Blobs, "put" | "get" | "delete" | "list"> {
  readonly #dir: string;
  readonly #store: Store | undefined;

  /** @param store Takes the records of documents. */
  constructor(dir: string, store?: Store) {
    this.#dir = dir;
    this.#store = store;
    Deno.mkdirSync(dir, { recursive: true });
  }

  async put(
    body: BlobPart | readonly BlobPart[],
    { most = Infinity, record }: { most?: number; record?: BlobRecord } = {},
  ) {
    const temporary = `${this.#dir}/.${crypto.randomUUID()}`;
    const hash = createHash("sha256");
    let length = 0;
    try {
      using file = await Deno.open(temporary, { write: true, createNew: true });
      const parts = Array.isArray(body) ? body : [body];
      for await (const chunk of chunksOf(parts)) {
        hash.update(chunk);
        length += chunk.length;
        if (length > most) throw Object.assign(new Error("too long"), { code: "too_long" });
        for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
      }
      await file.sync();
    } catch (error) {
      await Deno.remove(temporary);
      throw error;
    }
    const sha256 = hash.digest("hex");
    await Deno.rename(temporary, `${this.#dir}/${sha256}`);
    const kept = { sha256, length };
    if (record) {
      const { key, value, as, checks } = record;
      const done = await this.#store!.batch(
        [{ set: key, value: { ...value, [as]: kept } }],
        checks,
      );
      if (!done) throw Object.assign(new Error("a check did not hold"), { code: "conflict" });
    }
    return kept;
  }

  async get(sha256: string): Promise<StoredBlob | undefined> {
    const path = `${this.#dir}/${sha256}`;
    const length = await Deno.stat(path).then(({ isFile, size }) => isFile ? size : -1, () => -1);
    if (length < 0) return undefined;
    return {
      sha256,
      length,
      mediaType: "application/octet-stream",
      bytes: () => Deno.readFile(path),
      stream: () =>
        ReadableStream.from((async function* () {
          yield* (await Deno.open(path)).readable;
        })()),
    };
  }

  delete(sha256: string): Promise<boolean> {
    return Deno.remove(`${this.#dir}/${sha256}`).then(() => true, () => false);
  }

  async list() {
    const found = [];
    for await (const { name } of Deno.readDir(this.#dir)) {
      if (!name.startsWith(".")) found.push({ sha256: name, length: 0 });
    }
    return found;
  }
}

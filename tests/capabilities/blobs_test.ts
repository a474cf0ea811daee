import assert from "node:assert/strict";
import { ContentStore } from "../../runtime/agent/content/content_store.ts";
import { BlobShelf } from "../../runtime/capabilities/blob_shelf.ts";
import { BLOB_LIMITS, blobsCapability } from "../../runtime/capabilities/blobs.ts";
import { StoreEntries } from "../../runtime/capabilities/store_entries.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { ask, refuses, TestDatabase } from "./fixture.ts";

const MB = 1_000_000;
const SCRIPT = "acme/print";

/** A shelf over real files. */
class TestShelf implements Disposable {
  readonly #database = new TestDatabase();
  readonly folder = `${this.#database.path}/script-blobs`;
  readonly files = new ContentStore(this.folder, 10 * MB);
  readonly shelf = new BlobShelf(this.#database.store, this.files);

  of(script: `${string}/${string}` = SCRIPT, quotaBytes = MB) {
    return blobsCapability(this.shelf, script, quotaBytes);
  }

  /** With a store of 1 kB. */
  recording() {
    const entries = new StoreEntries(this.#database.store, SCRIPT, 1_000);
    return { entries, blobs: blobsCapability(this.shelf, SCRIPT, MB, entries) };
  }

  async stored(): Promise<string[]> {
    return (await Array.fromAsync(this.files.digests())).sort();
  }

  half(): number {
    return [...Deno.readDirSync(`${this.folder}/incoming`)].length;
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }
}

const document = (length: number, fill = 7) => new Uint8Array(length).fill(fill);

Deno.test("ctx.blobs keeps a document in one piece or several, by its hash", async () => {
  using test = new TestShelf();
  const blobs = test.of();
  const body = document(300_000);
  const sha256 = digestOf(body);
  const { upload } = await ask<{ upload: string }>(blobs, "blobs.begin", {
    mediaType: "application/pdf",
  });
  await Promise.all([
    ask(blobs, "blobs.write", { upload }, { body: body.subarray(0, 200_000) }),
    ask(blobs, "blobs.write", { upload }, { body: body.subarray(200_000) }),
  ]);
  assert.deepEqual(await ask(blobs, "blobs.end", { upload }), { sha256, length: 300_000 });
  assert.deepEqual(
    await ask(blobs, "blobs.put", { mediaType: "text/plain" }, { body: document(3) }),
    {
      sha256: digestOf(document(3)),
      length: 3,
    },
  );
  assert.deepEqual({ ...await ask<object>(blobs, "blobs.stat", { sha256 }) }, {
    length: 300_000,
    mediaType: "application/pdf",
  });
  const read = await ask(blobs, "blobs.read", { sha256, offset: 299_990, length: 10 });
  assert.deepEqual(read, body.subarray(299_990));
  assert.equal((await ask<{ entries: unknown[] }>(blobs, "blobs.list", {})).entries.length, 2);
});

Deno.test("ctx.blobs shows no script what another has, and deletes what nobody has", async () => {
  using test = new TestShelf();
  const [mine, other] = [test.of(), test.of("acme/other")];
  const { sha256 } = await ask<{ sha256: string }>(mine, "blobs.put", {}, { body: document(5) });
  assert.equal(await ask(other, "blobs.stat", { sha256 }), null);
  await refuses("not_found", ask(other, "blobs.read", { sha256, offset: 0, length: 1 }));
  assert.equal(await ask(other, "blobs.delete", { sha256 }), false);
  await ask(other, "blobs.put", {}, { body: document(5) });
  assert.equal(await ask(mine, "blobs.delete", { sha256 }), true);
  assert.deepEqual(await ask(other, "blobs.read", { sha256, offset: 0, length: 5 }), document(5));
  assert.equal(await ask(other, "blobs.delete", { sha256 }), true);
  assert.deepEqual(await test.stored(), []);
});

Deno.test("ctx.blobs keeps a file that is put while its last owner leaves", async () => {
  using test = new TestShelf();
  const [mine, other] = [test.of(), test.of("acme/other")];
  for (let round = 0; round < 20; round++) {
    const { sha256 } = await ask<{ sha256: string }>(mine, "blobs.put", {}, { body: document(5) });
    await Promise.all([
      ask(mine, "blobs.delete", { sha256 }),
      ask(other, "blobs.put", {}, { body: document(5) }),
    ]);
    assert.deepEqual(await ask(other, "blobs.read", { sha256, offset: 0, length: 5 }), document(5));
    await ask(other, "blobs.delete", { sha256 });
    assert.deepEqual(await test.stored(), []);
  }
});

Deno.test("ctx.blobs keeps its quota, unfinished documents included", async () => {
  using test = new TestShelf();
  const blobs = test.of(SCRIPT, 100_000);
  await ask(blobs, "blobs.put", {}, { body: document(60_000) });
  await refuses("quota", ask(blobs, "blobs.put", {}, { body: document(40_001, 8) }));
  const { upload } = await ask<{ upload: string }>(blobs, "blobs.begin", {});
  await ask(blobs, "blobs.write", { upload }, { body: document(20_000) });
  await refuses("quota", ask(blobs, "blobs.put", {}, { body: document(20_001, 9) }));
  await refuses("quota", ask(blobs, "blobs.write", { upload }, { body: document(20_001) }));
  await refuses("not_found", ask(blobs, "blobs.end", { upload }));
  await ask(blobs, "blobs.put", {}, { body: document(40_000, 8) });
  await refuses("quota", ask(blobs, "blobs.put", {}, { body: document(0) }));
  assert.equal(test.half(), 0, "what was refused is gone");
  assert.equal((await test.stored()).length, 2);
});

Deno.test("ctx.blobs counts what is kept once, and no more when it is gone", async () => {
  using test = new TestShelf();
  const blobs = test.of(SCRIPT, 100_000);
  for (const mediaType of ["a/a", "b/b"]) {
    const { sha256 } = await ask<{ sha256: string }>(blobs, "blobs.put", { mediaType }, {
      body: document(40_000),
    });
    assert.equal(
      (await ask<{ mediaType: string }>(blobs, "blobs.stat", { sha256 })).mediaType,
      mediaType,
    );
  }
  await refuses("quota", ask(blobs, "blobs.put", {}, { body: document(60_001, 8) }));
  await ask(blobs, "blobs.delete", { sha256: digestOf(document(40_000)) });
  await ask(blobs, "blobs.put", {}, { body: document(90_000, 8) });
});

Deno.test("ctx.blobs drops what a run leaves unfinished, and sweeps what a crash left", async () => {
  using test = new TestShelf();
  const blobs = test.of();
  const run = new AbortController();
  const { upload } = await ask<{ upload: string }>(blobs, "blobs.begin", {}, {
    signal: run.signal,
  });
  await ask(blobs, "blobs.write", { upload }, { body: document(10) });
  assert.equal(test.half(), 1);
  run.abort();
  assert.equal(test.half(), 0);
  await refuses("not_found", ask(blobs, "blobs.write", { upload }, { body: document(10) }));
  const { sha256 } = await ask<{ sha256: string }>(blobs, "blobs.put", {}, { body: document(5) });
  await test.files.put(digestOf(document(6)), ReadableStream.from([document(6)]));
  await test.shelf.sweep();
  assert.deepEqual(await test.stored(), [sha256]);
});

Deno.test("ctx.blobs refuses", async (t) => {
  using test = new TestShelf();
  const blobs = test.of();
  const { sha256 } = await ask<{ sha256: string }>(blobs, "blobs.put", {}, { body: document(5) });
  const cases: [what: string, method: string, params: unknown][] = [
    ["a hash that is none", "blobs.stat", { sha256: "sha256:../../agent.key" }],
    ["a read past the end", "blobs.read", { sha256, offset: 3, length: 3 }],
    ["a read of more than a chunk", "blobs.read", { sha256, offset: 0, length: 262_145 }],
    ["a read from before the beginning", "blobs.read", { sha256, offset: -1, length: 1 }],
    ["a media type with a line break", "blobs.begin", { mediaType: "a\nb" }],
  ];
  for (const [what, method, params] of cases) {
    await t.step(what, () => refuses("invalid", ask(blobs, method, params)));
  }
  await t.step("more unfinished documents than it may have", async () => {
    const run = new AbortController();
    const begin = () => ask(blobs, "blobs.begin", {}, { signal: run.signal });
    for (let n = 0; n < BLOB_LIMITS.UPLOADS; n++) await begin();
    await refuses("unavailable", begin());
    run.abort();
  });
});

Deno.test("ctx.blobs takes nothing more for a document that is being ended, and harms no other's", async (t) => {
  for (const [name, length] of [["short", 1_000], ["long", 3 * MB]] as const) {
    await t.step(name, async () => {
      using test = new TestShelf();
      const theirs = test.of("acme/letters", 10 * MB);
      const whole = document(length + 5);
      const { sha256 } = await ask<{ sha256: string }>(theirs, "blobs.put", {}, {
        body: whole.slice(),
      });
      const blobs = test.of(SCRIPT, 10 * MB);
      const { upload } = await ask<{ upload: string }>(blobs, "blobs.begin", {});
      await ask(blobs, "blobs.write", { upload }, { body: document(length) });
      const ended = ask(blobs, "blobs.end", { upload });
      const late = ask(blobs, "blobs.write", { upload }, { body: document(5) });
      const again = ask(blobs, "blobs.end", { upload });
      await Promise.all([refuses("not_found", late), refuses("not_found", again)]);
      assert.deepEqual(await ended, { sha256: digestOf(document(length)), length });
      const params = { sha256, offset: length, length: 5 };
      assert.deepEqual(await ask(theirs, "blobs.read", params), document(5));
      assert.equal(test.half(), 0);
    });
  }
});

Deno.test("ctx.blobs keeps a document and its record together, or neither", async (t) => {
  using test = new TestShelf();
  const { blobs, entries } = test.recording();
  const body = document(5);
  const kept = { sha256: digestOf(body), length: 5 };
  const record = { key: "job/1", value: { id: 1 }, as: "document" };
  const absent = { checks: [{ key: "job/1" }] };
  await t.step("in one call", async () => {
    assert.deepEqual(
      await ask(blobs, "blobs.put", { record: { ...record, ...absent } }, { body }),
      kept,
    );
    assert.deepEqual(entries.get("job/1"), { id: 1, document: kept });
  });
  await t.step("at the end of an upload", async () => {
    const { upload } = await ask<{ upload: string }>(blobs, "blobs.begin", {});
    await ask(blobs, "blobs.write", { upload }, { body: document(6) });
    await ask(blobs, "blobs.end", { upload, record: { ...record, key: "job/2" } });
    assert.equal((entries.get("job/2") as { document: { length: number } }).document.length, 6);
  });
  const before = await test.stored();
  const put = (value: object) => ask(blobs, "blobs.put", { record: value }, { body: document(7) });
  await t.step(
    "neither when a check does not hold",
    () => refuses("conflict", put({ ...record, ...absent })),
  );
  await t.step(
    "neither beyond the quota of the store",
    () => refuses("quota", put({ ...record, value: { text: "x".repeat(2_000) } })),
  );
  await t.step(
    "neither when the record is no object",
    () => refuses("invalid", put({ ...record, value: 1 })),
  );
  await t.step(
    "neither without a store",
    () => refuses("not_granted", ask(test.of(), "blobs.put", { record }, { body: document(7) })),
  );
  assert.deepEqual(await test.stored(), before);
  assert.equal(test.half(), 0);
});

Deno.test("BlobShelf.adopt() moves a whole file to the shelf, and judges it as what is put", async (t) => {
  using test = new TestShelf();
  const path = `${test.folder}/download`;
  const body = document(300_000);
  const about = { sha256: digestOf(body), length: body.length, mediaType: "text/plain" };
  const adopt = (change: Partial<typeof about & { quotaBytes: number }> = {}) => {
    Deno.writeFileSync(path, body);
    return test.shelf.adopt(SCRIPT, path, { ...about, quotaBytes: MB, ...change });
  };
  await t.step("not one of another digest", async () => {
    await refuses("failed", adopt({ sha256: digestOf(document(1)) }));
    assert.deepEqual(await test.stored(), []);
  });
  await t.step("nor one beyond the quota", async () => {
    await refuses("quota", adopt({ quotaBytes: body.length - 1 }));
    assert.deepEqual(await test.stored(), []);
  });
  await t.step("one that is right, twice", async () => {
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(await adopt(), { sha256: about.sha256, length: body.length });
      assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
    }
    const read = { sha256: about.sha256, offset: 0, length: 200_000 };
    assert.deepEqual(await ask(test.of(), "blobs.read", read), body.subarray(0, 200_000));
    assert.deepEqual(await test.stored(), [about.sha256]);
  });
});

import assert from "node:assert/strict";
import { ContentStore } from "../../runtime/agent/content/content_store.ts";
import { blobsCapability } from "../../runtime/capabilities/blobs.ts";
import { BlobShelf } from "../../runtime/capabilities/blob_shelf.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { CapabilityError, type UnreadBody } from "../../runtime/sandbox/mod.ts";
import { ask, refuses, TestDatabase } from "./fixture.ts";

/** The blobs of one script, and what is there of their files. */
class TestBlobs implements Disposable {
  readonly #database = new TestDatabase();
  readonly #folder = `${this.#database.path}/script-blobs`;
  readonly #files = new ContentStore(this.#folder, 10_000_000);
  readonly blobs = blobsCapability(
    new BlobShelf(this.#database.store, this.#files),
    "acme/print",
    1_000_000,
  );

  /** Puts a body of three ones, and what is left of a request. */
  async put(
    unread: UnreadBody | undefined,
    { most, signal = new AbortController().signal }: { most?: number; signal?: AbortSignal } = {},
  ): Promise<unknown> {
    const params = { rest: true, ...(most !== undefined && { most }) };
    const call = { params, body: document(3, 1), signal, unread };
    return (await this.blobs.methods.get("blobs.put")!(call)).value;
  }

  async stored(): Promise<{ whole: string[]; half: number }> {
    const whole = await Array.fromAsync(this.#files.digests());
    return { whole, half: [...Deno.readDirSync(`${this.#folder}/incoming`)].length };
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }
}

const document = (length: number, fill = 7) => new Uint8Array(length).fill(fill);

/** A request's body, of pieces; what stands for the last may be an error. */
function unreadOf(...pieces: (Uint8Array | Error)[]): UnreadBody {
  return {
    next() {
      const piece = pieces.shift();
      return piece instanceof Error ? Promise.reject(piece) : Promise.resolve(piece);
    },
  };
}

Deno.test("ctx.blobs takes what is left of a request's body, to its end or not at all", async () => {
  using test = new TestBlobs();
  const whole = new Uint8Array([...document(3, 1), ...document(20_000), ...document(5, 2)]);
  assert.deepEqual(await test.put(unreadOf(document(20_000), document(5, 2)), { most: 20_008 }), {
    sha256: digestOf(whole),
    length: whole.length,
  });
  const before = await test.stored();
  await refuses("too_long", test.put(unreadOf(document(20_000), document(6, 2)), { most: 20_008 }));
  await refuses("quota", test.put(unreadOf(...Array.from({ length: 6 }, () => document(200_000)))));
  await refuses("invalid", test.put(undefined));
  const gone = new CapabilityError("unavailable", "Cannot go on");
  await refuses("unavailable", test.put(unreadOf(document(9), gone)));
  // The end of a request that is over is not the end of its body.
  await assert.rejects(test.put(unreadOf(document(9)), { signal: AbortSignal.abort() }), {
    name: "AbortError",
  });
  assert.deepEqual(await test.stored(), before);
});

Deno.test("ctx.blobs takes no more of an upload than its script said", async () => {
  using test = new TestBlobs();
  const { blobs } = test;
  const { upload } = await ask<{ upload: string }>(blobs, "blobs.begin", { most: 5 });
  await ask(blobs, "blobs.write", { upload }, { body: document(5) });
  await refuses("too_long", ask(blobs, "blobs.write", { upload }, { body: document(1) }));
  await refuses("not_found", ask(blobs, "blobs.end", { upload }));
  await refuses("too_long", ask(blobs, "blobs.put", { most: 4 }, { body: document(5) }));
  assert.deepEqual(await test.stored(), { whole: [], half: 0 });
});

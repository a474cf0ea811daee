import assert from "node:assert/strict";
import { ContentStore } from "../../runtime/agent/content/content_store.ts";
import { digestOf, hexOf } from "../../runtime/core/digest.ts";
import { TemporaryDir } from "../temporary_dir.ts";

const BYTES = new TextEncoder().encode("a document");
const DIGEST = digestOf(BYTES);

/** Every file below a folder. */
function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

Deno.test("ContentStore.put() stores a stream under its digest", async () => {
  using folder = new TemporaryDir();
  const store = new ContentStore(folder.path, 100);
  assert.equal(await store.length(DIGEST), undefined);
  assert.equal(
    await store.put(DIGEST, ReadableStream.from([BYTES.slice(0, 3), BYTES.slice(3)])),
    10,
  );
  assert.equal(await store.length(DIGEST), 10);
  const file = await store.open(DIGEST);
  assert.deepEqual(await new Response(file!.readable).bytes(), BYTES);
  const hex = hexOf(DIGEST);
  assert.deepEqual(filesBelow(folder.path), [`${folder.path}/${hex.slice(0, 2)}/${hex}`]);
});

Deno.test("ContentStore.put() refuses a stream whose last byte changed, and leaves no file", async () => {
  using folder = new TemporaryDir();
  const store = new ContentStore(folder.path, 100);
  const changed = BYTES.slice();
  changed[9]! ^= 1;
  await assert.rejects(store.put(DIGEST, ReadableStream.from([changed])), {
    name: "AgentError",
    code: "blob_mismatch",
  });
  assert.deepEqual(filesBelow(folder.path), []);
});

Deno.test("ContentStore.put() takes the most it may and ends an endless stream after it", async () => {
  using folder = new TemporaryDir();
  const store = new ContentStore(folder.path, BYTES.length);
  assert.equal(await store.put(DIGEST, ReadableStream.from([BYTES])), BYTES.length);
  let pulled = 0;
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulled++;
      controller.enqueue(new Uint8Array(4));
    },
    cancel: () => void (cancelled = true),
  });
  await assert.rejects(store.put(digestOf(new Uint8Array(1)), endless), { code: "blob_too_large" });
  assert.ok(cancelled && pulled < 10);
  assert.equal(filesBelow(folder.path).length, 1);
});

Deno.test("ContentStore.put() leaves no torn file when the stream breaks off", async () => {
  using folder = new TemporaryDir();
  const store = new ContentStore(folder.path, 100);
  const broken = ReadableStream.from((async function* () {
    yield BYTES.slice(0, 5);
    await Promise.resolve();
    throw new Error("connection lost");
  })());
  await assert.rejects(store.put(DIGEST, broken), { code: "blob_incomplete" });
  assert.deepEqual(filesBelow(folder.path), []);
});

Deno.test("ContentStore removes what a killed agent left half-written", () => {
  using folder = new TemporaryDir();
  new ContentStore(folder.path, 100);
  Deno.writeTextFileSync(`${folder.path}/incoming/half`, "half");
  new ContentStore(folder.path, 100);
  assert.deepEqual(filesBelow(folder.path), []);
});

Deno.test("ContentStore.put() stores an empty document", async () => {
  using folder = new TemporaryDir();
  const store = new ContentStore(folder.path, 100);
  const empty = digestOf(new Uint8Array());
  assert.equal(await store.put(empty, ReadableStream.from<Uint8Array>([])), 0);
  assert.equal(await store.length(empty), 0);
});

Deno.test("IncomingContent refuses what comes once it is being finished, and keeps its digest", async (t) => {
  for (const length of [10, 3 << 20]) {
    await t.step(`${length} bytes`, async () => {
      using folder = new TemporaryDir();
      const file = new ContentStore(folder.path, 10 << 20).receive();
      const bytes = new Uint8Array(length).fill(7);
      await file.write(bytes);
      const finished = file.finish();
      await assert.rejects(file.write(BYTES), TypeError);
      await assert.rejects(file.finish(), TypeError);
      assert.deepEqual(await finished, { digest: digestOf(bytes), length });
      file.place();
      const [stored] = filesBelow(folder.path);
      assert.deepEqual(Deno.readFileSync(stored!), bytes);
    });
  }
});

Deno.test("IncomingContent.finish() refuses a file of which a piece was refused", async () => {
  using folder = new TemporaryDir();
  const file = new ContentStore(folder.path, BYTES.length).receive();
  await file.write(BYTES);
  await assert.rejects(file.write(BYTES), { code: "blob_too_large" });
  await assert.rejects(file.finish(), { code: "blob_too_large" });
  file.abort();
  assert.deepEqual(filesBelow(folder.path), []);
});

Deno.test("IncomingContent.place() leaves what has its digest, and mends what was cut off", async () => {
  using folder = new TemporaryDir();
  const store = new ContentStore(folder.path, 100);
  const place = async (mends: boolean) => {
    const file = store.receive();
    await file.write(BYTES);
    await file.finish();
    return file.place(mends);
  };
  assert.ok(await place(false));
  const [path] = filesBelow(folder.path);
  const { ino } = Deno.statSync(path!);
  assert.ok(!await place(false));
  assert.equal(Deno.statSync(path!).ino, ino);
  assert.deepEqual(filesBelow(folder.path), [path]);
  Deno.truncateSync(path!, 3);
  await place(false);
  assert.deepEqual(Deno.readFileSync(path!), BYTES);
  Deno.writeFileSync(path!, BYTES.map((byte) => byte ^ 1));
  await store.put(DIGEST, ReadableStream.from([BYTES]));
  assert.deepEqual(Deno.readFileSync(path!), BYTES);
});

Deno.test("IncomingContent.keep() keeps what was ended, and leaves what has its digest", async () => {
  using folder = new TemporaryDir();
  const store = new ContentStore(folder.path, 100);
  for (let round = 0; round < 2; round++) {
    const file = store.receive();
    await file.write(BYTES.slice());
    await assert.rejects(file.keep(), TypeError);
    assert.deepEqual(await file.end(), { digest: DIGEST, length: BYTES.length });
    await file.keep();
    const kept = await store.open(DIGEST);
    assert.deepEqual(await new Response(kept!.readable).bytes(), BYTES);
    assert.equal(filesBelow(folder.path).length, 1);
  }
});

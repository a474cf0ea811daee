import assert from "node:assert/strict";
import { parseCdiffVersion, parseCvdHeader } from "../../scripts/virus-sigs/cvd_header.ts";
import { parseDatabaseFile } from "../../scripts/virus-sigs/database_file.ts";
import { answerAsMirror } from "../../scripts/virus-sigs/mirror.ts";
import { FalseFile, OlderFile } from "../../scripts/virus-sigs/refusals.ts";
import { Shelf } from "../../scripts/virus-sigs/shelf.ts";
import { planIncrements, planUpdate } from "../../scripts/virus-sigs/update_plan.ts";
import { haveClamav, readTestDatabase } from "./clamav_data.ts";
import { memoryBlobs, memoryStore } from "./memory_capabilities.ts";

const NOW = Date.parse("2026-01-01T00:00:00.500Z");
const ignore = !haveClamav();

async function shelfWith(files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>) {
  const blobs = memoryBlobs();
  const shelf = new Shelf(memoryStore(), blobs);
  for (const [name, bytes] of Object.entries(files)) {
    const { sha256 } = await blobs.put(bytes);
    await shelf.put(name, sha256, NOW);
  }
  return { shelf, blobs };
}

Deno.test("parseDatabaseFile() knows the names that mirrors have, and no path", () => {
  assert.deepEqual(parseDatabaseFile("daily.cvd"), { kind: "whole", database: "daily" });
  assert.deepEqual(parseDatabaseFile("daily-27000.cdiff"), {
    kind: "increment",
    database: "daily",
    version: 27000,
  });
  assert.equal(parseDatabaseFile("test-6.cdiff.sign")?.kind, "signature");
  assert.equal(parseDatabaseFile("office.hsb")?.kind, "list");
  const strange = ["", "daily", "daily.cld", "../daily.cvd", "a/daily.cvd", "daily.cvd/", ".cvd"];
  for (const name of [...strange, "daily-0.cdiff", "daily-1.cvd", "DAILY.cvd", "x.sh"]) {
    assert.equal(parseDatabaseFile(name), undefined, name);
  }
});

Deno.test({
  name: "parseCvdHeader() and parseCdiffVersion() read the vendor's own files",
  ignore,
  fn() {
    const header = parseCvdHeader(readTestDatabase("test-6.cvd"));
    assert.equal(header.version, 6);
    assert.equal(header.signatures, 14);
    assert.equal(parseCdiffVersion(readTestDatabase("test-4.cdiff")), 4);
    assert.throws(() => parseCvdHeader(readTestDatabase("test-4.cdiff")), SyntaxError);
    assert.throws(() => parseCvdHeader(readTestDatabase("test-6.cvd").subarray(0, 511)));
    assert.throws(() => parseCdiffVersion(new Uint8Array()), SyntaxError);
  },
});

Deno.test({
  name: "Shelf.put() refuses an older database, and content that is not what its name says",
  ignore,
  async fn() {
    const { shelf, blobs } = await shelfWith({ "test.cvd": readTestDatabase("test-5.cvd") });
    const put = async (name: string, from: string) => {
      const { sha256 } = await blobs.put(readTestDatabase(from));
      return await shelf.put(name, sha256, NOW);
    };
    await assert.rejects(put("test.cvd", "test-4.cvd"), OlderFile);
    await assert.rejects(put("test.cvd", "test-6.cdiff"), FalseFile);
    await assert.rejects(put("test-5.cdiff", "test-6.cdiff"), FalseFile);
    await assert.rejects(put("../test.cvd", "test-6.cvd"), FalseFile);
    assert.equal((await shelf.find("test.cvd"))?.version, 5);
    assert.equal((await put("test.cvd", "test-6.cvd")).version, 6);
  },
});

Deno.test("answerAsMirror() answers ranges, conditions and methods as mirrors do", async (t) => {
  const bytes = new Uint8Array(2500).map((_, i) => i % 251);
  const { shelf } = await shelfWith({ "office.hsb": bytes });
  const ask = async (headers: HeadersInit = {}, method = "GET", path = "/office.hsb") => {
    const request = new Request("http://mirror.test" + path, { method, headers });
    const response = await answerAsMirror(request, path, shelf);
    return { response, body: new Uint8Array(await response.arrayBuffer()) };
  };
  const ranges: [string, number, number, number][] = [
    ["bytes=0-511", 206, 0, 511],
    ["bytes=512-", 206, 512, 2499],
    ["bytes=-10", 206, 2490, 2499],
    ["bytes=2499-99999", 206, 2499, 2499],
    ["bytes=0-1,5-6", 200, 0, 2499],
    ["lines=0-1", 200, 0, 2499],
  ];
  for (const [range, status, first, last] of ranges) {
    await t.step(range, async () => {
      const { response, body } = await ask({ range });
      assert.equal(response.status, status);
      assert.deepEqual(body, bytes.slice(first, last + 1));
      const shown = status === 206 ? `bytes ${first}-${last}/2500` : null;
      assert.equal(response.headers.get("content-range"), shown);
    });
  }
  await t.step("a range behind the end", async () => {
    const { response } = await ask({ range: "bytes=2500-" });
    assert.equal(response.status, 416);
  });
  await t.step("not modified", async () => {
    const { response } = await ask();
    const modified = response.headers.get("last-modified")!;
    assert.equal((await ask({ "if-modified-since": modified })).response.status, 304);
    const before = new Date(NOW - 2000).toUTCString();
    assert.equal((await ask({ "if-modified-since": before })).response.status, 200);
    const etag = response.headers.get("etag")!;
    assert.equal((await ask({ "if-none-match": etag })).response.status, 304);
    assert.equal((await ask({ "if-none-match": '"other"' })).response.status, 200);
  });
  await t.step("HEAD has no body, other methods and files no answer", async () => {
    const head = await ask({}, "HEAD");
    assert.equal(head.response.headers.get("content-length"), "2500");
    assert.equal(head.body.length, 0);
    assert.equal((await ask({}, "PUT")).response.status, 405);
    for (const path of ["/", "/daily.cvd", "/../office.hsb", "/office.hsb/"]) {
      assert.equal((await ask({}, "GET", path)).response.status, 404);
    }
  });
});

Deno.test("planUpdate() wants what is newer and not here, and nothing that is older", () => {
  const whole = (version: number) => ({
    name: "test.cvd",
    sha256: `whole${version}`,
    length: 9000,
    version,
  });
  const step = (version: number) => ({
    name: `test-${version}.cdiff`,
    sha256: `step${version}`,
    length: 900,
    version,
  });
  const here = [{ ...whole(3), modified: 0 }, { ...step(3), modified: 0 }];
  assert.deepEqual(planUpdate("test", here, [whole(3), whole(2)]), []);
  assert.deepEqual(planUpdate("test", here, []), []);
  assert.deepEqual(planUpdate("other", here, [whole(9)]), []);
  assert.deepEqual(planUpdate("test", here, [step(3), step(4), whole(5), step(5), step(6)]), [
    whole(5),
    step(4),
    step(5),
  ]);
});

Deno.test("planIncrements() wants header and increments where they are whole and shorter", async (t) => {
  const head = { sha256: "head", list: "list" };
  const whole = { name: "test.cvd", sha256: "whole6", length: 9000, version: 6, head };
  const step = (version: number, length = 900) => ({
    name: `test-${version}.cdiff`,
    sha256: `step${version}`,
    length,
    version,
  });
  const steps = [step(4), step(5), step(6)];
  const plan = (offered: readonly (typeof whole | ReturnType<typeof step>)[], inUse = 3) =>
    planIncrements("test", [], offered, inUse);
  assert.deepEqual(plan([whole, ...steps]), { head: whole, increments: steps });
  const here = [{ ...step(4), modified: 0 }];
  assert.deepEqual(planIncrements("test", here, [whole, step(5), step(6)], 3)?.increments, [
    step(5),
    step(6),
  ]);
  const { head: _, ...headless } = whole;
  const refused: [string, ReturnType<typeof plan>][] = [
    ["a gap", plan([whole, step(4), step(6)])],
    ["increments that are longer", plan([whole, step(4, 9000), step(5), step(6)])],
    ["no header by itself", planIncrements("test", [], [headless, ...steps], 3)],
    ["nothing newer", plan([whole, ...steps], 6)],
  ];
  for (const [what, found] of refused) await t.step(what, () => assert.equal(found, undefined));
  await t.step("and no whole is expected of who has the header alone", () => {
    assert.deepEqual(planUpdate("test", [], [{ ...whole, headOnly: true }]), []);
    assert.deepEqual(planUpdate("test", [], [whole]), [whole]);
  });
});

Deno.test({
  name:
    "answerAsMirror() tells a version by its header alone, and asks for the rest when it is missed",
  ignore,
  async fn() {
    const { shelf, blobs } = await shelfWith({});
    const bytes = readTestDatabase("test-6.cvd");
    const { sha256 } = await blobs.put(bytes.slice(0, 512));
    await shelf.put("test.cvd", sha256, NOW, {
      list: "list",
      headOnly: true,
      length: bytes.length,
    });
    const missed: string[] = [];
    const ask = (headers: Record<string, string>) =>
      answerAsMirror(
        new Request("http://mirror/test.cvd", { headers }),
        "/test.cvd",
        shelf,
        (database) => Promise.resolve(void missed.push(database)),
      );
    const head = await ask({ range: "bytes=0-511" });
    assert.equal(head.status, 206);
    assert.equal(head.headers.get("content-range"), `bytes 0-511/${bytes.length}`);
    assert.deepEqual(new Uint8Array(await head.arrayBuffer()), bytes.slice(0, 512));
    assert.deepEqual(missed, []);
    for (const headers of [{}, { range: "bytes=0-512" }] as Record<string, string>[]) {
      const more = await ask(headers);
      await more.body?.cancel();
      assert.equal(more.status, 503);
    }
    assert.deepEqual(missed, ["test", "test"]);
  },
});

import assert from "node:assert/strict";
import { answerAsMirror } from "../../scripts/virus-sigs/mirror.ts";
import { Shelf } from "../../scripts/virus-sigs/shelf.ts";
import { requireReal } from "../real/require_real.ts";
import { haveClamav, readTestDatabase } from "./clamav_data.ts";
import { freshclam } from "./freshclam.ts";
import { memoryBlobs, memoryStore } from "./memory_capabilities.ts";

const ignore = !haveClamav(["freshclam"]);
const programs = ignore ? undefined : requireReal(["freshclam"]);

/** A mirror on loopback, and a real freshclam that knows no other. */
class Office implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly #blobs = memoryBlobs();
  readonly #shelf = new Shelf(memoryStore(), this.#blobs);
  readonly #client = freshclam(programs!.freshclam);
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const path = new URL(request.url).pathname.replace(/^\/below/, "");
      const response = await answerAsMirror(request, path, this.#shelf);
      this.asked.push(`${path} ${response.status}`);
      return response;
    },
  );

  async put(name: string, bytes = readTestDatabase(name)): Promise<void> {
    const { sha256 } = await this.#blobs.put(bytes);
    await this.#shelf.put(name, sha256, Date.now());
  }

  /** @returns The version it has then. */
  async update(): Promise<number> {
    this.asked.length = 0;
    return await (await this.#client).update(`http://127.0.0.1:${this.#server.addr.port}/below`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    (await this.#client)[Symbol.dispose]();
  }
}

Deno.test({
  name: "freshclam takes a whole database from the mirror, then only increments",
  ignore,
  async fn() {
    await using office = new Office();
    await office.put("test.cvd", readTestDatabase("test-1.cvd"));
    assert.equal(await office.update(), 1);
    assert.ok(office.asked.includes("/test.cvd 206"), office.asked.join());
    for (let version = 2; version <= 6; version++) await office.put(`test-${version}.cdiff`);
    await office.put("test.cvd", readTestDatabase("test-6.cvd"));
    assert.equal(await office.update(), 6);
    for (let version = 2; version <= 6; version++) {
      assert.ok(office.asked.includes(`/test-${version}.cdiff 200`), office.asked.join());
    }
    assert.ok(!office.asked.includes("/test.cvd 200"), "the whole file was not needed");
  },
});

Deno.test({
  name: "freshclam takes the whole file when an increment has a flipped bit",
  ignore,
  async fn() {
    await using office = new Office();
    await office.put("test.cvd", readTestDatabase("test-1.cvd"));
    assert.equal(await office.update(), 1);
    const broken = readTestDatabase("test-2.cdiff");
    broken[100]! ^= 1;
    await office.put("test-2.cdiff", broken);
    await office.put("test.cvd", readTestDatabase("test-2.cvd"));
    assert.equal(await office.update(), 2);
    assert.ok(office.asked.includes("/test.cvd 200"), office.asked.join());
  },
});

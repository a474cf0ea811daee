import assert from "node:assert/strict";
import { answerAsMirror } from "../../scripts/virus-sigs/mirror.ts";
import { Shelf } from "../../scripts/virus-sigs/shelf.ts";
import { parseCvdHeader } from "../../scripts/virus-sigs/cvd_header.ts";
import { requireReal } from "../real/require_real.ts";
import { haveClamav, readTestDatabase } from "./clamav_data.ts";
import { memoryBlobs, memoryStore } from "./memory_capabilities.ts";

const ignore = !haveClamav(["freshclam"]);
const programs = ignore ? undefined : requireReal(["freshclam"]);

/** A mirror on loopback, and a real freshclam that knows no other. */
class Office implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly #blobs = memoryBlobs();
  readonly #shelf = new Shelf(memoryStore(), this.#blobs);
  readonly #folder = Deno.makeTempDirSync();
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
    const { port } = this.#server.addr;
    const config = `${this.#folder}/freshclam.conf`;
    await Deno.mkdir(`${this.#folder}/db`, { recursive: true });
    await Deno.writeTextFile(
      config,
      [
        `DatabaseMirror http://127.0.0.1:${port}/below`,
        "DNSDatabaseInfo no",
        `DatabaseDirectory ${this.#folder}/db`,
        "DatabaseOwner root",
        "ScriptedUpdates yes",
      ].join("\n") + "\n",
    );
    this.asked.length = 0;
    const { success, stdout, stderr } = await new Deno.Command(programs!.freshclam, {
      args: ["--no-dns", `--config-file=${config}`, "--update-db=test", "--stdout"],
      clearEnv: true,
    }).output();
    assert.ok(success, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
    for (const name of ["test.cld", "test.cvd"]) {
      const bytes = await Deno.readFile(`${this.#folder}/db/${name}`).catch(() => undefined);
      if (bytes) return parseCvdHeader(bytes).version;
    }
    return 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await Deno.remove(this.#folder, { recursive: true });
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

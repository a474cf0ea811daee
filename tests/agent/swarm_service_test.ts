import assert from "node:assert/strict";
import { silentLog } from "../../runtime/agent/log.ts";
import { SwarmService } from "../../runtime/agent/peers/swarm_service.ts";
import { SharedBlobTable } from "../../runtime/agent/store/shared_blobs.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { chunkListBytes, makeChunkList } from "../../runtime/peer/swarm/mod.ts";
import { TestDatabase } from "../capabilities/fixture.ts";

const BYTES = new Uint8Array(300_000).fill(7);
const SHA256 = digestOf(BYTES);
const ABORTED = new Error("the run is over");

/** A service that has one blob, and no peers. */
class TestSwarm implements Disposable {
  readonly #database = new TestDatabase();
  readonly table = new SharedBlobTable(this.#database.store);
  readonly #path = `${this.#database.path}/blob`;
  readonly service: SwarmService;

  constructor(rates: { upBytes?: number } = {}) {
    Deno.writeFileSync(this.#path, BYTES);
    this.service = new SwarmService({
      table: this.table,
      folder: `${this.#database.path}/partial`,
      open: () => Deno.open(this.#path),
      addresses: () => [],
      rates: () => rates,
      log: silentLog,
    });
  }

  /** A download that nobody can serve; it ends when it is aborted. */
  pull(list: `sha256:${string}`) {
    const run = new AbortController();
    const options = { signal: run.signal, maxBytes: 1e9, take: () => Promise.resolve() };
    const ended = assert.rejects(this.service.pull(list, options), ABORTED);
    return { ended, abort: () => run.abort(ABORTED) };
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }
}

Deno.test("SwarmService.pull() that fails leaves what was offered before it began", async () => {
  using test = new TestSwarm();
  const list = await test.service.share(SHA256);
  for (let i = 0; i < 2; i++) {
    const { ended, abort } = test.pull(list);
    abort();
    await ended;
    assert.deepEqual(test.service.offered, [list]);
    assert.ok(await test.service.have(list, 0, new AbortController().signal));
    assert.ok(test.service.list(list));
    assert.equal(test.table.all()[0]!.source, true);
  }
});

Deno.test("SwarmService offers nothing that a pull which failed would have brought", async () => {
  using test = new TestSwarm();
  const list = digestOf(
    chunkListBytes(await makeChunkList(new Blob([BYTES]).stream(), BYTES.length)),
  );
  const options = { signal: new AbortController().signal, maxBytes: 1e9 };
  await assert.rejects(test.service.pull(list, { ...options, take: () => Promise.resolve() }), {
    code: "nobody_has_it",
  });
  assert.deepEqual(test.service.offered, []);
});

Deno.test("SwarmService gives chunks as fast as the policy of the moment says", async () => {
  const rates: { upBytes?: number } = {};
  using test = new TestSwarm(rates);
  const list = await test.service.share(SHA256);
  const took = async () => {
    const began = performance.now();
    for (const index of [0, 1]) {
      await test.service.chunk(list, index, "a peer", new AbortController().signal);
    }
    return performance.now() - began;
  };
  const free = await took();
  // The first is given at once; the second when that many bytes would have flowed.
  rates.upBytes = 500_000;
  const slow = await took();
  assert.ok(slow >= 262_144 / 500 - 5, `${slow} ms`);
  assert.ok(free < slow, `${free} ms`);
});

import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { digestOf } from "../../../runtime/core/digest.ts";
import { PeerError } from "../../../runtime/peer/errors.ts";
import { MIN_CHUNK_BYTES } from "../../../runtime/peer/swarm/chunk_list.ts";
import { PartialBlob } from "../../../runtime/peer/swarm/partial_blob.ts";
import { SwarmDownload } from "../../../runtime/peer/swarm/swarm_download.ts";
import type { SwarmPeer } from "../../../runtime/peer/swarm/swarm_peer.ts";
import { within } from "../../within.ts";
import { TemporaryDir } from "../../temporary_dir.ts";
import { Swimmer, type TestBlob, testBlob } from "./swarm.ts";

const signal = new AbortController().signal;

async function wholeOf(swimmer: Swimmer): Promise<string> {
  return digestOf(await Deno.readFile(swimmer.path));
}

function download(blob: TestBlob, into: Swimmer, peers: SwarmPeer[], options = {}) {
  const onProgress = () => into.seed.changed(blob.id);
  const running = new SwarmDownload(blob.id, into.partial, { signal, onProgress, ...options });
  running.add(...peers);
  return running.done;
}

Deno.test("SwarmDownload fills a blob from peers that each have a part", async () => {
  const blob = await testBlob(4 * MIN_CHUNK_BYTES + 5);
  using a = await Swimmer.make(blob, [0, 1]);
  using b = await Swimmer.make(blob, [2, 3, 4]);
  using into = await Swimmer.make(blob);
  await download(blob, into, [a.asPeer("a", "me"), b.asPeer("b", "me")]);
  assert.equal(await wholeOf(into), blob.list.sha256);
});

Deno.test("SwarmDownload takes a blob out of its source about once for twelve agents", async () => {
  const blob = await testBlob(24 * MIN_CHUNK_BYTES);
  using source = await Swimmer.make(blob, "source");
  await using swimmers = new AsyncDisposableStack();
  const agents: Swimmer[] = [];
  for (let i = 0; i < 12; i++) {
    const swimmer = await Swimmer.make(blob);
    swimmers.defer(() => swimmer[Symbol.dispose]());
    agents.push(swimmer);
  }
  await Promise.all(agents.map((agent, me) =>
    download(blob, agent, [
      source.asPeer("source", `${me}`, true),
      ...agents.flatMap((other, i) => i === me ? [] : [other.asPeer(`${i}`, `${me}`)]),
    ])
  ));
  for (const agent of agents) assert.equal(await wholeOf(agent), blob.list.sha256);
  const share = source.given / blob.bytes.length;
  assert.ok(share <= 1.3, `the source gave ${share.toFixed(2)} times the blob`);
});

Deno.test("SwarmDownload bans a peer that sends a wrong chunk, and asks it no more", async () => {
  const blob = await testBlob(8 * MIN_CHUNK_BYTES);
  using good = await Swimmer.make(blob, [...blob.list.chunks.keys()]);
  using into = await Swimmer.make(blob);
  let asked = 0;
  const liar: SwarmPeer = {
    ...good.asPeer("liar", "me"),
    chunk: (_list, _index, { length }) => {
      asked++;
      return Promise.resolve({ bytes: new Uint8Array(length) });
    },
  };
  const banned: string[] = [];
  const onBan = (peer: string) => banned.push(peer);
  await download(blob, into, [liar, good.asPeer("good", "me")], { onBan });
  assert.deepEqual(new Set(banned), new Set(["liar"]));
  assert.ok(asked <= 3, `asked ${asked} times`);
  assert.equal(await wholeOf(into), blob.list.sha256);
});

Deno.test("SwarmDownload goes round a peer that stalls at its last chunk", async () => {
  const blob = await testBlob(3 * MIN_CHUNK_BYTES);
  using good = await Swimmer.make(blob, [0, 1, 2]);
  using into = await Swimmer.make(blob);
  const well = good.asPeer("staller", "me");
  const stalls = Promise.withResolvers<void>();
  let asked = 0;
  const staller: SwarmPeer = {
    ...well,
    chunk(list, index, size, signal) {
      if (++asked < 3) return well.chunk(list, index, size, signal);
      stalls.resolve();
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      );
    },
  };
  const running = new SwarmDownload(blob.id, into.partial, { signal });
  running.add(staller);
  await within(stalls.promise, "the last chunk's turn");
  running.add(good.asPeer("good", "me"));
  await within(running.done, "the whole");
  assert.equal(await wholeOf(into), blob.list.sha256);
});

Deno.test("SwarmDownload goes on when a peer dies, and takes one that comes later", async () => {
  const blob = await testBlob(4 * MIN_CHUNK_BYTES);
  using good = await Swimmer.make(blob, [0, 1, 2, 3]);
  using into = await Swimmer.make(blob);
  let gave = 0;
  const alive = good.asPeer("dying", "me");
  const dying: SwarmPeer = {
    ...alive,
    chunk: async (...asked) => {
      if (++gave > 1) throw new TypeError("connection refused");
      return await alive.chunk(...asked);
    },
  };
  const running = new SwarmDownload(blob.id, into.partial, {
    signal,
    onProgress: () => running.add(good.asPeer("later", "me")),
  });
  running.add(dying);
  await running.done;
  assert.equal(await wholeOf(into), blob.list.sha256);
});

Deno.test("SwarmDownload asks who gives in turns only for what nobody else has", async () => {
  const blob = await testBlob(4 * MIN_CHUNK_BYTES);
  using source = await Swimmer.make(blob, "source");
  using other = await Swimmer.make(blob, [1, 2, 3]);
  using into = await Swimmer.make(blob);
  // The other agent was given all but the first, a moment ago.
  for (const index of [1, 2, 3]) await source.seed.chunk(blob.id, index, "other", signal);
  const asked: number[] = [];
  // Nobody has said who it is.
  const unknown = source.asPeer("source", "me");
  const watched: SwarmPeer = {
    ...unknown,
    chunk: (list, index, ...rest) => {
      asked.push(index);
      return unknown.chunk(list, index, ...rest);
    },
  };
  await download(blob, into, [watched, other.asPeer("other", "me")]);
  assert.equal(await wholeOf(into), blob.list.sha256);
  assert.ok(asked.includes(0));
  // Those asked at once before it said so, and none after it.
  assert.ok(asked.length <= 3, `asked ${asked.length} times`);
  assert.equal(source.given, MIN_CHUNK_BYTES);
});

Deno.test("SwarmDownload lets the slower of two requests for one chunk go", async () => {
  const blob = await testBlob(MIN_CHUNK_BYTES);
  using good = await Swimmer.make(blob, [0]);
  using into = await Swimmer.make(blob);
  const letGo = Promise.withResolvers<void>();
  const running = new SwarmDownload(blob.id, into.partial, { signal });
  const stalling: SwarmPeer = {
    ...good.asPeer("stalling", "me"),
    chunk: (_list, _index, _of, signal) => {
      running.add(good.asPeer("good", "me"));
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          letGo.resolve();
          reject(signal.reason);
        })
      );
    },
  };
  running.add(stalling);
  await Promise.all([running.done, letGo.promise]);
});

Deno.test("SwarmDownload refuses with nobody_has_it when no peer has the rest", async () => {
  const blob = await testBlob(2 * MIN_CHUNK_BYTES);
  using into = await Swimmer.make(blob);
  await assert.rejects(
    download(blob, into, [], { patienceMs: 1 }),
    (error: PeerError) => error instanceof PeerError && error.code === "nobody_has_it",
  );
});

Deno.test("SwarmDownload ends with the reason it is aborted for", async () => {
  const blob = await testBlob(2 * MIN_CHUNK_BYTES);
  using nothing = await Swimmer.make(blob);
  using into = await Swimmer.make(blob);
  const abort = new AbortController();
  const done = download(blob, into, [nothing.asPeer("a", "me")], { signal: abort.signal });
  abort.abort(new RangeError("enough"));
  await assert.rejects(done, RangeError);
});

Deno.test("PartialBlob.open() keeps the right chunks of a killed download, and only those", async () => {
  const blob = await testBlob(4 * MIN_CHUNK_BYTES);
  const folder = await Deno.makeTempDir();
  const path = `${folder}/blob`;
  try {
    const torn = blob.bytes.slice(0, 3 * MIN_CHUNK_BYTES + 7);
    torn[MIN_CHUNK_BYTES] = torn[MIN_CHUNK_BYTES]! ^ 1;
    await Deno.writeFile(path, torn);
    using partial = await PartialBlob.open(blob.list, path);
    const kept = [0, 1, 2, 3].filter((index) => partial.have.has(index));
    assert.deepEqual(kept, [0, 2]);
    assert.equal((await Deno.stat(path)).size, blob.list.length);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("PartialBlob.open() lets everything else go on between the chunks of a killed download", async () => {
  const blob = await testBlob(8 * MIN_CHUNK_BYTES);
  using dir = new TemporaryDir();
  const path = `${dir.path}/blob`;
  await Deno.writeFile(path, blob.bytes);
  let [turns, isOpen] = [0, false];
  const others = (async () => {
    for (; !isOpen; turns++) await setImmediate();
  })();
  using partial = await PartialBlob.open(blob.list, path);
  isOpen = true;
  await others;
  assert.ok(partial.have.full);
  assert.ok(turns >= blob.list.chunks.length, `${turns} turns`);
});

Deno.test("PartialBlob.put() refuses a chunk whose last byte changed, and one that is longer", async () => {
  const blob = await testBlob(MIN_CHUNK_BYTES);
  using into = await Swimmer.make(blob);
  const changed = blob.bytes.slice();
  changed[changed.length - 1]! ^= 1;
  const longer = new Uint8Array(blob.bytes.length + 1);
  for (const wrong of [changed, longer]) {
    assert.throws(
      () => into.partial.put(0, wrong),
      (error: PeerError) => error instanceof PeerError && error.code === "bad_chunk",
    );
  }
  assert.equal(into.partial.have.count, 0);
  into.partial.put(0, blob.bytes);
  assert.equal(into.partial.have.count, 1);
});

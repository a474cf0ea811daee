import assert from "node:assert/strict";
import { MIN_CHUNK_BYTES } from "../../../runtime/peer/swarm/chunk_list.ts";
import { SwarmDownload } from "../../../runtime/peer/swarm/swarm_download.ts";
import type { SwarmPeer } from "../../../runtime/peer/swarm/swarm_peer.ts";
import { Swimmer, type TestBlob, testBlob } from "./swarm.ts";

const CHUNKS = 24;
const ALL = Array.from({ length: CHUNKS }, (_, index) => index);

/** How a peer behaves from some moment on. */
type Fate = "refuses connections" | "never answers";

/** A peer that is well until it has given two chunks. */
function doomed(peer: SwarmPeer, fate: Fate): SwarmPeer {
  let gave = 0;
  const end = (signal: AbortSignal) =>
    fate === "refuses connections"
      ? Promise.reject(new TypeError("connection refused"))
      : new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
  return {
    ...peer,
    have: (list, since, chunks, signal) =>
      gave < 2 ? peer.have(list, since, chunks, signal) : end(signal),
    chunk: (list, index, of, signal) =>
      gave++ < 2 ? peer.chunk(list, index, of, signal) : end(signal),
  };
}

/** How often the time of the test goes on. */
const TICK_MS = 20;

/**
 * The longest time between two chunks of a download from these peers, milliseconds. Told by a timer
 * that stands still as the download does while the machine has no time for either.
 */
async function longestPause(blob: TestBlob, peers: readonly SwarmPeer[]): Promise<number> {
  using into = await Swimmer.make(blob);
  let [last, longest, now] = [0, 0, 0];
  const clock = setInterval(() => now += TICK_MS, TICK_MS);
  const download = new SwarmDownload(blob.id, into.partial, {
    signal: new AbortController().signal,
    onProgress: () => {
      longest = Math.max(longest, now - last);
      last = now;
    },
  });
  download.add(...peers);
  await download.done.finally(() => clearInterval(clock));
  return longest;
}

for (const fate of ["refuses connections", "never answers"] as const) {
  Deno.test(`SwarmDownload waits for a peer that ${fate} no longer than 2 s`, async (t) => {
    const blob = await testBlob(CHUNKS * MIN_CHUNK_BYTES);
    using whole = await Swimmer.make(blob, ALL);
    using source = await Swimmer.make(blob, "source");
    const well = whole.asPeer("well", "me");
    const cases: [string, SwarmPeer[]][] = [
      ["beside one that is well", [doomed(whole.asPeer("a", "me"), fate), well]],
      ["beside the source alone", [
        doomed(whole.asPeer("a", "me"), fate),
        source.asPeer("source", "me", true),
      ]],
      ["among more than are asked at once", [
        ...Array.from({ length: 9 }, (_, i) => doomed(whole.asPeer(`${i}`, "me"), fate)),
        well,
      ]],
    ];
    for (const [what, peers] of cases) {
      await t.step(what, async () => {
        const pause = await longestPause(blob, peers);
        assert.ok(pause <= 2_000, `nothing came for ${pause} ms`);
      });
    }
    await t.step("nor for one that was gone before", async () => {
      const gone: SwarmPeer = {
        ...well,
        id: "gone",
        have: (_list, _since, _chunks, signal) =>
          new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      };
      const peers = Array.from({ length: 8 }, (_, i) => ({ ...gone, id: `gone-${i}` }));
      const pause = await longestPause(blob, [...peers, well]);
      assert.ok(pause <= 2_000, `nothing came for ${pause} ms`);
    });
  });
}

import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";

/** What BitTorrent calls a piece; the agents' chunks have the same size. */
const PIECE_BYTES = 1 << 20;
/** A swarm that is not done by then is stuck. */
const DEADLINE_MS = 300_000;

/** Has one aria2 seed a file and `count` others get it at the same time, by BitTorrent. */
export async function swarmOfAria2(count: number, length: number): Promise<{ seconds: number }> {
  const folder = await Deno.makeTempDir();
  const peers = new Set<string>();
  const tracker = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { port } = Object.fromEntries(new URL(request.url).searchParams);
    peers.add(port!);
    const addresses = [...peers].map((p) => [127, 0, 0, 1, Number(p) >> 8, Number(p) & 255]);
    return new Response(bencode({ interval: 2, peers: Uint8Array.from(addresses.flat()) }));
  });
  const seeder = await seed(folder, length, tracker.addr.port);
  try {
    await Promise.race([whenSeeding(peers), new Promise((r) => setTimeout(r, 10_000))]);
    const before = performance.now();
    const leechers = Array.from({ length: count }, (_, i) => {
      return aria2(`${folder}/${i}`, ["--seed-time=0"], `${folder}/blob.torrent`);
    });
    const deadline = setTimeout(() => leechers.forEach((child) => child.kill()), DEADLINE_MS);
    const ends = await Promise.all(leechers.map((child) => child.status));
    clearTimeout(deadline);
    if (ends.some(({ success }) => !success)) throw new Error("Cannot compare as aria2 failed");
    return { seconds: (performance.now() - before) / 1000 };
  } finally {
    seeder.kill();
    await seeder.status;
    await tracker.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

async function seed(folder: string, length: number, port: number): Promise<Deno.ChildProcess> {
  await Deno.mkdir(`${folder}/seed`);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  await Deno.writeFile(`${folder}/seed/blob`, bytes);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < length; at += PIECE_BYTES) {
    pieces.push(createHash("sha1").update(bytes.subarray(at, at + PIECE_BYTES)).digest());
  }
  const torrent = bencode({
    announce: `http://127.0.0.1:${port}/announce`,
    info: { length, name: "blob", "piece length": PIECE_BYTES, pieces: Buffer.concat(pieces) },
  });
  await Deno.writeFile(`${folder}/blob.torrent`, torrent);
  const options = ["--seed-ratio=0", "--check-integrity=true"];
  return aria2(`${folder}/seed`, options, `${folder}/blob.torrent`);
}

/** Resolves when the seeder has told the tracker that it is there. */
async function whenSeeding(peers: ReadonlySet<string>): Promise<void> {
  while (peers.size === 0) await new Promise((resolve) => setTimeout(resolve, 50));
}

function aria2(folder: string, options: readonly string[], torrent: string): Deno.ChildProcess {
  Deno.mkdirSync(folder, { recursive: true });
  return new Deno.Command("aria2c", {
    args: [
      "--no-conf",
      "--enable-dht=false",
      "--bt-enable-lpd=false",
      "--enable-peer-exchange=true",
      "--bt-tracker-interval=1",
      "--file-allocation=none",
      "--quiet",
      `--dir=${folder}`,
      ...options,
      torrent,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
}

type Bencoded = number | string | Uint8Array | { readonly [key: string]: Bencoded };

/** @see BEP 3, "bencoding" */
function bencode(value: Bencoded): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder();
  if (typeof value === "number") return text.encode(`i${value}e`);
  if (typeof value === "string") return bencode(text.encode(value));
  if (value instanceof Uint8Array) return concat(text.encode(`${value.length}:`), value);
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  const parts = entries.flatMap(([key, item]) => [bencode(key), bencode(item)]);
  return concat(text.encode("d"), ...parts, text.encode("e"));
}

function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}

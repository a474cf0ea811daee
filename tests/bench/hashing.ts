import { createHash } from "node:crypto";
import { Digester } from "../../runtime/core/digest.ts";

const CHUNK_BYTES = 256 * 1024;
const chunk = crypto.getRandomValues(new Uint8Array(65_536));
const CHUNK = new Uint8Array(CHUNK_BYTES).map((_, i) => chunk[i % chunk.length]!);

/** MB/s of SHA-256 as the program does it, in chunks as they come from a disk or the network. */
export function digesterMBps(megabytes: number): number {
  return megabytesPerSecond(megabytes, (chunks) => {
    const digester = new Digester();
    for (let i = 0; i < chunks; i++) digester.update(CHUNK);
    digester.digest();
  });
}

/** The same chunks through `node:crypto` and nothing else. */
export function nodeCryptoMBps(megabytes: number): number {
  return megabytesPerSecond(megabytes, (chunks) => {
    const hash = createHash("sha256");
    for (let i = 0; i < chunks; i++) hash.update(CHUNK);
    hash.digest("hex");
  });
}

function megabytesPerSecond(megabytes: number, work: (chunks: number) => void): number {
  const chunks = Math.ceil(megabytes * 1e6 / CHUNK_BYTES);
  const start = performance.now();
  work(chunks);
  return chunks * CHUNK_BYTES / 1e6 / ((performance.now() - start) / 1000);
}

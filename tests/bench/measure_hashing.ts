import { digesterMBps, nodeCryptoMBps } from "./hashing.ts";
import type { Rounds } from "./rounds.ts";
import type { Row } from "./row.ts";
import { inTurns, median } from "./statistics.ts";

/** Hashing as the program does it, beside the function it stands on. */
export async function measureHashing({ hashTurns, hashMegabytes }: Rounds): Promise<Row> {
  const [here, bare] = await inTurns(hashTurns, [
    () => digesterMBps(hashMegabytes),
    () => nodeCryptoMBps(hashMegabytes),
  ]);
  return {
    what: "hashing, SHA-256",
    value: median(here!),
    unit: "MB/s",
    beside: { name: "node:crypto alone", value: median(bare!) },
    target: { of: "ratio", most: false, limit: 0.8 },
  };
}

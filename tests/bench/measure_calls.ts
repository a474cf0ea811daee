import { SignedCalls } from "./calls.ts";
import type { Rounds } from "./rounds.ts";
import type { Row } from "./row.ts";
import { inTurns, median } from "./statistics.ts";

/** A signed call, beside the two signatures that no way of writing it can save. */
export async function measureCalls({ callTurns, calls }: Rounds): Promise<Row> {
  await using signed = new SignedCalls();
  await signed.answered(calls);
  const [answered, bare] = await inTurns(callTurns, [
    () => signed.answered(calls),
    () => signed.bare(calls),
  ]);
  const profiles = Array.from({ length: callTurns }, () => signed.profile(calls));
  const verify = Math.round(median(profiles.map((profile) => profile.verify)));
  const answer = Math.round(median(profiles.map((profile) => profile.answer)));
  return {
    what: "signed call, processor time",
    value: median(answered!),
    unit: "µs",
    beside: { name: "Ed25519 verify and sign alone", value: median(bare!) },
    target: { of: "value", most: true, limit: 150 },
    note:
      `to verify it takes ${verify} µs, to sign the answer ${answer}, the rest is the nonce on ` +
      "disk and who the key is; without HTTP.",
  };
}

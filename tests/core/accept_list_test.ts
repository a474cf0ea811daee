import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import type { AcceptList } from "../../runtime/core/documents/acceptlist.ts";
import { openEnvelope } from "../../runtime/core/dsse.ts";
import { generateSigner, type Signer } from "../../runtime/core/key.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import {
  type StoredAcceptList,
  verifyAcceptList,
} from "../../runtime/core/verification/accept_list.ts";
import { assertRefused } from "./assert_refused.ts";
import { instant, makeFleet, NOW, roleOf } from "./fixtures.ts";

const fleet = makeFleet();
const root = fleet.root();
const PREV = digestOf(new Uint8Array());

function verify(
  list: Partial<AcceptList>,
  options: { stored?: StoredAcceptList; epoch?: number; signers?: Signer[] } = {},
) {
  const bytes = fleet.seal("acceptlist", fleet.list(list), options.signers);
  const underRoot = { ...root, epoch: options.epoch ?? 1 };
  return verifyAcceptList(bytes, { root: underRoot, stored: options.stored, now: NOW });
}

function storedAs(list: Partial<AcceptList>): StoredAcceptList {
  const { list: { epoch, version }, digest } = verify(list, { epoch: list.epoch ?? 1 });
  return { epoch, version, digest };
}

Deno.test("verifyAcceptList() returns the list and the digest of its payload", () => {
  const bytes = fleet.seal("acceptlist", fleet.list());
  const verified = verifyAcceptList(bytes, { root, now: NOW });
  assert.deepEqual(verified.list, fleet.list());
  assert.equal(verified.digest, digestOf(openEnvelope("acceptlist", bytes).payload));
});

Deno.test("verifyAcceptList() refuses a list that the role accept did not sign", async (t) => {
  for (const name of ["root", "operator", "publisher", "agent"] as const) {
    await t.step(`signed by ${name}`, () => {
      assertRefused("threshold", () => verify({}, { signers: [fleet.signers[name]] }));
    });
  }
});

Deno.test("verifyAcceptList() counts distinct keys towards the threshold", () => {
  const [a, b] = [generateSigner(), generateSigner()];
  const roles = { ...root.roles, accept: roleOf([a, b], 2) };
  const options = { root: { ...root, roles }, now: NOW };
  const seal = (signers: Signer[]) => fleet.seal("acceptlist", fleet.list(), signers);
  verifyAcceptList(seal([a, b]), options);
  assertRefused("threshold", () => verifyAcceptList(seal([a]), options));
  assertRefused("threshold", () => verifyAcceptList(seal([a, generateSigner()]), options));
});

Deno.test("verifyAcceptList() refuses another fleet's list", () => {
  assertRefused("wrong_fleet", () => verify({ fleet: "other" }));
});

Deno.test("verifyAcceptList() accepts only the epoch of its root", () => {
  verify({ epoch: 2 }, { epoch: 2 });
  assertRefused("epoch_rollback", () => verify({ epoch: 1 }, { epoch: 2 }));
  assertRefused("epoch_ahead", () => verify({ epoch: 3 }, { epoch: 2 }));
});

Deno.test("verifyAcceptList() refuses an epoch below the stored one, whatever the root says", () => {
  const stored = { epoch: 2, version: 1, digest: PREV };
  assertRefused("epoch_rollback", () => verify({ epoch: 1 }, { stored, epoch: 1 }));
});

Deno.test("verifyAcceptList() starts versions afresh in a new epoch and not in the same", () => {
  const stored = storedAs({ version: Number.MAX_SAFE_INTEGER, prev: PREV });
  verify({ epoch: 2, version: 1, prev: null }, { stored, epoch: 2 });
  assertRefused("version_rollback", () => verify({ version: 1, prev: null }, { stored }));
});

Deno.test("verifyAcceptList() refuses an older version and accepts the same again", () => {
  const stored = storedAs({ version: 4, prev: PREV });
  verify({ version: 4, prev: PREV }, { stored });
  assertRefused("version_rollback", () => verify({ version: 3, prev: PREV }, { stored }));
});

Deno.test("verifyAcceptList() refuses the stored version with other content", () => {
  const stored = storedAs({ version: 4, prev: PREV });
  assertRefused(
    "version_conflict",
    () => verify({ version: 4, prev: PREV, deny: [{ script: "a/b" }] }, { stored }),
  );
});

Deno.test("verifyAcceptList() wants prev to name the stored list, if it is the one before", () => {
  const stored = storedAs({ version: 4, prev: PREV });
  verify({ version: 5, prev: stored.digest }, { stored });
  assertRefused("prev_mismatch", () => verify({ version: 5, prev: PREV }, { stored }));
  assertRefused("prev_mismatch", () => verify({ version: 5, prev: null }, { stored }));
  // A list further on names one that this agent has not seen; the walk over prev is the mirror's.
  verify({ version: 6, prev: PREV }, { stored });
});

Deno.test("verifyAcceptList() lets only the first list have no prev", () => {
  verify({ version: 1, prev: null });
  verify({ version: 2, prev: PREV });
  assertRefused("prev_mismatch", () => verify({ version: 2, prev: null }));
});

Deno.test("verifyAcceptList() refuses a list outside its time", () => {
  verify({ expires: instant(NOW + 1000) });
  assertRefused("expired", () => verify({ expires: instant(NOW) }));
  verify({ issued: instant(NOW + LIMITS.CLOCK_SKEW_MS) });
  const early = instant(NOW + LIMITS.CLOCK_SKEW_MS + 1000);
  assertRefused("not_yet_valid", () => verify({ issued: early }));
});

Deno.test("verifyAcceptList() looks at the schema only after the signature", () => {
  const bad = { note: 1 } as Partial<AcceptList>;
  assertRefused("bad_schema", () => verify(bad));
  assertRefused("threshold", () => verify(bad, { signers: [generateSigner()] }));
});

/**
 * Versions, times and forms of the root, after `test_rollback.py`, `test_expiration.py` and
 * `test_basic.py` of TUF's conformance suite. Each accepted one has a refused one beside it.
 */
import type { Root } from "../../runtime/core/documents/root.ts";
import { sealDocument } from "../../runtime/core/dsse.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { instant, NOON } from "../agent/fixture.ts";
import { roleOf } from "../core/fixtures.ts";
import { all, root, roots, rotate, rotations } from "./root_changes.ts";
import { play } from "./scenario.ts";

const FIRST = "root 1, list 1 of epoch 1";
const SECOND = "root 2, list 1 of epoch 1";
const THIRD = "root 3, list 1 of epoch 1";
const EPOCH_2 = { epoch: 2, prev: null };
const MINUTE = 60_000;
/** A time that is over. */
const PAST = { issued: instant(NOON - 2 * MINUTE), expires: instant(NOON - MINUTE) };

Deno.test("updateTrust() walks the versions of the root one by one and refuses", (t) =>
  play(t, [
    {
      name: "a gap",
      accepted: all(root(2, "0/1 by 0"), root(3, "0/1 by 0")),
      reaches: THIRD,
      refused: root(3, "0/1 by 0"),
      code: "version_gap",
      keeps: FIRST,
    },
    {
      name: "a root that was trusted before, under the next name",
      given: roots("0/1 by 0"),
      accepted: root(3, "0/1 by 0"),
      reaches: THIRD,
      refused: (folder) =>
        folder.put("root", 3, Deno.readFileSync(`${folder.path}/signed/root.1.json`)),
      code: "version_rollback",
      keeps: SECOND,
    },
    {
      name: "the version in use with other content, under the next name",
      given: roots("0/1 by 0"),
      accepted: root(3, "01/1 by 0"),
      reaches: THIRD,
      refused: (folder) => {
        rotate(folder, 2, "01/1 by 0");
        Deno.renameSync(`${folder.path}/signed/root.2.json`, `${folder.path}/signed/root.3.json`);
      },
      code: "version_rollback",
      keeps: SECOND,
    },
    {
      name: "the highest version there is, signed to end all rotation",
      accepted: roots("0/1 by 0"),
      reaches: SECOND,
      refused: (folder) => {
        rotate(folder, Number.MAX_SAFE_INTEGER, "0/1 by 0");
        const written = `${folder.path}/signed/root.${Number.MAX_SAFE_INTEGER}.json`;
        Deno.renameSync(written, `${folder.path}/signed/root.2.json`);
      },
      code: "version_gap",
      keeps: FIRST,
    },
    {
      name: "the last of 300 by a key that the one before rotated out",
      accepted: rotations(300),
      reaches: "root 301, list 1 of epoch 1",
      refused: all(rotations(299), root(301, "0/1 by 0")),
      code: "threshold",
      keeps: FIRST,
    },
    {
      name: "more in one update than are walked",
      given: rotations(2),
      accepted: rotations(9),
      reaches: "root 10, list 1 of epoch 1",
      refused: (folder) => {
        for (let i = 0; i <= LIMITS.ROOT_CHAIN; i++) folder.put("root", 4 + i, new Uint8Array());
      },
      code: "too_large",
      keeps: THIRD,
    },
    {
      name: "an older epoch",
      given: all(root(2, "0/1 by 0", { epoch: 2 }), (folder) => folder.list(1, EPOCH_2)),
      accepted: root(3, "0/1 by 0", { epoch: 2 }),
      reaches: "root 3, list 1 of epoch 2",
      refused: root(3, "0/1 by 0", { epoch: 1 }),
      code: "epoch_rollback",
      keeps: "root 2, list 1 of epoch 2",
    },
  ]));

Deno.test("updateTrust() looks at the time of the last root only and refuses", (t) =>
  play(t, [
    {
      name: "a last root that has expired",
      accepted: all(root(2, "0/1 by 0", PAST), root(3, "0/1 by 0")),
      reaches: THIRD,
      refused: all(root(2, "0/1 by 0"), root(3, "0/1 by 0", PAST)),
      code: "expired",
      keeps: FIRST,
    },
    {
      name: "the root in use when it has expired and none follows",
      given: root(2, "0/1 by 0", { expires: instant(NOON + MINUTE) }),
      accepted: all((_, client) => client.now = NOON + 2 * MINUTE, root(3, "0/1 by 0")),
      reaches: THIRD,
      refused: (_, client) => client.now = NOON + 2 * MINUTE,
      code: "expired",
      keeps: SECOND,
    },
    {
      name: "a root from the future",
      accepted: root(2, "0/1 by 0", { issued: instant(NOON + LIMITS.CLOCK_SKEW_MS) }),
      reaches: SECOND,
      refused: root(2, "0/1 by 0", { issued: instant(NOON + LIMITS.CLOCK_SKEW_MS + 1000) }),
      code: "not_yet_valid",
      keeps: FIRST,
    },
  ]));

Deno.test("updateTrust() refuses as a root", (t) =>
  play(t, [
    {
      name: "another kind of document, signed by the root's key",
      accepted: roots("0/1 by 0"),
      reaches: SECOND,
      refused: (folder) => folder.put("root", 2, sealDocument("order", {}, [folder.rootKey])),
      code: "wrong_kind",
      keeps: FIRST,
    },
    {
      name: "one without a signature",
      accepted: roots("0/1 by 0"),
      reaches: SECOND,
      refused: (folder) => {
        const signed = folder.root(2);
        const { signatures: _, ...rest } = JSON.parse(new TextDecoder().decode(signed));
        const bare = JSON.stringify({ ...rest, signatures: [] });
        folder.put("root", 2, new TextEncoder().encode(bare));
      },
      code: "bad_envelope",
      keeps: FIRST,
    },
    {
      name: "one that says more than a root of this version of the format",
      accepted: roots("0/1 by 0"),
      reaches: SECOND,
      refused: root(2, "0/1 by 0", { format: 2 } as Partial<Root>),
      code: "bad_schema",
      keeps: FIRST,
    },
    {
      name: "one of another fleet under the same key",
      accepted: roots("0/1 by 0"),
      reaches: SECOND,
      refused: root(2, "0/1 by 0", { fleet: "other" }),
      code: "wrong_fleet",
      keeps: FIRST,
    },
    {
      name: "one whose role accept has a key of small order",
      accepted: roots("0/1 by 0"),
      reaches: SECOND,
      refused: (folder) => {
        const neutral = `ed25519:AQ${"A".repeat(41)}` as const;
        const accept = { keys: [folder.acceptKey.publicKey, neutral], threshold: 1 };
        folder.root(2, { roles: { root: roleOf([folder.rootKey]), accept } });
      },
      code: "low_order_key",
      keeps: FIRST,
    },
  ]));

/**
 * Rotations of the root, after `test_updater_key_rotations.py`, `test_rollback.py`, `test_keys.py`
 * and `test_expiration.py` of TUF's conformance suite. Each accepted one has a refused one beside
 * it that differs in one thing.
 */
import type { Root } from "../../runtime/core/documents/root.ts";
import { sealDocument } from "../../runtime/core/dsse.ts";
import { generateSigner, type Signer } from "../../runtime/core/key.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { instant, NOON } from "../agent/fixture.ts";
import type { SignedFolder } from "../agent/signed_folder.ts";
import { roleOf } from "../core/fixtures.ts";
import { type Change, play } from "./scenario.ts";

const SPARE = Array.from({ length: 16 }, generateSigner);
const MINUTE = 60_000;
/** A time that is over. */
const PAST = { issued: instant(NOON - 2 * MINUTE), expires: instant(NOON - MINUTE) };

/** Key 0 is the folder's first root key; the others belong to nobody until a root lists them. */
function keysOf(folder: SignedFolder, digits: string): Signer[] {
  const all = [folder.rootKey, ...SPARE];
  return Array.from(digits, (digit) => all[parseInt(digit, 16)]!);
}

/** A root written as `keys/threshold by signers`, each key a hexadecimal digit. */
type Rotation = `${string}/${number} by ${string}`;

function rotate(
  folder: SignedFolder,
  version: number,
  rotation: Rotation,
  change: Partial<Root> = {},
): void {
  const [, keys, threshold, signers] = /^(\w+)\/(\d+) by (\w+)$/.exec(rotation)!;
  const roles = {
    root: roleOf(keysOf(folder, keys!), Number(threshold)),
    accept: roleOf([folder.acceptKey]),
  };
  folder.root(version, { roles, ...change }, keysOf(folder, signers!));
}

/** Roots from version 2 on, all put there before the client looks. */
function roots(...rotations: Rotation[]): Change {
  return (folder) => rotations.forEach((rotation, i) => rotate(folder, i + 2, rotation));
}

/** One root, changed. */
function root(version: number, rotation: Rotation, change: Partial<Root> = {}): Change {
  return (folder) => rotate(folder, version, rotation, change);
}

function all(...changes: Change[]): Change {
  return (folder, client) => changes.forEach((change) => change(folder, client));
}

const FIRST = "root 1, list 1 of epoch 1";
const SECOND = "root 2, list 1 of epoch 1";
const THIRD = "root 3, list 1 of epoch 1";
const EPOCH_2 = { epoch: 2, prev: null };

Deno.test("updateTrust() follows a rotation of the root's keys and refuses", (t) =>
  play(t, [
    {
      name: "one that the old key did not sign",
      accepted: roots("1/1 by 01"),
      reaches: SECOND,
      refused: roots("1/1 by 123"),
      code: "threshold",
      keeps: FIRST,
    },
    {
      name: "one that the new key did not sign",
      accepted: roots("1/1 by 10"),
      reaches: SECOND,
      refused: roots("1/1 by 023"),
      code: "threshold",
      keeps: FIRST,
    },
    {
      name: "one by a key that was rotated out",
      accepted: roots("1/1 by 01", "1/1 by 1"),
      reaches: THIRD,
      refused: roots("1/1 by 01", "1/1 by 0"),
      code: "threshold",
      keeps: FIRST,
    },
    {
      name: "one by a rotated-out key, after the rotation was seen",
      given: roots("1/1 by 01"),
      accepted: root(3, "2/1 by 12"),
      reaches: THIRD,
      refused: root(3, "2/1 by 02"),
      code: "threshold",
      keeps: SECOND,
    },
    {
      name: "signatures of strangers in place of the one that counts",
      accepted: roots("1/1 by 30142", "1/1 by 314"),
      reaches: THIRD,
      refused: roots("1/1 by 30142", "1/1 by 324"),
      code: "threshold",
      keeps: FIRST,
    },
  ]));

Deno.test("updateTrust() follows a change of the root's threshold and refuses", (t) =>
  play(t, [
    {
      name: "1, 2, 3: the last by two keys only",
      accepted: roots("01/2 by 01", "012/3 by 012"),
      reaches: THIRD,
      refused: roots("01/2 by 01", "012/3 by 01"),
      code: "threshold",
      keeps: FIRST,
    },
    {
      name: "1 to 2 of 3 without reaching the new one",
      given: roots("012/1 by 0"),
      accepted: root(3, "012/2 by 12"),
      reaches: THIRD,
      refused: root(3, "012/2 by 1"),
      code: "threshold",
      keeps: SECOND,
    },
    {
      name: "2 of 3 to 1 without reaching the old one",
      given: roots("012/2 by 02"),
      accepted: root(3, "012/1 by 12"),
      reaches: THIRD,
      refused: root(3, "012/1 by 1"),
      code: "threshold",
      keeps: SECOND,
    },
    {
      name: "3 of 5, one key changed: three new but two old",
      given: roots("01234/3 by 042"),
      accepted: root(3, "01345/3 by 041"),
      reaches: THIRD,
      refused: root(3, "01345/3 by 045"),
      code: "threshold",
      keeps: SECOND,
    },
    {
      name: "3 of 5, one key changed: three old but two new",
      given: roots("01234/3 by 042"),
      accepted: root(3, "01345/3 by 0245"),
      reaches: THIRD,
      refused: root(3, "01345/3 by 024"),
      code: "threshold",
      keeps: SECOND,
    },
    {
      name: "3 of 5, all changed: each half signs its own",
      given: roots("01234/3 by 024"),
      accepted: root(3, "56789/3 by 024567"),
      reaches: THIRD,
      refused: root(3, "56789/3 by 02567"),
      code: "threshold",
      keeps: SECOND,
    },
    {
      name: "one key that signs twice",
      given: roots("012/2 by 01"),
      accepted: root(3, "012/2 by 02"),
      reaches: THIRD,
      refused: root(3, "012/2 by 00"),
      code: "threshold",
      keeps: SECOND,
    },
    {
      name: "one key listed twice, to be counted twice",
      accepted: roots("01/2 by 01"),
      reaches: SECOND,
      refused: roots("00/2 by 0"),
      code: "bad_schema",
      keeps: FIRST,
    },
  ]));

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

/** So many rotations, each to another key. */
function rotations(count: number): Change {
  return (folder) => {
    for (let i = 0; i < count; i++) {
      const [before, after] = [i % 2, (i + 1) % 2];
      rotate(folder, i + 2, `${after}/1 by ${before}${after}`);
    }
  };
}

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

/**
 * Rotations of the root's keys, after `test_updater_key_rotations.py` and `test_keys.py` of TUF's
 * conformance suite. Each accepted one has a refused one beside it that differs in one thing.
 */
import { root, roots } from "./root_changes.ts";
import { play } from "./scenario.ts";

const FIRST = "root 1, list 1 of epoch 1";
const SECOND = "root 2, list 1 of epoch 1";
const THIRD = "root 3, list 1 of epoch 1";

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

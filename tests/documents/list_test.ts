/**
 * Accept-lists under changing roots, after `test_rollback.py`, `test_keys.py`, `test_expiration.py`
 * and the rotations of roles below the root in TUF's conformance suite. What the rules for one
 * list are is tested beside `verifyAcceptList()`; here are those between lists, roots and restarts.
 */
import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import { sealDocument } from "../../runtime/core/dsse.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { instant, NOON } from "../agent/fixture.ts";
import { SignedFolder } from "../agent/signed_folder.ts";
import { roleOf } from "../core/fixtures.ts";
import { type Change, play } from "./scenario.ts";
import { TrustClient } from "./trust_client.ts";

const [A, B, C] = [generateSigner(), generateSigner(), generateSigner()];
const OTHER = digestOf(new Uint8Array());
const LAST = Number.MAX_SAFE_INTEGER;

/** The next root, whose role `accept` is these keys. */
function acceptBy(
  folder: SignedFolder,
  version: number,
  keys: Parameters<typeof roleOf>[0],
  threshold = 1,
  epoch = 1,
): void {
  const roles = { root: roleOf([folder.rootKey]), accept: roleOf(keys, threshold) };
  folder.root(version, { roles, epoch });
}

/** A list whose version is too long for the name of a file. */
function fastForward(folder: SignedFolder): void {
  folder.list(LAST);
  const signed = `${folder.path}/signed`;
  Deno.renameSync(`${signed}/acceptlist.${LAST}.json`, `${signed}/acceptlist.999999999.json`);
}

const withoutFastForward: Change = (folder) => folder.remove("acceptlist.999999999");

Deno.test("updateTrust() takes a list from the keys of the newest root and refuses", (t) =>
  play(t, [
    {
      name: "one that a rotated-out key signed",
      accepted: (folder) => {
        acceptBy(folder, 2, [A]);
        folder.list(2, {}, [A]);
      },
      reaches: "root 2, list 2 of epoch 1",
      refused: (folder) => {
        acceptBy(folder, 2, [A]);
        folder.list(2);
      },
      code: "threshold",
      keeps: "root 2, list 1 of epoch 1",
    },
    {
      name: "one that a rotated-out key signed, where the root that rotated it was taken away",
      given: (folder) => {
        acceptBy(folder, 2, [A]);
        folder.list(2, {}, [A]);
      },
      accepted: (folder) => {
        folder.remove("root.2");
        folder.list(3, {}, [A]);
      },
      reaches: "root 2, list 3 of epoch 1",
      refused: (folder) => {
        folder.remove("root.2");
        folder.list(3);
      },
      code: "threshold",
      keeps: "root 2, list 2 of epoch 1",
    },
    {
      name: "one that is the stored one, once its key is rotated out",
      accepted: (folder) => {
        acceptBy(folder, 2, [folder.acceptKey, A]);
      },
      reaches: "root 2, list 1 of epoch 1",
      refused: (folder) => acceptBy(folder, 2, [A]),
      code: "threshold",
      keeps: "root 2, list 1 of epoch 1",
    },
    {
      name: "one under a raised threshold, signed twice by one key",
      given: (folder) => {
        acceptBy(folder, 2, [A, B, C], 2);
        folder.list(2, {}, [A, B]);
      },
      accepted: (folder) => {
        folder.list(3, {}, [B, C]);
      },
      reaches: "root 2, list 3 of epoch 1",
      refused: (folder) => {
        folder.list(3, {}, [B, B]);
      },
      code: "threshold",
      keeps: "root 2, list 2 of epoch 1",
    },
    {
      name: "one that the root's own key signed",
      accepted: (folder) => {
        folder.list(2);
      },
      reaches: "root 1, list 2 of epoch 1",
      refused: (folder) => {
        folder.list(2, {}, [folder.rootKey]);
      },
      code: "threshold",
      keeps: "root 1, list 1 of epoch 1",
    },
    {
      name: "a root under the name of a list",
      accepted: (folder) => {
        folder.list(2);
      },
      reaches: "root 1, list 2 of epoch 1",
      refused: (folder) =>
        folder.put("acceptlist", 2, sealDocument("root", {}, [folder.acceptKey])),
      code: "wrong_kind",
      keeps: "root 1, list 1 of epoch 1",
    },
  ]));

Deno.test("updateTrust() goes forward through lists and refuses", (t) =>
  play(t, [
    {
      name: "a jump in versions without a list before it",
      accepted: (folder) => {
        folder.list(7, { prev: OTHER });
      },
      reaches: "root 1, list 7 of epoch 1",
      refused: (folder) => {
        folder.list(7, { prev: null });
      },
      code: "prev_mismatch",
      keeps: "root 1, list 1 of epoch 1",
    },
    {
      name: "a next list whose prev is another list than the stored one",
      given: (folder) => {
        folder.list(2);
      },
      accepted: (folder) => {
        folder.list(3);
      },
      reaches: "root 1, list 3 of epoch 1",
      refused: (folder) => {
        folder.list(3, { prev: OTHER });
      },
      code: "prev_mismatch",
      keeps: "root 1, list 2 of epoch 1",
    },
    {
      name: "an older list under a newer name",
      given: (folder) => {
        folder.list(2);
        folder.list(3);
      },
      accepted: (folder) => {
        folder.list(4);
      },
      reaches: "root 1, list 4 of epoch 1",
      refused: (folder) =>
        folder.put("acceptlist", 4, Deno.readFileSync(`${folder.path}/signed/acceptlist.2.json`)),
      code: "version_rollback",
      keeps: "root 1, list 3 of epoch 1",
    },
    {
      name: "an older list, where all newer ones were taken away",
      given: (folder) => {
        folder.list(2);
        folder.list(3);
      },
      accepted: (folder) => folder.remove("acceptlist.2"),
      reaches: "root 1, list 3 of epoch 1",
      refused: (folder) => folder.remove("acceptlist.3"),
      code: "version_rollback",
      keeps: "root 1, list 3 of epoch 1",
    },
    {
      name: "two lists of one version, one shown after the other",
      given: (folder) => {
        folder.list(2);
      },
      accepted: (folder) => {
        folder.list(3, { accept: [] });
      },
      reaches: "root 1, list 3 of epoch 1",
      refused: (folder) => {
        folder.list(2, { accept: [], prev: OTHER });
      },
      code: "version_conflict",
      keeps: "root 1, list 2 of epoch 1",
    },
    {
      name: "a new list that has expired",
      accepted: (folder) => {
        folder.list(2, { expires: instant(NOON + 1000) });
      },
      reaches: "root 1, list 2 of epoch 1",
      refused: (folder) => {
        folder.list(2, { expires: instant(NOON) });
      },
      code: "expired",
      keeps: "root 1, list 1 of epoch 1",
    },
  ]));

Deno.test("updateTrust() begins versions anew with an epoch of the root and refuses", (t) =>
  play(t, [
    {
      name: "what a stolen key signed up to the last version, in the old epoch",
      given: fastForward,
      accepted: (folder, client) => {
        withoutFastForward(folder, client);
        acceptBy(folder, 2, [A], 1, 2);
        folder.list(1, { epoch: 2, prev: null }, [A]);
      },
      reaches: "root 2, list 1 of epoch 2",
      refused: (folder, client) => {
        withoutFastForward(folder, client);
        acceptBy(folder, 2, [A], 1, 1);
        folder.list(2, {}, [A]);
      },
      code: "version_rollback",
      keeps: `root 2, list ${LAST} of epoch 1`,
    },
    {
      name: "a list of the epoch to come that the root has not begun",
      given: fastForward,
      accepted: (folder, client) => {
        withoutFastForward(folder, client);
        acceptBy(folder, 2, [folder.acceptKey], 1, 2);
        folder.list(2, { epoch: 2 });
      },
      reaches: "root 2, list 2 of epoch 2",
      refused: (folder, client) => {
        withoutFastForward(folder, client);
        folder.list(2, { epoch: 2 });
      },
      code: "epoch_ahead",
      keeps: `root 1, list ${LAST} of epoch 1`,
    },
    {
      name: "a list of the epoch that is over",
      given: (folder) => {
        acceptBy(folder, 2, [folder.acceptKey], 1, 2);
        folder.list(1, { epoch: 2, prev: null });
      },
      accepted: (folder) => {
        folder.list(2, { epoch: 2 });
      },
      reaches: "root 2, list 2 of epoch 2",
      refused: (folder) => {
        folder.list(2, { epoch: 1 });
      },
      code: "epoch_rollback",
      keeps: "root 2, list 1 of epoch 2",
    },
    {
      name: "an older version in the new epoch, as in every other",
      given: (folder) => {
        acceptBy(folder, 2, [folder.acceptKey], 1, 2);
        folder.list(1, { epoch: 2, prev: null });
        folder.list(2, { epoch: 2 });
      },
      accepted: (folder) => {
        folder.list(3, { epoch: 2 });
      },
      reaches: "root 2, list 3 of epoch 2",
      refused: (folder) => folder.remove("acceptlist.2"),
      code: "version_rollback",
      keeps: "root 2, list 2 of epoch 2",
    },
  ]));

Deno.test("updateTrust() keeps a first root only with a list that holds under it", async () => {
  using repository = new SignedFolder();
  using client = new TrustClient();
  acceptBy(repository, 1, [A]);
  await assert.rejects(client.refresh(repository), { code: "threshold" });
  client.restart();
  assert.equal(client.trusted, "nothing");
  repository.root(1);
  await client.refresh(repository);
  assert.equal(client.trusted, "root 1, list 1 of epoch 1");
});

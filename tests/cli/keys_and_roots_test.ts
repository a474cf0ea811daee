import assert from "node:assert/strict";
import type { SignatureStatus } from "../../runtime/author/signature_status.ts";
import { publicKeyFromPem } from "../../runtime/core/pem.ts";
import { FleetFolder } from "./fleet_folder.ts";

type Failed = { error: { code: string } };
type Signed = { file: string; complete: boolean; status: SignatureStatus };

/** A fleet whose roles `root` and `accept` ask for two keys each. */
async function withTwo(): Promise<FleetFolder> {
  const fleet = await FleetFolder.make();
  await fleet.done("keygen", "root-2");
  await fleet.done("keygen", "accept-2");
  const roles = ["root=keys/root-2.pub.pem", "accept=keys/accept-2.pub.pem"];
  const both = ["--key", "keys/root.pem", "keys/root-2.pem"];
  const thresholds = ["--threshold", "root=2", "accept=2"];
  const ran = await fleet.done(
    "root",
    "rotate",
    "--add",
    ...roles,
    ...thresholds,
    ...both,
    "--json",
  );
  assert.equal(ran.json<Signed>().complete, true);
  return fleet;
}

const there = (fleet: FleetFolder, name: string) =>
  Deno.statSync(`${fleet.path}/policy/signed/${name}`).isFile;
const missing = (fleet: FleetFolder, name: string) =>
  assert.throws(() => there(fleet, name), Deno.errors.NotFound);

Deno.test("a list is handed on until enough have signed it, and only then lies where agents look", async () => {
  using fleet = await withTwo();
  const began = (await fleet.done("policy", "sign", "--expires", "30 d", "--json")).json<Signed>();
  assert.equal(began.complete, false);
  missing(fleet, "acceptlist.1.json");
  const partial = "policy/signed/acceptlist.1.partial.json";
  const status = await fleet.writ(["sign", partial, "--status", "--json"]);
  const { roles, complete } = status.json<SignatureStatus>();
  assert.deepEqual([status.exit, complete], [1, false]);
  assert.deepEqual(
    roles.map(({ role, signed, waiting, threshold }) => [
      role,
      signed.length,
      waiting.length,
      threshold,
    ]),
    [["accept", 1, 1, 2]],
  );
  const again = await fleet.writ(["policy", "sign", "--expires", "30 d", "--json"]);
  assert.equal(again.json<Failed>().error.code, "refused", "the first signature would be lost");

  // The same key twice, and a stranger's, complete nothing.
  for (const key of ["keys/accept.pem", "keys/operator.pem"]) {
    await fleet.done("sign", partial, "--key", key);
    missing(fleet, "acceptlist.1.json");
  }
  const done = await fleet.done("sign", partial, "--key", "keys/accept-2.pem", "--json");
  const { file, status: last } = done.json<{ file: string; status: SignatureStatus }>();
  assert.equal(file, `${fleet.path}/policy/signed/acceptlist.1.json`);
  assert.deepEqual([last.complete, last.strangers.length], [true, 1]);
  missing(fleet, "acceptlist.1.partial.json");
  const held = "policy/signed/acceptlist.1.json";
  assert.equal((await fleet.done("verify", held, "--json")).json().ok, true);
  assert.equal((await fleet.writ(["sign", held, "--status"])).exit, 0);
});

Deno.test("a root needs the old keys and the new ones", async (t) => {
  using fleet = await withTwo();
  assert.ok(there(fleet, "root.2.json"));
  await fleet.done("keygen", "root-3");
  const change = ["--add", "root=keys/root-3.pub.pem", "--remove", "root=keys/root.pub.pem"];
  const rotate = ["root", "rotate", ...change, "--json"];
  const began = (await fleet.done(...rotate, "--key", "keys/root.pem")).json<Signed>();
  assert.deepEqual(
    began.status.roles.map(({ role, signed }) => [role, signed.length]),
    [["root of version 2", 1], ["root of version 3", 0]],
  );
  const partial = "policy/signed/root.3.partial.json";
  await t.step("the old ones alone are not enough", async () => {
    await fleet.done("sign", partial, "--key", "keys/root-2.pem");
    missing(fleet, "root.3.json");
  });
  await t.step("with the new one it is", async () => {
    await fleet.done("sign", partial, "--key", "keys/root-3.pem");
    assert.ok(there(fleet, "root.3.json"));
    const verified = await fleet.done("verify", "policy/signed/root.3.json", "--json");
    assert.equal(verified.json().ok, true);
  });
  await t.step("and agents go on with a list signed under it", async () => {
    const both = ["--key", "keys/accept.pem", "keys/accept-2.pem"];
    const signed = await fleet.done("policy", "sign", "--expires", "30 d", ...both, "--json");
    assert.equal(signed.json<Signed>().complete, true);
  });
});

Deno.test("policy sign follows a list of the root before, where more must sign from now on", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("policy", "sign", "--expires", "30 d");
  await fleet.done("keygen", "accept-2");
  const add = ["--add", "accept=keys/accept-2.pub.pem", "--threshold", "accept=2"];
  await fleet.done("root", "rotate", ...add);
  await fleet.done("policy", "sign", "--expires", "30 d");
  await fleet.done("sign", "policy/signed/acceptlist.2.partial.json", "--key", "keys/accept-2.pem");
  assert.equal(there(fleet, "acceptlist.2.json"), true);
});

Deno.test("policy sign does not follow a list that no root of the folder lets its signer sign", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("policy", "compile", "--expires", "30 d", "--out", "list.json");
  const list = ["--out", "policy/signed/acceptlist.1.json", "--key", "keys/operator.pem"];
  await fleet.done("sign", "list.json", ...list);
  await fleet.done("root", "rotate");
  const ran = await fleet.writ(["policy", "sign", "--expires", "30 d", "--json"]);
  assert.equal(ran.json<Failed>().error.code, "threshold");
});

Deno.test("root rotate refuses what cannot be, and leaves nothing behind", async (t) => {
  using fleet = await FleetFolder.make();
  const cases: [string, string[], string][] = [
    ["a key that is there", ["--add", "root=keys/root.pub.pem"], "refused"],
    ["a key that is not there", ["--remove", "root=keys/operator.pub.pem"], "refused"],
    ["the last key of a role", ["--remove", "accept=keys/accept.pub.pem"], "refused"],
    ["a threshold beyond the keys", ["--threshold", "root=2"], "refused"],
    ["an unknown role", ["--add", "rot=keys/operator.pub.pem"], "refused"],
    ["no role at all", ["--add", "keys/operator.pub.pem"], "usage"],
    [
      "a name that no document carries",
      ["--add", "orderer:constructor=keys/root.pub.pem"],
      "bad_schema",
    ],
  ];
  for (const [what, args, code] of cases) {
    await t.step(what, async () => {
      const ran = await fleet.writ(["root", "rotate", ...args, "--json"]);
      assert.equal(ran.json<Failed>().error.code, code);
    });
  }
  assert.deepEqual([...Deno.readDirSync(`${fleet.path}/policy/signed`)].map(({ name }) => name), [
    "root.1.json",
  ]);
});

Deno.test("root rotate renews a root that has expired, begins an epoch, and names orderers", async () => {
  using fleet = await FleetFolder.make();
  const later = { now: Date.now() + 400 * 86_400_000 };
  const add = ["--add", "orderer:hub=keys/publisher.pub.pem", "--new-epoch"];
  const ran = await fleet.writ(["root", "rotate", ...add, "--json"], later);
  assert.deepEqual([ran.exit, ran.json().epoch], [0, 2]);
  const root = (await fleet.writ(["root", "show", "--json"], later)).json<
    { version: number; orderers: Record<string, unknown> }
  >();
  assert.deepEqual([root.version, Object.keys(root.orderers)], [2, ["hub", "operator"]]);
  const remove = ["--remove", "orderer:hub=keys/publisher.pub.pem", "--json"];
  assert.equal((await fleet.writ(["root", "rotate", ...remove], later)).exit, 0);
});

Deno.test("key add, retire and revoke change what counts, and say so", async (t) => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  await fleet.done("keygen", "second");
  const accept = () => fleet.read("policy/accept.yaml");
  const verify = async () => {
    const ran = await fleet.writ(["verify", "dist/manifest.signed.json", "--json"]);
    const [{ steps }] = ran.json<{ files: [{ steps: { step: string; code?: string }[] }] }>().files;
    return steps.find(({ step }) => step === "publisher")!.code ?? "ok";
  };
  await t.step("add", async () => {
    const args = ["key", "add", "keys/second.pub.pem", "--publisher", "example", "--yes", "--json"];
    const { changes } = (await fleet.done(...args)).json<{ changes: { effect: string }[] }>();
    assert.deepEqual(changes.map(({ effect }) => effect), ["widens"]);
    assert.deepEqual((await fleet.done(...args)).json().wrote, [], "it is there already");
  });
  await t.step("a name that may be misspelt", async () => {
    const args = ["key", "add", "keys/root.pub.pem", "--publisher", "exampel"];
    const { exit, stderr } = await fleet.writ(args, { terminal: true, stdin: "n\n" });
    assert.equal(exit, 1);
    assert.match(stderr, /did you mean "example"\?/);
  });
  await t.step("add an orderer's", async () => {
    await fleet.done("key", "add", "keys/second.pub.pem", "--orderer", "night", "--yes");
    assert.match(fleet.read("policy/fleet.yaml"), /night:/);
  });
  await t.step("retire", async () => {
    assert.equal(await verify(), "ok");
    await fleet.done("key", "retire", "keys/publisher.pub.pem", "--max-sequence", "0", "--yes");
    assert.equal(await verify(), "key_retired");
  });
  await t.step("revoke", async () => {
    await fleet.done("key", "revoke", "keys/publisher.pub.pem", "--reason", "stolen", "--yes");
    assert.equal(await verify(), "key_revoked");
    const key = publicKeyFromPem(fleet.read("keys/publisher.pub.pem"));
    assert.match(accept(), new RegExp(`key: ${key}, reason: stolen`));
    assert.equal((await fleet.done("policy", "check", "--json")).json().ok, true);
  });
  await t.step("a revoked key comes not back", async () => {
    const args = ["key", "add", "keys/publisher.pub.pem", "--publisher", "example", "--yes"];
    assert.equal((await fleet.writ([...args, "--json"])).json<Failed>().error.code, "refused");
  });
  await t.step("a key that nobody knows", async () => {
    for (const verb of ["retire", "revoke"]) {
      const ran = await fleet.writ(["key", verb, "keys/root.pub.pem", "--yes", "--json"]);
      assert.equal(ran.json<Failed>().error.code, "refused");
    }
  });
  await t.step("nobody named", async () => {
    assert.equal((await fleet.writ(["key", "add", "keys/root.pub.pem", "--yes"])).exit, 2);
  });
});

import assert from "node:assert/strict";
import { checkPolicyDir } from "../../runtime/policy/mod.ts";
import { verifyRootChain } from "../../runtime/core/verification/root_chain.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { openEnvelope } from "../../runtime/core/dsse.ts";
import { FleetFolder } from "./fleet_folder.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { writ } from "./test_io.ts";

Deno.test("init makes a fleet whose policy has neither mistakes nor warnings", async () => {
  using dir = new TemporaryDir();
  const ran = await writ(["init", "My Fleet", "--json"], { cwd: dir.path });
  assert.equal(ran.exit, 0);
  assert.equal(ran.json().fleet, "my-fleet");
  const { mistakes, warnings } = await checkPolicyDir(`${dir.path}/My Fleet/policy`);
  assert.deepEqual([mistakes, warnings], [[], []]);
});

Deno.test("init keeps private keys to their owner, whatever the umask", async () => {
  using fleet = await FleetFolder.make();
  const mode = (name: string) => Deno.statSync(`${fleet.path}/${name}`).mode! & 0o777;
  assert.equal(mode("keys"), 0o700);
  for (const name of ["root", "accept", "operator", "publisher"]) {
    assert.equal(mode(`keys/${name}.pem`), 0o600);
  }
  for (const name of ["policy", "policy/grants"]) assert.equal(mode(name), 0o755);
  assert.equal(mode("policy/fleet.yaml"), 0o644);
  assert.match(fleet.read(".gitignore"), /^\/keys\/$/m);
  assert.match(fleet.read(".gitignore"), /^\/state\/$/m);
});

Deno.test("init makes a first root that verifies", async () => {
  using fleet = await FleetFolder.make();
  const root = Deno.readFileSync(`${fleet.path}/policy/signed/root.1.json`);
  const pin = { digest: digestOf(openEnvelope("root", root).payload) };
  assert.equal(verifyRootChain(pin, [root], Date.now()).root.fleet, "test");
});

Deno.test("init refuses a folder that is a fleet already and leaves it as it is", async () => {
  using fleet = await FleetFolder.make();
  const key = fleet.read("keys/root.pem");
  const ran = await fleet.writ(["init", ".", "--json"]);
  assert.equal(ran.exit, 1);
  assert.equal(ran.json<{ error: { code: string } }>().error.code, "fleet_exists");
  assert.equal(fleet.read("keys/root.pem"), key);
});

Deno.test("init leaves other files of the folder alone", async () => {
  using dir = new TemporaryDir();
  dir.file(".gitignore", "mine\n");
  assert.equal((await writ(["init", "--name", "test"], { cwd: dir.path })).exit, 0);
  assert.equal(Deno.readTextFileSync(`${dir.path}/.gitignore`), "mine\n");
});

Deno.test("init refuses a name that no document can carry", async () => {
  using dir = new TemporaryDir();
  for (const name of ["Not A Name", "constructor", "prototype", "__proto__", "toString", ""]) {
    const ran = await writ(["init", "--name", name], { cwd: dir.path });
    assert.equal(ran.exit, 2, name);
  }
  assert.deepEqual([...Deno.readDirSync(dir.path)], []);
});

Deno.test("the example of init runs in a cell", async () => {
  using fleet = await FleetFolder.make();
  fleet.file("letter.txt", "12345");
  const input = ["--input", '{"name":"Ada"}', "--attach", "letter.txt"];
  const ran = await fleet.done("try", "scripts/hello", ...input, "--json");
  assert.deepEqual(ran.json().result, {
    greeting: "Hello, Ada!",
    documents: [{ name: "letter.txt", bytes: 5 }],
  });
});

Deno.test("init makes a fleet that holds in a folder whose name cannot be its own", async () => {
  using dir = new TemporaryDir();
  for (const [folder, fleet] of [["constructor", "fleet"], ["constructor-2", "constructor-2"]]) {
    const ran = await writ(["init", folder!, "--json"], { cwd: dir.path });
    assert.deepEqual([ran.exit, ran.json().fleet], [0, fleet]);
    const { mistakes } = await checkPolicyDir(`${dir.path}/${folder}/policy`);
    assert.deepEqual(mistakes, []);
  }
});

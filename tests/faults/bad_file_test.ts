/** Files that somebody names on the command line and that are not what they should be. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { FleetFolder } from "../cli/fleet_folder.ts";
import { assertClearError } from "./clear_error.ts";

const unix = { ignore: Deno.build.os === "windows" };

/** A fleet with a packed script: `dist/manifest.json`, its signed form, and the module. */
async function packedFleet(): Promise<FleetFolder> {
  const fleet = await FleetFolder.make();
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  await fleet.done("sign", "dist/manifest.json", "--key", "keys/publisher.pem");
  return fleet;
}

function rsaKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ format: "pem", type: "pkcs8" }) as string;
}

Deno.test("sign refuses a key file that is none, names it and writes nothing", unix, async (t) => {
  using fleet = await packedFleet();
  const key = fleet.read("keys/publisher.pem");
  const cases: [string, string, string][] = [
    ["nothing", "", "not_a_key"],
    ["truncated", key.slice(0, 60), "not_a_key"],
    ["without its last line", key.split("\n").slice(0, -2).join("\n"), "not_a_key"],
    ["with a truncated body", key.replace(/.{8}\n-----END/, "\n-----END"), "not_a_key"],
    ["oversized", key + "\n".repeat(65_536), "not_a_key"],
    ["two keys", key + key, "not_a_key"],
    ["the public key", fleet.read("keys/publisher.pub.pem"), "not_a_key"],
    ["of another algorithm", rsaKey(), "not_ed25519"],
  ];
  for (const [name, content, code] of cases) {
    await t.step(name, async () => {
      const path = fleet.file("bad.pem", content);
      Deno.chmodSync(path, 0o600);
      const args = ["sign", "dist/manifest.json", "--key", "bad.pem", "--out", "out.json"];
      const ran = await fleet.writ([...args, "--json"]);
      assertClearError(ran, 1, code);
      assert.ok(ran.stderr.includes("bad.pem"));
      assert.throws(() => fleet.read("out.json"), Deno.errors.NotFound);
      assert.equal(fleet.read("bad.pem"), content);
    });
  }
  for (
    const [name, file, code] of [["missing", "none.pem", "no_such_file"], [
      "a folder",
      "keys",
      "file",
    ]]
  ) {
    await t.step(name!, async () => {
      if (file === "keys") Deno.chmodSync(`${fleet.path}/keys`, 0o700);
      const ran = await fleet.writ(["sign", "dist/manifest.json", "--key", file!, "--json"]);
      assertClearError(ran, 1, code!);
    });
  }
  await t.step("and takes the one that is", async () => {
    await fleet.done("sign", "dist/manifest.json", "--key", "keys/publisher.pem");
  });
});

Deno.test("policy accept refuses a public key file that is none, and the policy stays", async (t) => {
  using fleet = await packedFleet();
  const before = fleet.read("policy/accept.yaml");
  const key = fleet.read("keys/publisher.pub.pem");
  const cases: [string, string, string][] = [
    ["nothing", "", "not_a_key"],
    ["truncated", key.slice(0, 60), "not_a_key"],
    ["oversized", key + "\n".repeat(65_536), "file"],
    ["the private key", fleet.read("keys/publisher.pem"), "not_a_key"],
  ];
  for (const [name, content, code] of cases) {
    await t.step(name, async () => {
      fleet.file("bad.pub.pem", content);
      const args = ["policy", "accept", "dist/manifest.signed.json", "--publisher-key"];
      const ran = await fleet.writ([...args, "bad.pub.pem", "--yes", "--json"]);
      assertClearError(ran, 1, code);
      assert.ok(ran.stderr.includes("bad.pub.pem"));
      assert.equal(fleet.read("policy/accept.yaml"), before);
    });
  }
});

Deno.test("sign, publish and verify refuse a document that was cut short or is too long", async (t) => {
  using fleet = await packedFleet();
  const payload = fleet.read("dist/manifest.json");
  const envelope = fleet.read("dist/manifest.signed.json");
  const cases: [string, string, string][] = [
    ["nothing", "", "wrong_file"],
    ["a truncated payload", payload.slice(0, -1), "wrong_file"],
    ["a truncated envelope", envelope.slice(0, -1), "wrong_file"],
    ["an oversized one", envelope + " ".repeat(6 << 20), "file"],
    ["zeros", "\0".repeat(1_000), "wrong_file"],
  ];
  for (const [name, content, code] of cases) {
    await t.step(`sign: ${name}`, async () => {
      fleet.file("cut.json", content);
      const args = ["sign", "cut.json", "--key", "keys/publisher.pem", "--json"];
      assertClearError(await fleet.writ(args), 1, code);
      assert.equal(fleet.read("cut.json"), content);
    });
  }
  for (const [name, content, code] of cases) {
    if (code === "file") continue;
    await t.step(`verify: ${name}`, async () => {
      fleet.file("cut.json", content);
      const ran = await fleet.writ(["verify", "cut.json", "--json"]);
      assert.equal(ran.exit, 1);
      const { files: [{ steps: [step] }] } = ran.json<
        { files: [{ steps: { ok: boolean; code: string }[] }] }
      >();
      assert.deepEqual([step!.ok, step!.code], [false, code]);
    });
  }
  await t.step("verify: an oversized one", async () => {
    fleet.file("long.json", " ".repeat(40 << 20));
    assertClearError(await fleet.writ(["verify", "long.json", "--json"]), 1, "file");
  });
  const module = fleet.read("dist/mod.ts");
  for (
    const [name, change] of [
      ["a truncated module", module.slice(0, -1)],
      ["no module", ""],
      ["an oversized module", module + " ".repeat(9 << 20)],
    ] as const
  ) {
    await t.step(`publish: ${name}`, async () => {
      fleet.file("dist/mod.ts", change);
      const ran = await fleet.writ(["publish", "dist", "--to", "published", "--json"]);
      assertClearError(ran, 1, "module_length");
      fleet.file("dist/mod.ts", module);
    });
  }
  await t.step("publish: a truncated manifest", async () => {
    fleet.file("dist/manifest.signed.json", envelope.slice(0, -1));
    const ran = await fleet.writ(["publish", "dist", "--to", "published", "--json"]);
    assertClearError(ran, 1, "bad_envelope");
  });
});

import assert from "node:assert/strict";
import { checkPolicyDir } from "../../runtime/policy/mod.ts";
import { goodFiles, policyFolder } from "./fixture.ts";

const posix = Deno.build.os !== "windows";

Deno.test({
  name: "checkPolicyDir() refuses files that are not the owner's alone",
  ignore: !posix,
  fn: async (t) => {
    const cases: [what: string, name: string, mode: number][] = [
      ["a folder its group can write", "", 0o770],
      ["a folder others can write", "", 0o702],
      ["a grants folder others can write", "grants", 0o777],
      ["a file its group can write", "fleet.yaml", 0o620],
      ["a file others can write", "accept.yaml", 0o602],
      ["a grant others can write", "grants/print.yaml", 0o666],
    ];
    for (const [what, name, mode] of cases) {
      await t.step(what, async () => {
        await using folder = await policyFolder(goodFiles());
        assert.deepEqual((await checkPolicyDir(folder.dir)).mistakes, []);
        const path = name === "" ? folder.dir : `${folder.dir}/${name}`;
        await Deno.chmod(path, mode);
        const { mistakes } = await checkPolicyDir(folder.dir);
        assert.deepEqual(mistakes.map((m) => [m.code, m.file]), [["insecure_permissions", path]]);
      });
    }
    await t.step("but others may read", async () => {
      await using folder = await policyFolder(goodFiles());
      await Deno.chmod(folder.dir, 0o755);
      await Deno.chmod(`${folder.dir}/fleet.yaml`, 0o644);
      assert.deepEqual((await checkPolicyDir(folder.dir)).mistakes, []);
    });
  },
});

Deno.test({
  name: "checkPolicyDir() refuses files of another user",
  ignore: !posix || Deno.uid() === 0,
  fn: async () => {
    await using folder = await policyFolder(goodFiles());
    const { mistakes } = await checkPolicyDir(folder.dir, { uid: Deno.uid()! + 1 });
    assert.deepEqual([...new Set(mistakes.map((m) => m.code))], ["insecure_permissions"]);
  },
});

Deno.test({
  name: "checkPolicyDir() refuses a file that root gave to another user",
  ignore: !posix || Deno.uid() !== 0,
  fn: async () => {
    await using folder = await policyFolder(goodFiles());
    await Deno.chown(`${folder.dir}/fleet.yaml`, 12345, null);
    const other = await checkPolicyDir(folder.dir);
    assert.deepEqual(other.mistakes.map((m) => m.code), ["insecure_permissions"]);
    const owner = await checkPolicyDir(folder.dir, { uid: 12345 });
    assert.deepEqual(owner.mistakes, []);
  },
});

Deno.test("checkPolicyDir() refuses links that lead out, and follows those that stay", async () => {
  await using outside = await policyFolder({ "print.yaml": goodFiles()["grants/print.yaml"]! });
  await using folder = await policyFolder(goodFiles());
  await Deno.rename(`${folder.dir}/grants/print.yaml`, `${folder.dir}/real`);
  await Deno.symlink("../real", `${folder.dir}/grants/print.yaml`);
  assert.deepEqual((await checkPolicyDir(folder.dir)).mistakes, []);
  await Deno.symlink(`${outside.dir}/print.yaml`, `${folder.dir}/grants/other.yaml`);
  const { mistakes } = await checkPolicyDir(folder.dir);
  assert.deepEqual(mistakes.map((m) => m.code), ["symlink"]);
});

Deno.test("checkPolicyDir() says what is missing, unreadable or would be ignored", async (t) => {
  const good = goodFiles();
  const without = Object.fromEntries(Object.entries(good).filter(([n]) => n !== "fleet.yaml"));
  const cases: [string, Record<string, string | Uint8Array>, string][] = [
    ["no fleet.yaml", without, "missing_file"],
    ["an empty fleet.yaml", { ...good, "fleet.yaml": "" }, "bad_type"],
    ["an empty grant", { ...good, "grants/a.yaml": "# later\n" }, "bad_type"],
    ["not UTF-8", { ...good, "accept.yaml": new Uint8Array([0x61, 0x3a, 0xff]) }, "not_utf8"],
    ["too long", { ...good, "accept.yaml": new Uint8Array((1 << 20) + 1).fill(35) }, "too_large"],
    ["accept.yml", { ...good, "accept.yml": "" }, "unexpected_file"],
    ["grants/a.yml", { ...good, "grants/a.yml": "" }, "unexpected_file"],
  ];
  for (const [what, files, code] of cases) {
    await t.step(what, async () => {
      await using folder = await policyFolder(files);
      const { mistakes } = await checkPolicyDir(folder.dir);
      assert.deepEqual(mistakes.map((m) => m.code), [code]);
    });
  }
  await t.step("no folder", async () => {
    await using folder = await policyFolder({});
    const { mistakes } = await checkPolicyDir(`${folder.dir}/none`);
    assert.deepEqual(mistakes.map((m) => m.code), ["missing_file"]);
  });
  await t.step("a file for a folder", async () => {
    await using folder = await policyFolder(good);
    const { mistakes } = await checkPolicyDir(`${folder.dir}/fleet.yaml`);
    assert.deepEqual(mistakes.map((m) => m.code), ["bad_type"]);
  });
  await t.step("a folder for a file", async () => {
    await using folder = await policyFolder(good);
    await Deno.mkdir(`${folder.dir}/grants/x.yaml`, { mode: 0o700 });
    const { mistakes } = await checkPolicyDir(folder.dir);
    assert.deepEqual(mistakes.map((m) => m.code), ["bad_type"]);
  });
  await t.step("editors' left-overs are no policy", async () => {
    await using folder = await policyFolder({
      ...good,
      "grants/.a.swp": "x",
      "grants/a.yaml~": "x",
    });
    assert.deepEqual((await checkPolicyDir(folder.dir)).mistakes, []);
  });
});

Deno.test({
  name: "checkPolicyDir() refuses a pipe without opening it",
  ignore: !posix,
  fn: async () => {
    await using folder = await policyFolder(goodFiles());
    const made = await new Deno.Command("mkfifo", {
      args: ["-m", "600", `${folder.dir}/grants/p.yaml`],
    }).output();
    assert.ok(made.success);
    const { mistakes } = await checkPolicyDir(folder.dir);
    assert.deepEqual(mistakes.map((m) => m.code), ["bad_type"]);
  },
});

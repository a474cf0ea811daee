import assert from "node:assert/strict";
import { WRIT_VERSION } from "../../runtime/core/version.ts";
import { writ } from "./test_io.ts";
import { TemporaryDir } from "../temporary_dir.ts";

const COMMANDS = [
  "init",
  "keygen",
  "try",
  "pack",
  "sign",
  "publish",
  "verify",
  "policy",
  "policy check",
  "policy explain",
  "policy accept",
  "policy compile",
  "policy sign",
  "agent",
  "agent install",
  "agent uninstall",
  "agent status",
  "order",
  "runs",
  "runs cancel",
  "audit",
  "audit tail",
  "audit verify",
  "backup",
  "restore",
  "doctor",
];

Deno.test("writ COMMAND --version is for the command, which may not know it", async () => {
  const ran = await writ(["hub", "order", "acme/print", "--all", "--version", "2.0.0"]);
  assert.deepEqual([ran.exit, ran.stdout], [2, ""]);
  assert.match(ran.stderr, /unknown option '--version'/);
});

Deno.test("help of a command below another shows no options of that one", async () => {
  const { stdout } = await writ(["hub", "orders", "--help"]);
  assert.match(stdout, /--limit[^]*Global Options:[^]*--json/);
  assert.doesNotMatch(stdout, /--listen|--database/);
});

Deno.test("writ --version prints the version and nothing else", async () => {
  const ran = await writ(["--version"]);
  assert.deepEqual([ran.exit, ran.stdout, ran.stderr], [0, `${WRIT_VERSION}\n`, ""]);
});

Deno.test("every command's help names --json and shows an example", async (t) => {
  for (const command of COMMANDS) {
    await t.step(command, async () => {
      const ran = await writ([...command.split(" "), "--help"]);
      assert.equal(ran.exit, 0);
      assert.match(ran.stdout, /--json/);
      assert.match(ran.stdout, new RegExp(`Example:\n  writ ${command}`));
      assert.equal(ran.stderr, "");
    });
  }
});

Deno.test("writ exits 2 with the nearest word when what was typed does not exist", async (t) => {
  const cases = [
    ["a command", ["tyr", "mod.ts"], "did you mean try?"],
    ["a command of a group", ["policy", "chekc"], "did you mean check?"],
    ["an option", ["try", "mod.ts", "--inptu", "1"], "did you mean --input?"],
  ] as const;
  for (const [name, args, hint] of cases) {
    await t.step(name, async () => {
      const ran = await writ([...args, "--json"]);
      assert.equal(ran.exit, 2);
      const { error } = ran.json<{ error: { code: string; hint: string } }>();
      assert.deepEqual([error.code, error.hint], ["usage", hint]);
      assert.match(ran.stderr, /^writ: error: .+\nhint: .+\n$/);
    });
  }
});

Deno.test("writ exits 2 when a command, an argument or an option is missing", async () => {
  for (const args of [[], ["policy"], ["try"], ["sign", "x"], ["publish"], ["sign"]]) {
    const ran = await writ([...args, "--json"]);
    assert.equal(ran.exit, 2, args.join(" "));
    assert.equal(ran.json<{ error: { code: string } }>().error.code, "usage");
  }
});

Deno.test("writ says what may be chosen where only some words are", async () => {
  for (const args of [["completion", "tcsh"], ["agent", "--log-level", "tcsh"]]) {
    const ran = await writ([...args, "--json"]);
    const { error } = ran.json<{ error: { code: string; message: string; hint: string } }>();
    assert.deepEqual([ran.exit, error.code], [2, "usage"]);
    assert.match(error.message, /'tcsh'.*[^.]$/);
    assert.match(error.hint, /^choose one of: (bash, zsh, fish|debug, .*)$/);
  }
});

Deno.test("-C takes relative paths from a folder, a second one from the first", async () => {
  using dir = new TemporaryDir();
  dir.file("a/b/mod.js", "export default { run: () => 1 };");
  const found = await writ(
    ["-C", "a", "-C", "b", "try", "mod.js", "--grant", "no.yaml", "--json"],
    {
      cwd: dir.path,
    },
  );
  // The module was found: it is the grant that is missing.
  assert.match(found.stderr, /no\.yaml/);
  const lost = await writ(["-C", "a", "try", "mod.js", "--json"], { cwd: dir.path });
  assert.match(lost.stderr, /mod\.js/);
});

Deno.test("writ colours its errors on a terminal and nowhere else", async () => {
  const coloured = await writ(["tyr"], { terminal: true });
  assert.ok(coloured.stderr.startsWith("\x1b[31mwrit: error:\x1b[0m "));
  assert.ok(!(await writ(["tyr"])).stderr.includes("\x1b"));
});

Deno.test("writ escapes what a user or a file put into an error", async () => {
  const ran = await writ(["try", "x\x1b[2J.ts"]);
  assert.ok(!ran.stderr.includes("\x1b"));
  assert.ok(ran.stderr.includes("x\\x1b[2J.ts"));
});

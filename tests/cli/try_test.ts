import assert from "node:assert/strict";
import type { TryReport } from "../../runtime/author/mod.ts";
import { runCli } from "../../runtime/cli/mod.ts";
import { ranWith, TestIo, writ } from "./test_io.ts";
import { TemporaryDir } from "../temporary_dir.ts";

const FIELDS = [
  "outcome",
  "result",
  "detail",
  "cpuMs",
  "wallMs",
  "peakBytes",
  "level",
  "logs",
  "scheduled",
];
/** Enough processor time for V8 to notice that its heap is full. */
const SMALL = "limits: { memory: 32 MB, cpu: 8 s, wall: 3 s, output: 4 kB }\n";
const QUICK = "limits: { cpu: 300 ms }\n";

const ECHO = `import type { Script } from "writ";
interface Input { n: number }
export default {
  run(input, ctx) {
    console.log("hello", ctx.attachments.length);
    ctx.progress(0.5, "half");
    ctx.emit("page", { n: 1 });
    return { got: input };
  },
} satisfies Script<Input>;
`;

async function tryModule(source: string, args: readonly string[] = [], name = "mod.ts") {
  using dir = new TemporaryDir();
  dir.file(name, source);
  dir.file("small.yaml", SMALL);
  dir.file("quick.yaml", QUICK);
  return await writ(["try", name, "--json", ...args], { cwd: dir.path });
}

Deno.test("try --json prints every field of the contract when the script succeeds", async () => {
  const ran = await tryModule(ECHO, ["--input", '{"n":3}']);
  const report = ran.json<TryReport>();
  assert.equal(ran.exit, 0);
  assert.equal(ran.stderr, "");
  assert.deepEqual(Object.keys(report), FIELDS);
  assert.equal(report.outcome, "ok");
  assert.deepEqual(report.result, { got: { n: 3 } });
  assert.equal(report.detail, null);
  assert.deepEqual(report.logs, [
    { level: "info", text: "hello 0" },
    { level: "progress", text: "50 % half" },
    { level: "event", text: 'page {"n":1}' },
  ]);
});

const FAILING: readonly [name: string, source: string, outcome: string, detail: object][] = [
  ["throws", 'run() { throw new TypeError("no"); }', "script_error", { name: "TypeError" }],
  [
    "reads a file",
    'run() { return Deno.readTextFileSync("/etc/passwd"); }',
    "denied",
    { permission: "read", value: "/etc/passwd" },
  ],
  [
    "reads a file through a built-in",
    'run() { return process.getBuiltinModule("node:fs").readFileSync("/etc/passwd"); }',
    "denied",
    { permission: "read", value: "/etc/passwd" },
  ],
  [
    "imports a computed specifier",
    'async run() { const f = "file:///etc/"; return await import(f + "passwd"); }',
    "denied",
    { permission: "read", value: "/etc/passwd" },
  ],
  [
    "calls the network",
    'async run() { await fetch("http://127.0.0.1:4444/"); }',
    "denied",
    { permission: "net", value: "127.0.0.1:4444" },
  ],
  ["spins", "run() { for (;;); }", "cpu", { limitMs: 300 }],
  ["never answers", "async run() { await new Promise(() => {}); }", "wall", { limitMs: 3000 }],
  [
    "fills the heap",
    "run() { const a = []; for (;;) a.push(new Array(1000).fill({})); }",
    "memory",
    { limitBytes: 32e6 },
  ],
  [
    "fills buffers",
    "run() { const a = []; for (;;) a.push(new Uint8Array(1e7).fill(1)); }",
    "memory",
    { limitBytes: 32e6 },
  ],
  ["floods the log", 'run() { for (;;) console.log("x"); }', "output", { limitBytes: 4000 }],
  ["exits", "run() { Deno.exit(3); }", "exited", { code: 3 }],
];

Deno.test("try exits 1 and names the outcome when a script", async (t) => {
  for (const [name, body, outcome, detail] of FAILING) {
    await t.step(name, async () => {
      const grant = outcome === "cpu" ? "quick.yaml" : "small.yaml";
      const ran = await tryModule(`export default { ${body} };`, ["--grant", grant]);
      const report = ran.json<TryReport>();
      assert.equal(ran.exit, 1);
      assert.deepEqual(Object.keys(report), FIELDS);
      assert.equal(report.outcome, outcome);
      assert.equal(report.result, null);
      for (const [key, value] of Object.entries(detail)) {
        assert.deepEqual(report.detail![key], value);
      }
    });
  }
});

Deno.test("try ends as refused, with the rule, when a module", async (t) => {
  const cases = [
    [
      "imports what no script may",
      'import "node:fs"; export default { run() {} };',
      "module_import",
    ],
    ["does not parse", "export default { run( {", "module_syntax"],
    ["exports no default", "export const run = 1;", "module_syntax"],
    ["begins with a byte order mark", "\ufeffexport default { run() {} };", "module_encoding"],
    ["is too long", "export default { run() {} };".padEnd((8 << 20) + 1), "too_large"],
  ] as const;
  for (const [name, source, rule] of cases) {
    await t.step(name, async () => {
      const ran = await tryModule(source);
      const report = ran.json<TryReport>();
      assert.equal(ran.exit, 1);
      assert.deepEqual(Object.keys(report), FIELDS);
      assert.equal(report.outcome, "refused");
      assert.equal(report.detail!.rule, rule);
      assert.equal(typeof report.detail!.message, "string");
      assert.equal(report.level, null);
    });
  }
});

Deno.test("try outlives a module that its parser does not", async (t) => {
  const cases = [
    ["nested so deep that it overflows a stack", "(".repeat(5_000) + "1" + ")".repeat(5_000)],
    ["so ambiguous that it takes for ever", "<T>(a=".repeat(30) + "1" + ")".repeat(30)],
  ] as const;
  for (const [name, expression] of cases) {
    await t.step(name, async () => {
      const ran = await tryModule(`export default { run() { return ${expression}; } };`);
      const report = ran.json<TryReport>();
      assert.deepEqual([ran.exit, report.outcome], [1, "refused"]);
      assert.equal(report.detail!.rule, "module_syntax");
    });
  }
});

Deno.test("try runs plain JavaScript and does not erase types from it", async () => {
  const good = await tryModule("export default { run: (n) => n + 1 };", ["--input", "1"], "mod.js");
  assert.equal(good.json<TryReport>().result, 2);
  const typed = await tryModule("export default { run: (n: number) => n };", [], "mod.js");
  assert.notEqual(typed.json<TryReport>().outcome, "ok");
});

Deno.test("try --grant gives what the grant says and nothing beside it", async () => {
  using dir = new TemporaryDir();
  Deno.chmodSync(dir.path, 0o755);
  const given = dir.file("given/note.txt", "secret");
  dir.file("other/note.txt", "other");
  dir.file("grant.yaml", `script: any/name\npermissions: { read: ["${dir.path}/given"] }\n`);
  dir.file("mod.js", "export default { run: (path) => Deno.readTextFileSync(path) };");
  const options = { cwd: dir.path };
  const input = (path: string) => ["--input", JSON.stringify(path), "--json"];
  const read = await writ(["try", "mod.js", "--grant", "grant.yaml", ...input(given)], options);
  assert.equal(read.json<TryReport>().result, "secret");
  const other = `${dir.path}/other/note.txt`;
  const beside = await writ(["try", "mod.js", "--grant", "grant.yaml", ...input(other)], options);
  assert.equal(beside.json<TryReport>().outcome, "denied");
  const without = await writ(["try", "mod.js", ...input(given)], options);
  assert.equal(without.json<TryReport>().outcome, "denied");
});

Deno.test("try --attach lends a file to the script", async () => {
  using dir = new TemporaryDir();
  dir.file("page.pdf", "x".repeat(700_000));
  dir.file(
    "mod.ts",
    `export default { async run(_: unknown, ctx: any) {
      const [a] = ctx.attachments;
      return [a.name, a.mediaType, a.length, (await a.bytes()).length];
    } };`,
  );
  const ran = await writ(["try", ".", "--attach", "page.pdf", "--json"], { cwd: dir.path });
  assert.deepEqual(ran.json<TryReport>().result, [
    "page.pdf",
    "application/pdf",
    700_000,
    700_000,
  ]);
});

Deno.test("try reads --input from the argument, a file and standard input", async () => {
  using dir = new TemporaryDir();
  dir.file("mod.js", "export default { run: (input) => input };");
  dir.file("input.json", '{"from":"file"}');
  const result = async (...input: string[]) => {
    const io = { cwd: dir.path, stdin: '{"from":"stdin"}' };
    return (await writ(["try", "mod.js", "--json", ...input], io)).json<TryReport>().result;
  };
  assert.deepEqual(await result("--input", '{"from":"argument"}'), { from: "argument" });
  assert.deepEqual(await result("--input", "@input.json"), { from: "file" });
  assert.deepEqual(await result("--input", "-"), { from: "stdin" });
  assert.equal(await result(), null);
});

Deno.test("try --json reports its own failures as one error", async (t) => {
  const cases = [
    ["a file that is missing", ["nothing.ts"], 1, "no_such_file"],
    ["a file that is no module", ["small.yaml"], 1, "module_name"],
    ["input that is not JSON", ["mod.ts", "--input", "{a:1}"], 2, "usage"],
    ["input that no order carries", ["mod.ts", "--input", "1e400"], 2, "usage"],
    ["a grant that is missing", ["mod.ts", "--grant", "nothing.yaml"], 1, "no_such_file"],
    ["a grant with an unknown key", ["mod.ts", "--grant", "bad.yaml"], 1, "unknown_key"],
    ["a grant that is empty", ["mod.ts", "--grant", "empty.yaml"], 1, "bad_type"],
    ["a grant with a bare number", ["mod.ts", "--grant", "bare.yaml"], 1, "bad_unit"],
    ["an attachment that is missing", ["mod.ts", "--attach", "nothing.pdf"], 1, "no_such_file"],
    ["no file", [], 2, "usage"],
    ["an unknown option", ["mod.ts", "--inptu", "1"], 2, "usage"],
  ] as const;
  using dir = new TemporaryDir();
  dir.file("mod.ts", "export default { run() {} };");
  dir.file("small.yaml", SMALL);
  dir.file("bad.yaml", "permissions: { nett: [] }\n");
  dir.file("empty.yaml", "");
  dir.file("bare.yaml", "limits: { memory: 64 }\n");
  for (const [name, args, exit, code] of cases) {
    await t.step(name, async () => {
      const ran = await writ(["try", ...args, "--json"], { cwd: dir.path });
      const { error } = ran.json<{ error: { code: string; message: string } }>();
      assert.equal(ran.exit, exit);
      assert.equal(error.code, code);
      assert.match(ran.stderr, /^writ: error: /);
      assert.doesNotMatch(ran.stderr, /\n\s+at /);
    });
  }
});

Deno.test("try shows logs and the outcome on stderr and only the result on stdout", async () => {
  using dir = new TemporaryDir();
  dir.file("mod.ts", ECHO);
  const ran = await writ(["try", "mod.ts", "--input", "7"], { cwd: dir.path });
  assert.equal(ran.stdout, '{\n  "got": 7\n}\n');
  assert.match(ran.stderr, /^info {2}hello 0\nprogress {2}50 % half\nevent page \{"n":1\}\nok \(/);
});

Deno.test("try escapes what a script says before a terminal sees it", async () => {
  using dir = new TemporaryDir();
  const evil = String
    .raw`export default { run() { console.log("a\x1b[2Jb"); throw new Error("c\x07d"); } };`;
  dir.file("mod.js", evil);
  const ran = await writ(["try", "mod.js"], { cwd: dir.path });
  assert.ok(ran.stderr.includes("a\\x1b[2Jb"));
  assert.ok(ran.stderr.includes("c\\x07d"));
  assert.ok(!ran.stderr.includes("\x1b") && !ran.stderr.includes("\x07"));
});

Deno.test("try ends as cancelled when the user interrupts it", async () => {
  using dir = new TemporaryDir();
  dir.file(
    "mod.js",
    "export default { run: () => { console.log('up'); return new Promise(() => {}); } };",
  );
  const io = new TestIo({ cwd: dir.path });
  const exit = runCli(["try", "mod.js"], io);
  await io.written("err", /up/);
  io.raise("SIGINT");
  const ran = ranWith(io, await exit);
  assert.equal(ran.exit, 1);
  assert.match(ran.stderr, /^cancelled/m);
});

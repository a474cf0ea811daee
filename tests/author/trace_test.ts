import assert from "node:assert/strict";
import { tryScript } from "../../runtime/author/mod.ts";
import { scriptFolder } from "./fixture.ts";

Deno.test("tryScript() shows the author's own lines of a script in several files", async () => {
  using dir = scriptFolder({
    "mod.ts": 'import { fail } from "./lib/fail.ts";\n\nexport default { run: () => fail() };\n',
    "lib/fail.ts":
      'enum Mark {\n  A,\n}\nexport function fail() {\n  console.log(new Error("b").stack' +
      ');\n  throw new Error("a" + Mark.A);\n}\n',
  });
  const bytes = Deno.readFileSync(`${dir.path}/mod.ts`);
  const { detail, logs } = await tryScript({ folder: dir.path, name: "mod.ts", bytes });
  assert.match(String(detail?.stack), /at fail \(script:\/\/local\/lib\/fail\.ts:6:9\)/);
  assert.match(String(detail?.stack), /\(script:\/\/local\/mod\.ts:3:29\)/);
  assert.match(logs[0]!.text, /script:\/\/local\/lib\/fail\.ts:5:15/);
});

Deno.test("tryScript() shows the lines of a script in one file", async () => {
  using dir = scriptFolder({
    "mod.ts": 'export default {\n  run(): void {\n    throw new Error("a");\n  },\n};\n',
  });
  const bytes = Deno.readFileSync(`${dir.path}/mod.ts`);
  const { detail } = await tryScript({ folder: dir.path, name: "mod.ts", bytes });
  assert.match(String(detail?.stack), /\(script:\/\/local\/mod\.ts:3:11\)/);
});

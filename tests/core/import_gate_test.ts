import assert from "node:assert/strict";
import { ALLOWED_BUILTINS } from "../../runtime/core/allowed_builtins.ts";
import { gateImports, positionOf } from "../../runtime/core/import_gate.ts";
import { prepareModule } from "../../runtime/core/module.ts";
import { assertRefused } from "./assert_refused.ts";
import { utf8 } from "./fixtures.ts";

const END = "\nexport default {};";

Deno.test("gateImports() accepts the allowed built-ins in every form", async (t) => {
  for (const name of ALLOWED_BUILTINS) {
    await t.step(name, async () => {
      gateImports(`import x from "${name}"; import("${name}"); export * from "${name}";${END}`);
      await import(name);
    });
  }
});

Deno.test("gateImports() refuses everything else that is written out", async (t) => {
  const specifiers = [
    "node:fs",
    "node:fs/promises",
    "node:net",
    "node:child_process",
    "node:worker_threads",
    "node:process",
    "node:module",
    "node:vm",
    "node:v8",
    "node:os",
    "node:http",
    "node:sqlite",
    "fs",
    "crypto",
    "npm:chalk",
    "jsr:@std/path",
    "https://example.com/x.js",
    "file:///etc/passwd",
    "data:text/javascript,1",
    "blob:null/1",
    "./x.ts",
    "../x.ts",
    "/x.ts",
    "writ/x",
    "WRIT",
    "",
    " node:path",
    "node:path ",
    "NODE:path",
    "node:",
    "node:path?x",
  ]; // deno-fmt-ignore
  for (const specifier of specifiers) {
    const name = JSON.stringify(specifier);
    await t.step(name, () => {
      const forms = [
        `import x from ${name};`,
        `import ${name};`,
        `import * as x from ${name};`,
        `export * from ${name};`,
        `export { x } from ${name};`,
        `import(${name});`,
        "import(`" + specifier + "`);",
        `await import(/* c */ ${name});`,
      ];
      for (const form of forms) assertRefused("module_import", () => gateImports(form + END));
    });
  }
});

Deno.test("gateImports() refuses an allowed built-in in an unusual way", async (t) => {
  gateImports(`import x from "node:path";${END}`);
  const forms = [
    `import x from "node:path" with { type: "json" };`,
    `import source x from "node:path";`,
    `import defer * as x from "node:path";`,
    `import("node:path", { with: { type: "text" } });`,
  ];
  for (const form of forms) {
    await t.step(form, () => assertRefused("module_import", () => gateImports(form + END)));
  }
});

Deno.test("gateImports() sees through escapes in a specifier", () => {
  assertRefused("module_import", () => gateImports(`import "\\x6eode:fs";${END}`));
  gateImports(`import "\\x6eode:path";${END}`);
});

Deno.test("gateImports() lets a computed import pass, which the cell refuses", () => {
  const source = `const a = "node:"; import(a + "fs"); import(\`\${a}fs\`);${END}`;
  assert.equal(gateImports(source), source);
});

Deno.test("gateImports() leaves import.meta alone", () => {
  const source = `const here = import.meta.url;${END}`;
  assert.equal(gateImports(source), source);
});

Deno.test("gateImports() blanks what is left of a type import and moves nothing", async (t) => {
  const residues = [
    `import {} from "writ"`,
    `import { } from 'writ'`,
    `import{}from"writ"`,
    `import "writ"`,
    `import {\n  \n} from "writ"`,
    `import { /* the types */ } from "writ"`,
  ];
  for (const residue of residues) {
    await t.step(residue, () => {
      const source = `let a;\n${residue}; let b;${END}`;
      const gated = gateImports(source);
      assert.equal(gated, source.replace(residue, residue.replace(/[^\n]/g, " ")));
    });
  }
});

Deno.test("gateImports() refuses to import more than types from the SDK", async (t) => {
  const forms = [
    `import Script from "writ";`,
    `import { Script } from "writ";`,
    `import * as writ from "writ";`,
    `export * from "writ";`,
    `export {} from "writ";`,
    `import("writ");`,
    `import {} from "writ" with { type: "json" };`,
    `import defer * as x from "writ";`,
  ];
  for (const form of forms) {
    await t.step(form, () => assertRefused("module_import", () => gateImports(form + END)));
  }
});

Deno.test("prepareModule() accepts every way to import only types from the SDK", async (t) => {
  const forms = [
    `import type { Script } from "writ";`,
    `import type * as writ from "writ";`,
    `import { type Script, type Context } from "writ";`,
    `export type { Script } from "writ";`,
    `type S = import("writ").Script;`,
  ];
  for (const form of forms) {
    await t.step(form, () => {
      const source = utf8(`${form}${END}`);
      assert.ok(!prepareModule(source, "application/typescript").javascript.includes("writ"));
    });
  }
});

Deno.test("prepareModule() finds an import that TypeScript hides from a lexer", () => {
  const source = `declare const x: any;\nx!/import("node:v8")/1;${END}`;
  assertRefused("module_import", () => prepareModule(utf8(source), "application/typescript"));
});

Deno.test("gateImports() blanks 19,000 imports of types in linear time", () => {
  const form = `import {} from "writ";`;
  const blanked = gateImports(`${form.repeat(19_000)}${END}`);
  assert.equal(blanked, `${" ".repeat(form.length - 1)};`.repeat(19_000) + END);
});

Deno.test("gateImports() refuses more imports and exports than 20,000", () => {
  const form = (i: number) => `export const a${i} = 1;`;
  const most = Array.from({ length: 19_999 }, (_, i) => form(i)).join("") + "export default 1";
  assert.equal(gateImports(most), most);
  assertRefused("module_syntax", () => gateImports(`${form(20_000)}${most}`));
});

Deno.test("gateImports() knows a long text again, and says of it what it said before", () => {
  const names = Array.from({ length: 500_000 }, (_, i) => `a${i}`).join(",");
  const long = `import {} from "writ";export const ${names};${END}`;
  const took = (text: string) => {
    const start = performance.now();
    const gated = gateImports(text);
    assert.equal(gated, text.replace(/^[^;]*/, (found) => " ".repeat(found.length)));
    return performance.now() - start;
  };
  const first = took(long);
  assert.ok(took(long) < first / 2);
  const other = long.replace("writ", "node:fs");
  assertRefused("module_import", () => gateImports(other));
  assertRefused("module_import", () => gateImports(other));
});

Deno.test("gateImports() wants a default export", async (t) => {
  const accepted = [
    "export default 1",
    "export default { run() {} }",
    "export default class {}",
    "const a = 1; export { a as default }",
    `export { default } from "node:path"`,
    `export * as default from "node:path"`,
  ];
  for (const source of accepted) await t.step(source, () => void gateImports(source));
  const refused = [
    "",
    "export const a = 1",
    `export * from "node:path"`,
    "module.exports = 1",
    "// default",
  ];
  for (const source of refused) {
    await t.step(`refuses "${source}"`, () => {
      assertRefused("module_syntax", () => gateImports(source));
    });
  }
});

Deno.test("gateImports() refuses what does not parse", () => {
  assertRefused("module_syntax", () => gateImports("export default {"));
  assertRefused("module_syntax", () => gateImports('import "node:path'));
});

Deno.test("positionOf() counts lines and columns from 1, over every kind of line break", () => {
  assert.equal(positionOf("abc", 0), "1:1");
  assert.equal(positionOf("abc", 2), "1:3");
  assert.equal(positionOf("a\nb\r\nc\rd\u2028e", 9), "5:1");
});

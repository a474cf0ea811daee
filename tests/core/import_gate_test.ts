import assert from "node:assert/strict";
import { ALLOWED_BUILTINS } from "../../runtime/core/allowed_builtins.ts";
import { gateImports, positionOf } from "../../runtime/core/import_gate.ts";
import { prepareModule } from "../../runtime/core/module.ts";
import { assertRefused } from "./assert_refused.ts";
import { utf8 } from "./fixtures.ts";
import { PARSE_HERE } from "./parse_here.ts";

const END = "\nexport default {};";
const gate = (javascript: string) => gateImports(javascript, PARSE_HERE.lex);

Deno.test("gateImports() accepts the allowed built-ins in every form", async (t) => {
  for (const name of ALLOWED_BUILTINS) {
    await t.step(name, async () => {
      gate(`import x from "${name}"; import("${name}"); export * from "${name}";${END}`);
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
      for (const form of forms) assertRefused("module_import", () => gate(form + END));
    });
  }
});

Deno.test("gateImports() refuses an allowed built-in in an unusual way", async (t) => {
  gate(`import x from "node:path";${END}`);
  const forms = [
    `import x from "node:path" with { type: "json" };`,
    `import source x from "node:path";`,
    `import defer * as x from "node:path";`,
    `import("node:path", { with: { type: "text" } });`,
  ];
  for (const form of forms) {
    await t.step(form, () => assertRefused("module_import", () => gate(form + END)));
  }
});

Deno.test("gateImports() sees through escapes in a specifier", () => {
  assertRefused("module_import", () => gate(`import "\\x6eode:fs";${END}`));
  gate(`import "\\x6eode:path";${END}`);
});

Deno.test("gateImports() lets a computed import pass, which the cell refuses", () => {
  const source = `const a = "node:"; import(a + "fs"); import(\`\${a}fs\`);${END}`;
  assert.equal(gate(source), source);
});

Deno.test("gateImports() leaves import.meta alone", () => {
  const source = `const here = import.meta.url;${END}`;
  assert.equal(gate(source), source);
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
      const gated = gate(source);
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
    await t.step(form, () => assertRefused("module_import", () => gate(form + END)));
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
      assert.ok(
        !prepareModule(source, "application/typescript", PARSE_HERE).javascript.includes("writ"),
      );
    });
  }
});

Deno.test("prepareModule() finds an import that TypeScript hides from a lexer", () => {
  const source = `declare const x: any;\nx!/import("node:v8")/1;${END}`;
  assertRefused(
    "module_import",
    () => prepareModule(utf8(source), "application/typescript", PARSE_HERE),
  );
});

Deno.test("gateImports() blanks 19,000 imports of types in linear time", () => {
  const form = `import {} from "writ";`;
  const blanked = gate(`${form.repeat(19_000)}${END}`);
  assert.equal(blanked, `${" ".repeat(form.length - 1)};`.repeat(19_000) + END);
});

Deno.test("gateImports() refuses more imports than 20,000", () => {
  const form = `import "node:path";`;
  const most = form.repeat(20_000) + END;
  assert.equal(gate(most), most);
  assertRefused("module_syntax", () => gate(form + most));
});

Deno.test("gateImports() says in linear time where an import stands below a million lines", () => {
  const deep = `${"\n".repeat(1_000_000)}import "node:fs";${END}`;
  assert.throws(() => gate(deep), /line 1000001:1$/);
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
  for (const source of accepted) await t.step(source, () => void gate(source));
  const refused = [
    "",
    "export const a = 1",
    `export * from "node:path"`,
    "module.exports = 1",
    "// default",
  ];
  for (const source of refused) {
    await t.step(`refuses "${source}"`, () => {
      assertRefused("module_syntax", () => gate(source));
    });
  }
});

Deno.test("gateImports() refuses what does not parse", () => {
  assertRefused("module_syntax", () => gate("export default {"));
  assertRefused("module_syntax", () => gate('import "node:path'));
});

Deno.test("positionOf() counts lines and columns from 1, over every kind of line break", () => {
  assert.equal(positionOf("abc", 0), "1:1");
  assert.equal(positionOf("abc", 2), "1:3");
  assert.equal(positionOf("a\nb\r\nc\rd\u2028e", 9), "5:1");
});

import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { prepareModule } from "../../runtime/core/module.ts";
import { verifyModule } from "../../runtime/core/verification/module.ts";
import { assertRefused } from "./assert_refused.ts";
import { makeFleet, utf8 } from "./fixtures.ts";
import { PARSE_HERE } from "./parse_here.ts";

const TYPESCRIPT = "application/typescript";
const JAVASCRIPT = "text/javascript";
const fleet = makeFleet();

Deno.test("verifyModule() returns the JavaScript of the very bytes that were hashed", () => {
  const { javascript, digest } = verifyModule(fleet.module, fleet.manifest(), PARSE_HERE);
  assert.equal(digest, digestOf(fleet.module));
  assert.equal(javascript.length, fleet.module.length);
  assert.ok(!javascript.includes("satisfies"));
});

Deno.test("verifyModule() refuses a module whose last byte changed", () => {
  const changed = Uint8Array.from(fleet.module);
  changed[changed.length - 1]! ^= 1;
  assertRefused("module_hash", () => verifyModule(changed, fleet.manifest(), PARSE_HERE));
});

Deno.test("verifyModule() refuses a module of another length", () => {
  const longer = new Uint8Array([...fleet.module, 0x0a]);
  assertRefused("module_length", () => verifyModule(longer, fleet.manifest(), PARSE_HERE));
  assertRefused(
    "module_length",
    () => verifyModule(fleet.module.subarray(1), fleet.manifest(), PARSE_HERE),
  );
  assertRefused(
    "module_length",
    () => verifyModule(new Uint8Array(), fleet.manifest(), PARSE_HERE),
  );
});

Deno.test("verifyModule() and prepareModule() accept the longest module and refuse one byte more", () => {
  const head = "export default 1;//";
  const longest = utf8(head.padEnd(LIMITS.MODULE_BYTES, "x"));
  prepareModule(longest, JAVASCRIPT, PARSE_HERE);
  const longer = utf8(head.padEnd(LIMITS.MODULE_BYTES + 1, "x"));
  assertRefused("too_large", () => prepareModule(longer, JAVASCRIPT, PARSE_HERE));
  const module = {
    sha256: digestOf(longer),
    length: longer.length,
    mediaType: JAVASCRIPT,
  } as const;
  assertRefused("too_large", () => verifyModule(longer, fleet.manifest({ module }), PARSE_HERE));
});

Deno.test("verifyModule() refuses a manifest that announces too long a module", () => {
  const module = { ...fleet.manifest().module, length: LIMITS.MODULE_BYTES + 1 };
  assertRefused(
    "too_large",
    () => verifyModule(fleet.module, fleet.manifest({ module }), PARSE_HERE),
  );
});

Deno.test("prepareModule() refuses what is not UTF-8 without byte order mark", async (t) => {
  const source = "export default 1;";
  prepareModule(utf8(source), JAVASCRIPT, PARSE_HERE);
  const cases: [string, Uint8Array][] = [
    ["a byte order mark", utf8(`\ufeff${source}`)],
    ["a stray byte", new Uint8Array([...utf8(source), 0xff])],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x31, 0])],
    ["an overlong character", new Uint8Array([...utf8(`${source}//`), 0xc0, 0xaf])],
  ];
  for (const [name, bytes] of cases) {
    await t.step(
      name,
      () => assertRefused("module_encoding", () => prepareModule(bytes, JAVASCRIPT, PARSE_HERE)),
    );
  }
});

Deno.test("prepareModule() refuses other media types", async (t) => {
  for (
    const type of ["", "text/plain", "application/javascript", "text/javascript;charset=utf-8"]
  ) {
    await t.step(`"${type}"`, () => {
      assertRefused(
        "module_encoding",
        () => prepareModule(utf8("export default 1"), type, PARSE_HERE),
      );
    });
  }
});

Deno.test("prepareModule() keeps every line and column of TypeScript in its place", () => {
  const source = "import type { Script } from 'writ';\ntype A = string;\n" +
    "export default {\n  run(input: A) { throw new Error(input); },\n} satisfies Script;\n";
  const { javascript } = prepareModule(utf8(source), TYPESCRIPT, PARSE_HERE);
  assert.equal(javascript.indexOf("throw"), source.indexOf("throw"));
  assert.equal(javascript.split("\n").length, source.split("\n").length);
});

Deno.test("prepareModule() leaves JavaScript as it is", () => {
  const source = "// ü\nexport default { run: (a, b) => a < b > (1) };\n";
  assert.equal(prepareModule(utf8(source), JAVASCRIPT, PARSE_HERE).javascript, source);
});

Deno.test("prepareModule() refuses TypeScript that is more than erasable types", async (t) => {
  const cases: [string, string][] = [
    ["enum", "enum A { x }\nexport default A;"],
    ["namespace", "namespace A { export const x = 1 }\nexport default A;"],
    ["parameter property", "export default class { constructor(private x: string) {} }"],
    ["import =", "import x = require('node:path');\nexport default x;"],
    ["an angle-bracket cast", "export default <number> 1;"],
    ["nonsense", "export default ;;; let = ]"],
    ["an empty module", ""],
  ];
  prepareModule(utf8("export default 1 as number;"), TYPESCRIPT, PARSE_HERE);
  for (const [name, source] of cases) {
    await t.step(name, () => {
      assertRefused("module_syntax", () => prepareModule(utf8(source), TYPESCRIPT, PARSE_HERE));
    });
  }
});

Deno.test("prepareModule() says where syntax is more than erasable types", () => {
  assert.throws(
    () =>
      prepareModule(
        utf8("const a = 1;\n  enum B { x }\nexport default a;"),
        TYPESCRIPT,
        PARSE_HERE,
      ),
    // The position is what an author reads, so it is asserted here and only here.
    (error: Error) => error.message.endsWith("line 2:3"),
  );
});

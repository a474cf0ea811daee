import assert from "node:assert/strict";
import { bundleScript } from "../../../runtime/author/bundle/bundle_script.ts";
import { packScript, publishTo, signDocument } from "../../../runtime/author/mod.ts";
import { digestOf } from "../../../runtime/core/digest.ts";
import { generateSigner } from "../../../runtime/core/key.ts";
import { modulePath } from "../../../runtime/core/source_layout.ts";
import { scriptFolder, withCode } from "../fixture.ts";

/** A script of two files and two installed packages, one of each kind. */
const FILES = {
  "mod.ts": `import type { Script } from "writ";
import { shout } from "./lib/shout.ts";
import { twice } from "@acme/twice";
import last from "npm:last@^1.0.0";

export default { run: (name) => shout(last(twice(name))) } satisfies Script<string, string>;
`,
  "lib/shout.ts": `/** Not erasable: an enum makes code. */
export enum Mark { Loud = "!" }
export const shout = (text: string): string => text.toUpperCase() + Mark.Loud;
`,
  "node_modules/@acme/twice/package.json":
    '{"name":"@acme/twice","version":"2.0.0","exports":{".":{"import":"./esm/index.js"}}}',
  "node_modules/@acme/twice/esm/index.js": "export const twice = (text) => text + text;\n",
  "node_modules/last/package.json": '{"name":"last","version":"1.2.0","main":"main"}',
  "node_modules/last/main.js":
    'const { inspect } = require("util");\nmodule.exports = (x) => inspect(x.slice(-3));\n',
};

Deno.test("packScript() makes one module of several files and packages", async () => {
  using dir = scriptFolder(FILES);
  const packed = await packScript(dir.path);
  assert.deepEqual(packed.files, ["lib/shout.ts", "mod.ts"]);
  assert.deepEqual(packed.packages, ["@acme/twice@2.0.0", "last@1.2.0"]);
  assert.deepEqual([packed.file, packed.manifest.module.mediaType], ["mod.js", "text/javascript"]);
  const url = URL.createObjectURL(new Blob([new Uint8Array(packed.module)]));
  const { default: script } = await import(url);
  URL.revokeObjectURL(url);
  assert.equal(script.run("ada"), "'ADA'!");
});

Deno.test("packScript() makes the same bytes twice, and of a copy in another place", async () => {
  using one = scriptFolder(FILES);
  const deeper = Object.entries(FILES).map(([name, text]) => [`a/b/c/${name}`, text]);
  using two = scriptFolder({
    ...Object.fromEntries(deeper),
    "a/b/c/manifest.yaml": Deno.readTextFileSync(`${one.path}/manifest.yaml`),
  });
  const first = await packScript(one.path);
  for (const folder of [one.path, `${two.path}/a/b/c`]) {
    const again = await packScript(folder);
    assert.deepEqual(again.module, first.module);
    assert.deepEqual(again.sourceMap, first.sourceMap);
    assert.deepEqual(again.payload, first.payload);
  }
});

Deno.test("packScript() makes a text for pages of a file that is asked for so, and of its imports", async () => {
  using dir = scriptFolder({
    "mod.ts": `import code from "./page/main.js?page" with { type: "text" };
export default { run: () => code };
`,
    "page/main.js": `import { greet } from "./greet.ts";\nglobalThis.said = greet("Ada");\n`,
    "page/greet.ts": `export const greet = (name: string) => "Hello, " + name;\n`,
  });
  const { module, files } = await packScript(dir.path);
  assert.deepEqual(files, ["mod.ts", "page/greet.ts", "page/main.js"]);
  const { default: script } = await import(
    `data:text/javascript,${encodeURIComponent(new TextDecoder().decode(module))}`
  );
  const code = script.run();
  const page: { said?: string } = {};
  new Function("globalThis", code)(page);
  assert.equal(page.said, "Hello, Ada");
});

Deno.test("packScript() says where a file for pages is wrong", async () => {
  using dir = scriptFolder({
    "mod.ts": `import code from "./main.js?page" with { type: "text" };
export default { run: () => code };
`,
    "main.js": `import "./gone.js";\n`,
  });
  await assert.rejects(packScript(dir.path), { code: "bundle" });
});

Deno.test("publishTo() puts the source map beside the module, and refuses another", async () => {
  using dir = scriptFolder(FILES);
  const { payload, module, sourceMap } = await packScript(dir.path);
  const { envelope } = signDocument(payload, [generateSigner()], "manifest.json");
  const to = `${dir.path}/published`;
  const other = new TextEncoder().encode("{}");
  for (const wrong of [{}, { sourceMap: other }]) {
    const bad = publishTo(to, { envelope, module, ...wrong });
    await assert.rejects(bad, withCode("AuthorError", "wrong_file"));
  }
  await publishTo(to, { envelope, module, sourceMap: sourceMap! });
  assert.deepEqual(Deno.readFileSync(`${to}/${modulePath(digestOf(sourceMap!))}`), sourceMap);
});

Deno.test("packScript() leaves no name of this machine in what it makes", async () => {
  using dir = scriptFolder(FILES);
  const { module, sourceMap } = await packScript(dir.path);
  const text = new TextDecoder().decode(module) + new TextDecoder().decode(sourceMap);
  assert.ok(!text.includes(dir.path) && !text.includes("node_modules"));
});

Deno.test("packScript() keeps one erasable file as it is, and bundles the nearest other", async () => {
  using plain = scriptFolder({ "mod.ts": "type A = 1; export default { run: (a: A) => a };" });
  const same = await packScript(plain.path);
  assert.equal(same.file, "mod.ts");
  assert.equal(same.sourceMap, undefined);
  using other = scriptFolder({ "mod.ts": "enum A { B } export default { run: () => A.B };" });
  const bundled = await packScript(other.path);
  assert.equal(bundled.file, "mod.js");
  assert.ok(bundled.sourceMap);
});

Deno.test("bundleScript() keeps the author's files in the source map, and no package's", async () => {
  using dir = scriptFolder(FILES);
  const { sourceMap } = await bundleScript(dir.path, "mod.ts");
  const { sources, sourcesContent } = JSON.parse(new TextDecoder().decode(sourceMap));
  const content = Object.fromEntries(
    sources.map((source: string, i: number) => [source, sourcesContent[i]]),
  );
  assert.equal(content["lib/shout.ts"], FILES["lib/shout.ts"]);
  assert.equal(content["npm:last@1.2.0/main.js"], null);
});

Deno.test("bundleScript() reads the imports of deno.json as an editor does", async () => {
  using dir = scriptFolder({
    ...FILES,
    "mod.ts": 'import { shout } from "~/shout.ts";\nimport twice from "double";\n' +
      "export default { run: () => shout(twice) };\n",
    "deno.json": '{"imports":{"~/":"./lib/","double":"npm:last@1.2.0"}}',
  });
  assert.deepEqual((await bundleScript(dir.path, "mod.ts")).files, ["lib/shout.ts", "mod.ts"]);
});

Deno.test("packScript() refuses, with its place, an import of", async (t) => {
  const cases = {
    "a file that is not there": "./nope.ts",
    "a file outside of the folder": "../outside.ts",
    "a link that leads out of the folder": "./link.ts",
    "a package that is not installed": "left-pad",
    "another version than the installed one": "npm:last@^2.0.0",
    "what a package does not offer": "@acme/twice/hidden.js",
    "another registry": "jsr:@std/yaml",
    "an address": "https://example.org/mod.js",
    "values of writ": "writ",
    "nothing": "",
    "a builtin beside a file": "node:fs",
  };
  for (const [name, specifier] of Object.entries(cases)) {
    await t.step(name, async () => {
      using dir = scriptFolder({
        ...FILES,
        "mod.ts": `import "./lib/shout.ts";\nimport x from ${JSON.stringify(specifier)};\n` +
          "export default { run: () => x };\n",
      });
      Deno.symlinkSync("/etc/hostname", `${dir.path}/link.ts`);
      await assert.rejects(packScript(dir.path), (error: Error) => {
        assert.ok(withCode("AuthorError", "bundle")(error));
        assert.match(error.message, /^mod\.ts:2:15 /m);
        return true;
      });
    });
  }
});

Deno.test("packScript() refuses, with its place, what cannot be read", async (t) => {
  const cases = {
    "alone": "export default { run: (x: number) => { return (x; } };\n",
    "beside another file": 'import "./lib.ts"; export default { run: () => { return (1; } };\n',
  };
  for (const [name, source] of Object.entries(cases)) {
    await t.step(name, async () => {
      using dir = scriptFolder({ "mod.ts": source, "lib.ts": "export {};\n" });
      await assert.rejects(packScript(dir.path), (error: Error) => {
        assert.ok(withCode("VerificationError", "module_syntax")(error));
        assert.match(error.message, /: mod\.ts:1:\d+ [^\n]+$/);
        return true;
      });
    });
  }
});

Deno.test("packScript() puts what it bundled through the import gate", async () => {
  using dir = scriptFolder({
    "mod.ts": 'import "./lib.ts";\nexport const run = 1;\n',
    "lib.ts": "console.log(1);\n",
  });
  await assert.rejects(packScript(dir.path), withCode("VerificationError", "module_syntax"));
});

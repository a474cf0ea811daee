import assert from "node:assert/strict";
import { packScript } from "../../runtime/author/mod.ts";
import { gateImports } from "../../runtime/core/import_gate.ts";
import { PARSE_HERE } from "../core/parse_here.ts";
import { IppPrinter } from "../../runtime/cli/demo/ipp_printer.ts";

const SCRIPT = new URL("../../scripts/print", import.meta.url).pathname;

/** A worker as narrow as a grant: it gets the module's text, and prints a line of text. */
const WORKER = `
onmessage = async ({ data: { javascript, printer } }) => {
  const { default: script } = await import(
    URL.createObjectURL(new Blob([javascript], { type: "text/javascript" }))
  );
  const content = new TextEncoder().encode("hello\\n");
  const log = () => {};
  const ctx = {
    signal: new AbortController().signal,
    log: { debug: log, info: log, warn: log, error: log },
    attachments: [{
      name: "hello.txt", length: content.length, mediaType: "text/plain",
      stream: () => new Blob([content]).stream(),
    }],
    progress() {}, emit() {},
  };
  postMessage(await script.run({ printer }, ctx).then(({ state }) => state, String));
};`;

const { module, packages } = await packScript(SCRIPT);
const javascript = new TextDecoder().decode(module);

Deno.test("the files are packed into one module that brings no package and imports nothing", () => {
  assert.deepEqual(packages, []);
  gateImports(javascript, PARSE_HERE.lex);
  assert.doesNotMatch(javascript, /^\s*(import\b|export\b.*\bfrom\b)/m);
});

Deno.test("the module prints with no permission but the printer's address", async () => {
  await using printer = new IppPrinter({ jobMs: 0 });
  const url = URL.createObjectURL(new Blob([WORKER], { type: "text/javascript" }));
  const worker = new Worker(url, {
    type: "module",
    deno: {
      permissions: {
        net: [printer.address],
        read: false,
        write: false,
        env: false,
        sys: false,
        run: false,
        ffi: false,
        import: false,
      },
    },
  });
  try {
    const state = await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = reject;
      worker.postMessage({ javascript, printer: printer.uri });
    });
    assert.equal(state, "completed");
    assert.equal(new TextDecoder().decode(printer.jobs[0]!.bytes), "hello\n");
  } finally {
    worker.terminate();
    URL.revokeObjectURL(url);
  }
});

import assert from "node:assert/strict";
import { Sandbox } from "../../runtime/sandbox/mod.ts";
import { mapped } from "../../runtime/sandbox/source_places.ts";
import { calling, sealed } from "./cells.ts";

const URL = "script://example/case@1.0.0";
/** Line 1, column 1 is line 10, column 5 of the first source; line 2 is line 20 of the second. */
const MAP = { version: 3, sources: ["mod.ts"], names: [], mappings: "AASI" };

function stackOf(stack: string, map: unknown): string {
  const failure = { name: "Error", message: `at ${URL}:1:1`, denied: false, starved: false };
  const told = mapped(
    { ...failure, stack },
    URL,
    typeof map === "string" ? map : JSON.stringify(map),
  );
  return told.stack;
}

Deno.test("mapped() gives the place in the author's source", () => {
  assert.equal(stackOf(`f (${URL}:1:1)`, MAP), `f (${URL}:10:5)`);
});

Deno.test("mapped() names the file where there are several", () => {
  const map = { ...MAP, sources: ["mod.ts", "lib/ipp.ts"], mappings: "AASI;ACUA" };
  assert.equal(stackOf(`${URL}:1:1 ${URL}:2:1`, map), `${URL}/mod.ts:10:5 ${URL}/lib/ipp.ts:20:5`);
});

Deno.test("mapped() leaves a place as it is when it cannot be had, whatever the map says", () => {
  const cases: unknown[] = ["", "{", "null", "[]", {}, { ...MAP, mappings: "!!!" }, {
    ...MAP,
    mappings: 7,
  }];
  for (const map of cases) {
    assert.equal(stackOf(`${URL}:1:1`, map), `${URL}:1:1`, JSON.stringify(map));
  }
  assert.equal(stackOf(`${URL}:7:1 ${URL}:0:0`, MAP), `${URL}:7:1 ${URL}:0:0`);
});

Deno.test("mapped() shows no path that is not one", () => {
  for (const source of ["../../etc/passwd", "a\u001b[31m", "/root/x.ts", ""]) {
    const map = { ...MAP, sources: [source, "b.ts"] };
    assert.equal(stackOf(`${URL}:1:1`, map), `${URL}:10:5`);
  }
});

Deno.test("Sandbox.run() tells a failure's place by the module's source map", async () => {
  await using sandbox = await Sandbox.open();
  const module = {
    ...calling(`() => {\nthrow new Error("no") }`),
    sourceMap: JSON.stringify({
      ...MAP,
      mappings: ";AASI",
    }),
  };
  const { outcome } = await sandbox.run(sealed(), module);
  assert.ok(outcome.outcome === "script_error");
  assert.match(outcome.detail.stack!, /example\/case@1\.0\.0:10:5\)/);
});

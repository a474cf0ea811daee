import assert from "node:assert/strict";
import type { TryReport } from "../../runtime/author/mod.ts";
import { MANIFEST_YAML, scriptFolder, withCode } from "../author/fixture.ts";
import { packScript } from "../../runtime/author/mod.ts";
import { writ } from "./test_io.ts";

const SCHEMA = "input-schema: { type: object, properties: { copies: { minimum: 1 } } }\n";

Deno.test("try holds the input against the schema of the manifest beside the module", async () => {
  using dir = scriptFolder({ "manifest.yaml": MANIFEST_YAML + SCHEMA });
  const run = async (input: string) => {
    const ran = await writ(["try", "mod.ts", "--input", input, "--json"], { cwd: dir.path });
    const { outcome, detail } = ran.json<TryReport>();
    return detail?.rule ?? outcome;
  };
  assert.equal(await run('{"copies":1}'), "ok");
  assert.equal(await run('{"copies":0}'), "input");
  assert.equal(await run("null"), "input");
});

Deno.test("try runs beside a manifest that has mistakes, and says so", async () => {
  using dir = scriptFolder({ "manifest.yaml": "nonsense: 1\n" });
  const ran = await writ(["try", "mod.ts", "--input", '"a"'], { cwd: dir.path });
  assert.equal(ran.exit, 0);
  assert.match(ran.stderr, /manifest\.yaml has mistakes/);
});

Deno.test("packScript() refuses an input schema that no agent could use", async () => {
  const bad = "input-schema: { properties: { copies: { minimum: one } } }\n";
  using dir = scriptFolder({ "manifest.yaml": MANIFEST_YAML + bad });
  await assert.rejects(packScript(dir.path), withCode("VerificationError", "input_schema"));
});

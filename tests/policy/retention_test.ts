import assert from "node:assert/strict";
import { decodeFleet } from "../../runtime/policy/files/fleet_file.ts";
import { DEFAULT_RETENTION } from "../../runtime/policy/mod.ts";
import { PolicyFile } from "../../runtime/policy/yaml/policy_file.ts";

/** What `retention:` of a fleet file is read as; its mistakes as codes. */
function read(retention: string) {
  const text = `fleet: test\nmode: signed\nroot: signed\n${retention}`;
  const file = new PolicyFile("fleet.yaml", text);
  const fleet = decodeFleet(file);
  return { retention: fleet?.retention, codes: file.mistakes.map(({ code }) => code) };
}

Deno.test("retention is read with its units, the rest as by default", () => {
  const { retention, codes } = read("retention: { runs: 90 d, state: 2 GB }");
  assert.deepEqual(codes, []);
  const written = { runsMs: 90 * 86_400_000, stateBytes: 2_000_000_000 };
  assert.deepEqual(retention, { ...DEFAULT_RETENTION, ...written });
  assert.deepEqual(read("retention: {}").retention, DEFAULT_RETENTION);
  assert.equal(read("").retention, undefined);
});

Deno.test("retention refuses a bare number, another unit and an unknown key", () => {
  assert.deepEqual(read("retention: { runs: 90 }").codes, ["bad_unit"]);
  assert.deepEqual(read("retention: { runs: 0 d }").codes, ["bad_unit"]);
  assert.deepEqual(read("retention: { state: 90 d }").codes, ["bad_unit"]);
  assert.deepEqual(read("retention: { audit: 90 d }").codes, ["unknown_key"]);
  assert.deepEqual(read("retention: 90 d").codes, ["bad_type"]);
});

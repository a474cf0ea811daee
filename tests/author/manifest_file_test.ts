import assert from "node:assert/strict";
import { parseManifestFile } from "../../runtime/author/mod.ts";
import { PolicyError } from "../../runtime/policy/mod.ts";
import { MANIFEST_YAML } from "./fixture.ts";

const parse = (text: string) => parseManifestFile(text, "manifest.yaml");

Deno.test("parseManifestFile() fills in what a short file leaves out", () => {
  const { module, manifest } = parse(MANIFEST_YAML);
  assert.equal(module, "mod.ts");
  assert.deepEqual(manifest, {
    publisher: "acme",
    name: "hello",
    version: "1.4.0",
    sequence: 3,
    runtime: ">=0.1.0 <1.0.0",
    requests: [],
    capabilities: [],
    life: "fresh",
    idempotent: false,
  });
});

Deno.test("parseManifestFile() reads units, requests, retry and limits", () => {
  const { manifest } = parse(
    MANIFEST_YAML +
      `limits: { memory: 64 MB, wall: 2 min }
retry: { attempts: 3, delay: 10 s }
idempotent: true
requests:
  - { permission: net, reason: Talks to it }
  - { permission: read, value: /srv/forms, reason: Reads forms }
`,
  );
  assert.deepEqual(manifest.limits, { memoryBytes: 64_000_000, wallMs: 120_000 });
  assert.deepEqual(manifest.retry, { attempts: 3, delayMs: 10_000 });
  assert.deepEqual(manifest.requests, [
    { permission: "net", reason: "Talks to it" },
    { permission: "read", value: "/srv/forms", reason: "Reads forms" },
  ]);
});

Deno.test("parseManifestFile() takes plain scalars of the schema as JSON and quoted ones as text", () => {
  const { manifest } = parse(
    MANIFEST_YAML +
      `input-schema:
  type: object
  properties:
    copies: { type: integer, minimum: 1, default: "1" }
    ratio: { const: -1.5e2, examples: [true, "true", null, 1.10, 007, 0x10] }
`,
  );
  assert.deepEqual(manifest.inputSchema, {
    type: "object",
    properties: {
      copies: { type: "integer", minimum: 1, default: "1" },
      ratio: { const: -150, examples: [true, "true", null, 1.1, "007", "0x10"] },
    },
  });
});

Deno.test("parseManifestFile() refuses, with the place, a file that", async (t) => {
  const cases: readonly [name: string, text: string, keyPath: string, code: string][] = [
    ["is empty", "", "", "bad_type"],
    ["is a list", "[a]", "", "bad_type"],
    ["has an unknown key", MANIFEST_YAML + "modul: mod.ts\n", "modul", "unknown_key"],
    ["says a key twice", MANIFEST_YAML + "name: again\n", "name", "duplicate_key"],
    ["lacks the version", MANIFEST_YAML.replace(/version.*\n/, ""), "version", "missing_key"],
    ["writes a short version", MANIFEST_YAML.replace("1.4.0", "1.4"), "version", "bad_value"],
    ["names a module elsewhere", MANIFEST_YAML + "module: ../mod.ts\n", "module", "bad_value"],
    ["names a hidden module", MANIFEST_YAML + "module: .mod.ts\n", "module", "bad_value"],
    ["has a bare number", MANIFEST_YAML + "limits: { memory: 64 }\n", "limits.memory", "bad_unit"],
    ["has a date without time", MANIFEST_YAML.replace("T12:00:00Z", ""), "created", "bad_value"],
    [
      "asks without a reason",
      MANIFEST_YAML + "requests: [{ permission: net }]\n",
      "requests[0].reason",
      "missing_key",
    ],
    [
      "asks for a permission that does not exist",
      MANIFEST_YAML + "requests: [{ permission: nett, reason: x }]\n",
      "requests[0].permission",
      "bad_value",
    ],
  ];
  for (const [name, text, keyPath, code] of cases) {
    await t.step(name, () => {
      assert.throws(() => parse(text), (error) => {
        assert.ok(error instanceof PolicyError);
        assert.deepEqual([error.mistakes[0].keyPath, error.code], [keyPath, code]);
        return true;
      });
    });
  }
});

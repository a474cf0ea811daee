import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import type { PublicKey } from "../../runtime/core/documents/common.ts";
import { decodeFolder } from "../../runtime/policy/load_policy_dir.ts";
import { type PolicyFileKind, policySchemas, schemaLine } from "../../runtime/policy/mod.ts";
import { acceptYaml, fleetYaml, HELLO_GRANT } from "../../runtime/author/templates.ts";
import { goodFiles, newKey } from "./fixture.ts";

const ajv = new Ajv2020({ allowUnionTypes: true });
const schemas = policySchemas();
const validate = {
  fleet: ajv.compile(schemas.fleet),
  accept: ajv.compile(schemas.accept),
  grant: ajv.compile(schemas.grant),
};

/** Whether an editor would take a file: YAML 1.2 as its server reads it. */
function takes(kind: PolicyFileKind, text: string): boolean {
  return validate[kind](parse(text));
}

const kindOf = (name: string): PolicyFileKind =>
  name.startsWith("grants/") ? "grant" : name === "fleet.yaml" ? "fleet" : "accept";

function example(name: string): string {
  return Deno.readTextFileSync(new URL(`../../policy/${name}`, import.meta.url));
}

const EXAMPLE = ["fleet.yaml", "accept.yaml", "grants/print.yaml"];

Deno.test("policySchemas() take the example policy, the fixtures, and what init writes", () => {
  for (const name of EXAMPLE) assert.ok(takes(kindOf(name), example(name)), name);
  for (const [name, text] of Object.entries(goodFiles())) {
    assert.ok(takes(kindOf(name), text), name);
  }
  const key = newKey() as PublicKey;
  assert.ok(takes("fleet", fleetYaml("office", { operator: key, publisher: key })));
  assert.ok(takes("accept", acceptYaml({ operator: key, publisher: key })));
  assert.ok(takes("grant", HELLO_GRANT));
});

Deno.test("policySchemas() refuse any misspelt key of the example policy", async (t) => {
  for (const name of EXAMPLE) {
    const text = example(name);
    // Names that an admin chooses are no keys of ours.
    const chosen = new Set(["operator", "acme"]);
    for (const [, space, key] of text.matchAll(/^( *)([a-z-]+):/gm)) {
      if (chosen.has(key!)) continue;
      await t.step(`${name} ${key}`, () => {
        const typo = text.replace(new RegExp(`^${space}${key}:`, "m"), `${space}${key}x:`);
        assert.notEqual(typo, text);
        assert.ok(!takes(kindOf(name), typo));
      });
    }
  }
});

Deno.test("policySchemas() refuse values that the loader refuses, and take the nearest it takes", async (t) => {
  const key = newKey();
  const grant = (rest: string) => `script: acme/print\norders: [operator]\n${rest}`;
  const fleet = (rest: string) => `fleet: office\n${rest}`;
  const cases: [kind: PolicyFileKind, good: string, bad: string][] = [
    ["grant", grant("limits: { memory: 64 MB }"), grant("limits: { memory: 64 }")],
    ["grant", grant("limits: { runs: 4 }"), grant("limits: { runs: 0 }")],
    ["grant", grant("life: warm"), grant("life: warn")],
    ["grant", grant("isolation: 2"), grant("isolation: 4")],
    ["grant", "script: acme/print\norders: [a]", "script: acme\norders: [a]"],
    ["grant", "script: acme/print\norders: [a]", "script: acme/print\norders: []"],
    ["grant", grant("permissions: { read: [/srv] }"), grant("permissions: { read: /srv }")],
    ["grant", grant("serve: { allow: [public] }"), grant("serve: { allow: [everybody] }")],
    ["fleet", fleet("mode: local\norderers: {}"), fleet("mode: local\nroot: signed")],
    ["fleet", fleet("mode: signed\nroot: signed"), fleet("mode: signed\norderers: {}")],
    [
      "fleet",
      fleet("mode: local\norderers: {}\naudit-mode: true"),
      fleet("mode: local\norderers: {}\naudit-mode: maybe"),
    ],
    ["accept", "deny: [{ script: a/b, reason: c }]", "deny: [{ script: a/b }]"],
    ["accept", "publishers: {}", "accept: []"],
    ["accept", `publishers: { a: { keys: [${key}] } }`, "publishers: { a: { keys: [abc] } }"],
    [
      "accept",
      "publishers: {}\naccept: [{ script: a/b, range: 1.10 }]",
      "publishers: {}\naccept: [{ script: a/b }]",
    ],
    ["accept", "publishers: {}\nexpires: 2026-01-31T09:00:00Z", "publishers: {}\nexpires: soon"],
  ];
  for (const [kind, good, bad] of cases) {
    await t.step(bad.replaceAll("\n", ", "), () => {
      assert.ok(takes(kind, good), JSON.stringify(validate[kind].errors));
      assert.ok(!takes(kind, bad));
    });
  }
});

Deno.test("policySchemas() never refuse a folder that the loader takes", () => {
  const files = Object.entries(goodFiles()).map(([name, text]) => ({ name, text }));
  const { mistakes } = decodeFolder("p", { path: "p", files, mistakes: [], warnings: [] });
  assert.deepEqual(mistakes, []);
  for (const { name, text } of files) assert.ok(takes(kindOf(name), text), name);
});

Deno.test("schemaLine() leads from each file to its schema", () => {
  const at = (kind: PolicyFileKind, file: string) => {
    const [, path] = /\$schema=(\S+)\n$/.exec(schemaLine(kind))!;
    return new URL(path!, `file:///policy/${file}`).pathname;
  };
  assert.equal(at("fleet", "fleet.yaml"), "/policy/schema/fleet.schema.json");
  assert.equal(at("grant", "grants/print.yaml"), "/policy/schema/grant.schema.json");
});

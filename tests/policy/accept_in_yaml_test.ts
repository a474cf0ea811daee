import assert from "node:assert/strict";
import { acceptInYaml, PolicyError } from "../../runtime/policy/mod.ts";
import type { PublicKey } from "../../runtime/core/documents/common.ts";
import { newKey } from "./fixture.ts";

const [a, b] = [newKey(), newKey()] as [PublicKey, PublicKey];
const entry = { script: "acme/print", range: "^1.4.0" } as const;

Deno.test("acceptInYaml() keeps comments, order and layout", () => {
  const before = `# Who we trust. Ask Eve before you change this.
publishers:
  # The printer people.
  acme: { keys: ["${a}"], threshold: 1 } # since 2024

accept:
  # Tested on floor 2.
  - { script: acme/scan, range: ^2.0.0 }

deny: [] # nothing yet
`;
  const { text, changed } = acceptInYaml(before, "accept.yaml", { entry, keys: [a] });
  assert.ok(changed);
  assert.equal(
    text,
    before.replace(
      "range: ^2.0.0 }\n",
      "range: ^2.0.0 }\n  - { script: acme/print, range: ^1.4.0 }\n",
    ),
  );
});

Deno.test("acceptInYaml() changes nothing the second time", () => {
  const entries = [
    entry,
    { script: "acme/print", range: "^1.4.0", minSequence: 7 },
    { script: "acme/print", sha256: `sha256:${"0".repeat(64)}` },
  ] as const;
  let text = "";
  for (const one of entries) text = acceptInYaml(text, "a.yaml", { entry: one, keys: [a] }).text;
  for (const one of entries) {
    assert.deepEqual(acceptInYaml(text, "a.yaml", { entry: one, keys: [a] }), {
      text,
      changed: false,
    });
  }
});

Deno.test("acceptInYaml() adds a publisher, then a key to it, without touching its threshold", () => {
  const first = acceptInYaml("", "a.yaml", { entry, keys: [a] }).text;
  const second = acceptInYaml(first, "a.yaml", { entry, keys: [a, b] }).text;
  assert.ok(second.includes(a) && second.includes(b));
  assert.equal(second.match(/threshold: "?1"?/g)?.length, 1);
});

Deno.test("acceptInYaml() writes what the loader reads, whatever the layout was", async (t) => {
  const layouts = {
    "empty": "",
    "comment only": "# later\n",
    "empty collections": "publishers: {}\naccept: []\n",
    "wide indents, blank lines, no final newline":
      `publishers:\n    b:\n        keys:\n        - ${b}\n\n\naccept:\n-   script: b/x\n    range: '1'\n# end`,
    "flow style": `{ publishers: { b: { keys: [${b}] } }, accept: [{script: b/x, range: "1"}] }`,
    "carriage returns":
      `publishers:\r\n  b: { keys: [${b}] }\r\naccept:\r\n  - { script: b/x, range: "1" }\r\n`,
  };
  for (const [what, text] of Object.entries(layouts)) {
    await t.step(what, () => {
      const result = acceptInYaml(text, "a.yaml", { entry, keys: [a] });
      assert.ok(result.changed);
      assert.equal(acceptInYaml(result.text, "a.yaml", { entry, keys: [a] }).changed, false);
      assert.equal(result.text.includes(b), text.includes(b));
    });
  }
});

Deno.test("acceptInYaml() does not bring a revoked key back", () => {
  const text = `publishers: { acme: { keys: ["${b}", { key: "${a}", state: revoked }] } }\n`;
  const result = acceptInYaml(text, "a.yaml", { entry, keys: [a] }).text;
  assert.equal(result.split(a).length, 2);
});

Deno.test("acceptInYaml() refuses a text with mistakes, and one it would make wrong", async (t) => {
  const cases: [string, string, string][] = [
    ["no YAML", "publishers: [", "yaml_syntax"],
    ["an unknown key", `publishers: {}\nextra: 1`, "unknown_key"],
  ];
  for (const [what, text, code] of cases) {
    await t.step(what, () => {
      assert.throws(
        () => acceptInYaml(text, "a.yaml", { entry, keys: [a] }),
        (error) => error instanceof PolicyError && error.code === code,
      );
    });
  }
  await t.step("no publisher at all", () => {
    assert.throws(() => acceptInYaml("", "a.yaml", { entry }), PolicyError);
  });
});

Deno.test("acceptInYaml() takes a file of nothing but blanks for an empty one", () => {
  const { text } = acceptInYaml("", "accept.yaml", { entry, keys: [a] });
  for (const blank of ["\r", " ", "\n\n", "\t\r\n"]) {
    assert.equal(acceptInYaml(blank, "accept.yaml", { entry, keys: [a] }).text, text);
  }
});

import assert from "node:assert/strict";
import { parseGrant, PolicyError, renderMistake } from "../../runtime/policy/mod.ts";
import { brief } from "./fixture.ts";

Deno.test("parseGrant() finds all mistakes at once, each with its place", () => {
  const text = `script: acme
oders: [hub]
permissions:
  net: ["192.168.1.20", "0.0.0.0:80"]
  read: [/srv/a, /srv/a/b, "/srv/x,/etc"]
limits: { memory: 128, cpu: 10 sec }
`;
  const mistakes = mistakesOf(text);
  assert.deepEqual(brief(mistakes), [
    "bad_value script:1",
    "unknown_key oders:2",
    "bad_value permissions.net[0]:4",
    "needs_unsafe permissions.net[1]:4",
    "overlap permissions.read[1]:5",
    "bad_value permissions.read[2]:5",
    "bad_unit limits.memory:6",
    "bad_unit limits.cpu:6",
  ]);
  assert.equal(
    renderMistake(mistakes[2]!),
    'g.yaml:4:9 permissions.net[0] must be "host:port": got "192.168.1.20" ' +
      '— did you mean "192.168.1.20:631"?',
  );
});

Deno.test("parseGrant() refuses what a policy may not say", async (t) => {
  const cases: [what: string, text: string, code: string][] = [
    ["an empty file", "", "bad_type"],
    ["comments only", "# nothing\n", "bad_type"],
    ["a list", "- a", "bad_type"],
    ["a text", "hello", "bad_type"],
    ["no YAML", "permissions: [", "yaml_syntax"],
    ["an alias", "permissions: &p {}\nlimits: *p", "yaml_feature"],
    ["an anchor", "permissions: &p {}", "yaml_feature"],
    ["a tag", "permissions: !!map {}", "yaml_feature"],
    ["a foreign tag", "script: !js/function x", "yaml_feature"],
    ["a merge key", "<<: { script: a/b }", "unknown_key"],
    ["a second document", "script: a/b\n---\nscript: c/d", "yaml_feature"],
    ["a YAML 1.1 directive", "%YAML 1.1\n---\nscript: a/b", "yaml_feature"],
    ["a duplicate key", "script: a/b\nscript: a/b", "duplicate_key"],
    ["a duplicate nested key", "limits: { cpu: 1 s, cpu: 2 s }", "duplicate_key"],
    ["a key named __proto__", "__proto__: { script: a/b }", "unknown_key"],
    ["a key named constructor", "constructor: a", "unknown_key"],
    ["an empty value", "script:", "bad_value"],
    ["null in words", "permissions: null", "bad_type"],
    ["a mapping as key", "? { a: b }\n: c", "yaml_syntax"],
    ["a control character", 'orders: ["a\\u001b[31m"]', "bad_value"],
    ["a right-to-left override", 'script: "a/b\\u202e"', "bad_value"],
    ["a private key", "script: |\n  -----BEGIN PRIVATE KEY-----\n  MC4CAQ", "private_key"],
    ["an unknown capability", "capabilities: { stor: {} }", "unknown_key"],
    ["a quota where there is none", "capabilities: { peers: { quota: 1 MB } }", "unknown_key"],
    [
      "a scanner's folder that climbs",
      'capabilities: { scanner: { folder: "/a/../b" } }',
      "bad_value",
    ],
    ["a scanner's folder from here", "capabilities: { scanner: { folder: sigs } }", "bad_value"],
    ["a daemon elsewhere", 'capabilities: { scanner: { clamd: "10.0.0.1:3310" } }', "bad_value"],
    ["one generation", "capabilities: { scanner: { keep: 1 } }", "bad_value"],
    ["a browser without sites", "capabilities: { browser: { urls: [] } }", "bad_value"],
    ["a browser that says nothing", "capabilities: { browser: {} }", "missing_key"],
    [
      "a site with a path",
      'capabilities: { browser: { urls: ["https://a.example/b"] } }',
      "bad_value",
    ],
    ["a site of files", 'capabilities: { browser: { urls: ["file:///"] } }', "bad_value"],
    [
      "a site in capitals",
      'capabilities: { browser: { urls: ["https://A.example"] } }',
      "bad_value",
    ],
    [
      "a star inside a name",
      'capabilities: { browser: { urls: ["https://a.*.example"] } }',
      "bad_value",
    ],
    [
      "a selector that ends its rule",
      'capabilities: { browser: { urls: ["https://a.example"], mask: [".a {} *"] } }',
      "bad_value",
    ],
    [
      "a selector that is not closed",
      'capabilities: { browser: { urls: ["https://a.example"], mask: ["[data-x"] } }',
      "bad_value",
    ],
    [
      "a selector whose function is not closed",
      'capabilities: { browser: { urls: ["https://a.example"], mask: [":not(.a"] } }',
      "bad_value",
    ],
    [
      "a selector whose quote is not closed",
      `capabilities: { browser: { urls: ["https://a.example"], mask: ["[a='b]"] } }`,
      "bad_value",
    ],
    [
      "a browser elsewhere",
      'capabilities: { browser: { urls: ["https://a.example"], attach: "10.0.0.1:9222" } }',
      "bad_value",
    ],
    ["a bare quota", "capabilities: { store: { quota: 1 } }", "bad_unit"],
    ["a life that is none", "life: forever", "bad_value"],
    ["a level that is none", "isolation: 4", "bad_value"],
    ["no runs", "limits: { runs: 0 }", "bad_value"],
    ["runs in octal", "limits: { runs: 010 }", "bad_value"],
    ["an alias that is no path", "serve: { allow: [loopback], alias: print }", "bad_value"],
    ["an alias of the agent's own", "serve: { allow: [loopback], alias: /v1/x }", "bad_value"],
    ["an alias that climbs", "serve: { allow: [loopback], alias: /a/../b }", "bad_value"],
    ["a bare bound of requests", "serve: { allow: [loopback], body: 5 }", "bad_unit"],
    ["serve for nobody", "serve: { allow: [] }", "bad_value"],
    ["unsafe without a reason", "permissions: { unsafe: [{ permission: run }] }", "missing_key"],
    ["an address twice", 'permissions: { net: ["a:1", "a:1"] }', "duplicate"],
    [
      "an address twice, once internal",
      'permissions: { net: ["a:1", { address: "a:1", internal: true }] }',
      "duplicate",
    ],
    [
      "internal beside an address",
      'permissions: { net: [{ address: "10.0.0.1:1", internal: true }] }',
      "bad_value",
    ],
    [
      "an internal and a public name on one port",
      'permissions: { net: ["a:1", { address: "b:1", internal: true }] }',
      "overlap",
    ],
    ["nesting", "script: " + "[".repeat(17) + "]".repeat(17), "too_deep"],
    ["block nesting", "- ".repeat(20) + "a", "too_deep"],
    ["nesting by lines", lines(16), "too_deep"],
    ["a megabyte of brackets", "[".repeat(1 << 20), "too_deep"],
    ["more than a megabyte", "#".repeat((1 << 20) + 1), "too_large"],
  ];
  for (const [what, text, code] of cases) {
    await t.step(what, () => assert.equal(mistakesOf(text)[0]?.code, code));
  }
});

Deno.test("parseGrant() never shows a private key", () => {
  const secret = "MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  for (const text of [`script: ${secret}`, `permissions: ${secret}`, `orders: ["${secret}"]`]) {
    for (const mistake of mistakesOf(text)) {
      assert.ok(!renderMistake(mistake).includes("MC4CAQ"), text);
    }
  }
});

Deno.test("parseGrant() reads 50,000 keys in linear time", () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join("\n");
  assert.equal(mistakesOf(text).length, 50_000);
});

Deno.test("parseGrant() reads what is nested by lines as deep as it may be", () => {
  assert.ok(mistakesOf(lines(15)).every(({ code }) => code !== "too_deep"));
});

/** Keys in keys, so many levels of them. */
function lines(levels: number): string {
  return Array.from({ length: levels }, (_, i) => `${" ".repeat(i)}k:`).join("\n");
}

function mistakesOf(text: string) {
  try {
    parseGrant(text, "g.yaml");
  } catch (error) {
    assert.ok(error instanceof PolicyError);
    assert.equal(error.code, error.mistakes[0].code);
    return error.mistakes;
  }
  return [];
}

import assert from "node:assert/strict";
import { is } from "valibot";
import { DEFAULT_LIMITS, grantSchema } from "../../runtime/core/documents/grant.ts";
import { DEFAULT_SERVE, serveSettings } from "../../runtime/core/documents/serve.ts";
import { parseGrant, PolicyError, renderMistake } from "../../runtime/policy/mod.ts";
import { brief } from "./fixture.ts";

Deno.test("parseGrant() reads the whole of a grant", () => {
  const grant = parseGrant(
    `script: acme/print
orders: [hub, operator]
permissions:
  net: ["192.168.1.20:631", { address: "intranet.example:443", internal: true }]
  read: [/srv/forms]
  write: [/srv/out]
  env: [PRINTER]
  sys: [hostname]
  unsafe:
    - { permission: run, value: /usr/bin/lp, reason: the driver has no other way }
serve: { allow: [loopback] }
capabilities:
  store: { quota: 50 MB }
  peers: {}
limits: { memory: 128 MB, cpu: 10 s, wall: 2 min, output: 1 MB, runs: 4 }
life: warm
isolation: 1
`,
    "print.yaml",
  );
  assert.deepEqual(grant, {
    script: "acme/print",
    orders: ["hub", "operator"],
    permissions: {
      net: [
        { address: "192.168.1.20:631", internal: false },
        { address: "intranet.example:443", internal: true },
      ],
      read: ["/srv/forms"],
      write: ["/srv/out"],
      env: ["PRINTER"],
      sys: ["hostname"],
      unsafe: [{
        permission: "run",
        value: "/usr/bin/lp",
        reason: "the driver has no other way",
      }],
    },
    limits: { memoryBytes: 128e6, cpuMs: 10e3, wallMs: 120e3, outputBytes: 1e6, runs: 4 },
    serve: ["loopback"],
    capabilities: { store: { quotaBytes: 50e6 }, peers: {} },
    life: "warm",
    minLevel: 1,
  });
  assert.ok(is(grantSchema, grant));
});

Deno.test("parseGrant() reads settings as the JSON they would be", () => {
  const settings = (yaml: string) => parseGrant(`settings: ${yaml}`, "x.yaml").settings;
  assert.deepEqual(
    settings(
      '{ queues: { "1st floor": { jobs: 10, keep: 0 s, shown: true } }, note: "1", no: [null] }',
    ),
    { queues: { "1st floor": { jobs: 10, keep: "0 s", shown: true } }, note: "1", no: [null] },
  );
  for (const bad of ["[a]", "text", "{ a: 1, a: 2 }", '{ a: "" }', '{ a: "\\u202e" }']) {
    assert.throws(() => settings(bad), PolicyError, bad);
  }
});

Deno.test("parseGrant() fills in the defaults, and needs neither script nor orders", () => {
  assert.deepEqual(parseGrant("permissions: {}", "x.yaml"), {
    script: "local/try",
    orders: [],
    permissions: {},
    limits: DEFAULT_LIMITS,
  });
  assert.deepEqual(parseGrant("limits: { cpu: 1 s }", "x").limits, {
    ...DEFAULT_LIMITS,
    cpuMs: 1000,
  });
});

Deno.test("parseGrant() leaves empty lists out, so that they grant nothing", () => {
  assert.deepEqual(parseGrant("permissions: { net: [], read: [] }", "x").permissions, {});
});

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

Deno.test("parseGrant() reads the bounds of an endpoint", () => {
  const { serve } = parseGrant(
    "serve: { allow: [loopback], alias: /ipp/print, body: 600 MB, idle: 30 s, wall: 10 min, requests: 32 }",
    "print.yaml",
  );
  assert.deepEqual(serve, {
    allow: ["loopback"],
    alias: "/ipp/print",
    bodyBytes: 600e6,
    idleMs: 30e3,
    wallMs: 600e3,
    requests: 32,
  });
});

Deno.test("serveSettings() completes both forms", () => {
  assert.deepEqual(serveSettings(undefined).allow, []);
  assert.deepEqual(serveSettings(["public"]), { ...DEFAULT_SERVE, allow: ["public"] });
  assert.deepEqual(serveSettings({ allow: ["peers"], idleMs: 5, alias: "/x" }), {
    ...DEFAULT_SERVE,
    allow: ["peers"],
    alias: "/x",
    idleMs: 5,
  });
});

Deno.test("parseGrant() reads what an admin fixes about the browser", () => {
  const read = (settings: string) =>
    parseGrant(`capabilities: { browser: { ${settings} } }`, "browse.yaml").capabilities?.browser;
  assert.deepEqual(
    read(
      'urls: ["https://shop.example", { origin: "http://10.0.0.7:8080", internal: true }], ' +
        'deny: ["https://bank.example"], mask: [".iban"], hide: ["#pay > td"], pages: 2, ' +
        'attach: "127.0.0.1:9222"',
    ),
    {
      urls: [
        { origin: "https://shop.example", internal: false },
        { origin: "http://10.0.0.7:8080", internal: true },
      ],
      deny: ["https://bank.example"],
      mask: [".iban"],
      hide: ["#pay > td"],
      pages: 2,
      attach: "127.0.0.1:9222",
    },
  );
  assert.deepEqual(read('urls: ["https://*.example.org", "https://*"]')?.urls.length, 2);
});

Deno.test("parseGrant() reads what an admin fixes about the scanner", () => {
  const read = (settings: string) =>
    parseGrant(`capabilities: { scanner: ${settings} }`, "sigs.yaml").capabilities;
  assert.deepEqual(read("{}"), { scanner: {} });
  assert.deepEqual(
    read('{ folder: /var/lib/writ/sigs, clamd: "127.0.0.1:3310", keep: 2, untested: true }'),
    { scanner: { folder: "/var/lib/writ/sigs", clamd: "127.0.0.1:3310", keep: 2, untested: true } },
  );
  assert.deepEqual(read("{ clamd: /run/clamav/clamd.ctl, canaries: /srv/canaries }"), {
    scanner: { clamd: "/run/clamav/clamd.ctl", canaries: "/srv/canaries" },
  });
});

import assert from "node:assert/strict";
import { is } from "valibot";
import { DEFAULT_LIMITS, grantSchema } from "../../runtime/core/documents/grant.ts";
import { DEFAULT_SERVE, serveSettings } from "../../runtime/core/documents/serve.ts";
import { parseGrant, PolicyError } from "../../runtime/policy/mod.ts";

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

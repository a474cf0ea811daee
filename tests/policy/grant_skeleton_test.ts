import assert from "node:assert/strict";
import type { Manifest } from "../../runtime/core/documents/manifest.ts";
import { parseGrant, writeGrantSkeleton } from "../../runtime/policy/mod.ts";

const MANIFEST: Manifest = {
  publisher: "acme",
  name: "print",
  version: "1.4.0",
  sequence: 7,
  module: { sha256: `sha256:${"0".repeat(64)}`, length: 1, mediaType: "application/typescript" },
  requests: [],
  capabilities: [],
  runtime: "*",
  life: "fresh",
  idempotent: false,
  created: "2026-01-01T00:00:00Z",
};

Deno.test("writeGrantSkeleton() writes a grant of exactly what was asked", () => {
  const text = writeGrantSkeleton({
    ...MANIFEST,
    description: "Prints.",
    requests: [
      { permission: "net", value: "192.168.1.20:631", reason: "the printer" },
      { permission: "read", value: "/srv/forms", reason: "the forms" },
    ],
    capabilities: ["store"],
    limits: { memoryBytes: 128e6 },
    life: "warm",
  }, ["hub"]);
  assert.deepEqual(parseGrant(text, "print.yaml"), {
    script: "acme/print",
    orders: ["hub"],
    permissions: {
      net: [{ address: "192.168.1.20:631", internal: false }],
      read: ["/srv/forms"],
    },
    limits: { memoryBytes: 128e6, cpuMs: 2e3, wallMs: 10e3, outputBytes: 256e3, runs: 1 },
    capabilities: { store: {} },
    life: "warm",
  });
  assert.ok(text.includes("# the printer"));
});

Deno.test("writeGrantSkeleton() leaves to the admin which sites a browser may open", () => {
  for (const alone of [[], ["store"]] as Manifest["capabilities"][]) {
    const capabilities = [...alone, "browser" as const];
    const text = writeGrantSkeleton({ ...MANIFEST, capabilities }, ["hub"]);
    const granted = parseGrant(text, "print.yaml").capabilities ?? {};
    assert.deepEqual(Object.keys(granted), alone);
    // What stands there is a grant once the comments are taken away.
    const decided = text.replace(" {} # take {} away to grant what follows", "")
      .replaceAll("  # ", "  ");
    assert.deepEqual(Object.keys(parseGrant(decided, "print.yaml").capabilities!), capabilities);
  }
});

Deno.test("writeGrantSkeleton() leaves to the admin what is wide, open or unsafe", () => {
  const text = writeGrantSkeleton({
    ...MANIFEST,
    requests: [
      { permission: "net", reason: "your printer" },
      { permission: "read", value: "/proc", reason: "why not" },
      { permission: "env", value: "LD_PRELOAD", reason: "speed" },
      { permission: "run", value: "/bin/sh", reason: "a shell" },
    ],
  }, ["hub"]);
  assert.deepEqual(parseGrant(text, "print.yaml").permissions, {});
  for (const asked of ["/proc", "LD_PRELOAD", "/bin/sh", "your printer"]) {
    assert.ok(text.split("\n").some((line) => line.includes(asked) && line.trim().startsWith("#")));
  }
});

Deno.test("writeGrantSkeleton() lets no reason or value end its comment", () => {
  const text = writeGrantSkeleton({
    ...MANIFEST,
    description: "x\nlimits: { memory: 100 GB }",
    requests: [
      { permission: "net", value: "a.example:1", reason: "x\r\npermissions:\u2028  read: [/]" },
      { permission: "sys", value: "uid\u0085env: [A]", reason: "\u001b[31mred" },
    ],
  }, ["hub"]);
  const grant = parseGrant(text, "print.yaml");
  assert.deepEqual(grant.permissions, { net: [{ address: "a.example:1", internal: false }] });
  assert.equal(grant.limits.memoryBytes, 64e6);
  assert.doesNotMatch(text, /[\p{Cc}--\n]/v);
});

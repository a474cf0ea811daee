import assert from "node:assert/strict";
import type { PublicKey } from "../../runtime/core/documents/common.ts";
import {
  denyInYaml,
  grantInYaml,
  ordererKeyInYaml,
  PolicyError,
  publisherKeyInYaml,
} from "../../runtime/policy/mod.ts";
import { goodFiles, newKey } from "./fixture.ts";

const [a, b] = [newKey(), newKey()] as [PublicKey, PublicKey];

const ACCEPT = `# Ask Eve first.
publishers:
  acme: { keys: [${a}], threshold: 1 } # the printer people
accept: []

# What may not run.
deny: [] # nothing yet
`;

/** The lines of `after` that are not in `before`, and the other way round. */
function changed(before: string, after: string): [gone: string[], fresh: string[]] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  return [old.filter((l) => !now.includes(l)), now.filter((l) => !old.includes(l))];
}

Deno.test("denyInYaml() adds each kind of entry once, and leaves the rest as it was", () => {
  const entries = [
    { script: "acme/print", reason: "leaks" },
    { script: "acme/print", range: "<2", reason: "old" },
    { sha256: `sha256:${"0".repeat(64)}`, reason: "bad" },
    { key: a, reason: "stolen" },
  ] as const;
  let text = ACCEPT;
  for (const entry of entries) text = denyInYaml(text, "accept.yaml", entry).text;
  for (const entry of entries) {
    const again = { ...entry, reason: "another reason" };
    assert.deepEqual(denyInYaml(text, "accept.yaml", again), { text, changed: false });
  }
  const [gone, fresh] = changed(ACCEPT, text);
  assert.deepEqual(gone, ["deny: [] # nothing yet"]);
  assert.equal(fresh.filter((line) => line.startsWith("  - {")).length, entries.length);
  assert.ok(text.includes("# nothing yet"));
});

Deno.test("denyInYaml() makes the file where there is none, for either mode", () => {
  const entry = { script: "acme/print", reason: "leaks" } as const;
  assert.match(denyInYaml("", "a.yaml", entry).text, /^publishers: \{ ?\}\ndeny:\n {2}- \{/);
  assert.match(denyInYaml("", "a.yaml", entry, { narrowing: true }).text, /^deny:\n {2}- \{/);
});

Deno.test("denyInYaml() refuses an entry without a reason, and a file with mistakes", () => {
  for (const text of [ACCEPT, "deny: {}\n"]) {
    assert.throws(() => denyInYaml(text, "a.yaml", { script: "acme/print" }), PolicyError);
  }
});

Deno.test("publisherKeyInYaml() adds, retires and revokes a key in its place", () => {
  const at = (state: "active" | "retired" | "revoked", key = a) => ({
    publisher: "acme",
    key,
    state,
  });
  const edit = (text: string, change: Parameters<typeof publisherKeyInYaml>[2]) =>
    publisherKeyInYaml(text, "accept.yaml", change).text;
  const two = edit(ACCEPT, at("active", b));
  assert.ok(two.includes(a) && two.includes(b) && two.includes("# the printer people"));
  assert.equal(edit(two, at("active", b)), two);
  const retired = edit(two, { ...at("retired"), maxSequence: 7 });
  assert.match(retired, new RegExp(`key: ${a}, state: retired, max-sequence: 7`));
  const revoked = edit(retired, at("revoked"));
  assert.match(revoked, new RegExp(`key: ${a}, state: revoked \\}`));
  assert.equal(edit(revoked, at("revoked")), revoked);
  assert.deepEqual(changed(ACCEPT, revoked)[0].length, 1);
  for (const state of ["active", "retired"] as const) {
    assert.throws(() => edit(revoked, at(state)), RangeError, "a revoked key comes never back");
  }
  const stranger = newKey() as PublicKey;
  assert.throws(() => edit(two, at("revoked", stranger)), RangeError);
  assert.ok(edit(ACCEPT, { publisher: "new", key: b, state: "active" }).includes("new:"));
});

Deno.test("ordererKeyInYaml() adds a key to an orderer, or an orderer with one", () => {
  const before = goodFiles(a)["fleet.yaml"]!;
  const two = ordererKeyInYaml(before, "fleet.yaml", { orderer: "operator", key: b }).text;
  assert.deepEqual(changed(before, two)[0].length, 1);
  assert.equal(ordererKeyInYaml(two, "fleet.yaml", { orderer: "operator", key: b }).changed, false);
  assert.match(ordererKeyInYaml(before, "f.yaml", { orderer: "night", key: b }).text, /night:/);
});

Deno.test("grantInYaml() widens what it is told to and touches no other line", () => {
  const before = `# Prints. Eve looks after it.
script: acme/print
orders: [operator] # for now

permissions: {} # nothing
limits: { memory: 64 MB, cpu: 2 s } # small
`;
  const more = {
    orders: ["operator", "hub"],
    permissions: [
      { kind: "net", value: "192.168.1.20:631" },
      { kind: "net", value: "a.example:443" },
      { kind: "read", value: "/srv/forms" },
    ],
    capabilities: ["store"],
    limits: { cpuMs: 10_000 },
  } as const;
  const { text } = grantInYaml(before, "print.yaml", more);
  for (const kept of ["# Prints. Eve looks after it.", "# for now", "# nothing", "# small"]) {
    assert.ok(text.includes(kept), kept);
  }
  assert.match(text, /^orders: \[ ?operator, hub ?\]/m);
  assert.match(text, /cpu: 10 s/);
  assert.match(text, /store:/);
  assert.equal(grantInYaml(text, "print.yaml", { ...more, limits: {} }).changed, false);
});

Deno.test("grantInYaml() refuses what needs the word unsafe", () => {
  const before = "script: acme/print\norders: [operator]\n";
  for (const [kind, value] of [["read", "/etc/shadow"], ["env", "LD_PRELOAD"]] as const) {
    assert.throws(
      () => grantInYaml(before, "print.yaml", { permissions: [{ kind, value }] }),
      (error) => error instanceof PolicyError && error.code === "needs_unsafe",
    );
  }
});

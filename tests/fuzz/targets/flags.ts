import assert from "node:assert/strict";
import fc from "fast-check";
import type { Permissions } from "../../../runtime/core/documents/grant.ts";
import { denoFlags, PolicyError } from "../../../runtime/policy/mod.ts";
import { allowing } from "../allowed.ts";
import { textOf } from "../mutate.ts";
import { probe, type Target } from "../target.ts";

const KINDS = ["net", "read", "write", "env", "sys", "run", "ffi"] as const;
const WORDS = [
  ...",=-:/.*?@[]\n\0 \\'\"".split(""),
  ...[
    "--allow-all",
    "-A",
    "--",
    "/srv/forms",
    "/srv",
    "/etc",
    "/..",
    "a.example:443",
    "printer:631",
  ],
  ...["192.168.1.20:631", "[2001:db8::1]:80", "[::ffff:10.0.0.1]:80", "10.0.0.0/8", "*.example:80"],
  ...[
    "HOME",
    "LANG",
    "PATH",
    "hostname",
    "uid",
    "lp",
    "/usr/bin/lp",
    "é",
    "\u202e",
    "%2c",
    "\uff0c",
  ],
];
const value = fc.oneof(fc.constantFrom(...WORDS), textOf(WORDS, 4), fc.webUrl());
const some = fc.array(value, { maxLength: 3 });

const permissions: fc.Arbitrary<Permissions> = fc.record({
  net: fc.array(fc.record({ address: value, internal: fc.boolean() }), { maxLength: 3 }),
  read: some,
  write: some,
  env: some,
  sys: some,
  unsafe: fc.array(
    fc.record({ permission: fc.constantFrom(...KINDS), value, reason: fc.constantFrom("", "why") }),
    { maxLength: 2 },
  ),
}, { requiredKeys: [] });

/** Values that would be more than themselves on a command line. */
export const flags: Target = {
  name: "flags",
  what: "Any values in a grant: PolicyError, or flags that say exactly those values.",
  open: () =>
    probe(permissions, (granted) => {
      const compiled = allowing([PolicyError], () => denoFlags(granted));
      if (!compiled) return;
      const expected = new Map(KINDS.map((kind) => [kind as string, grantedOf(granted, kind)]));
      const found = new Map(compiled.allow.map((flag) => parseFlag(flag, "allow")));
      assert.equal(found.size, compiled.allow.length, "a kind has two flags");
      for (const [kind, values] of expected) {
        assert.deepEqual(found.get(kind) ?? new Set(), values, kind);
      }
      for (const flag of compiled.deny) {
        const [kind, values] = parseFlag(flag, "deny");
        assert.ok(kind === "import" ? values === "all" : kind === "net" && values !== "all");
      }
      assertSameInWorker(compiled.worker, found);
    }),
};

/** As Deno reads a flag: everything after the first `=`, split at commas; alone it means all. */
function parseFlag(flag: string, verb: "allow" | "deny"): [string, Set<string> | "all"] {
  const match = new RegExp(`^--${verb}-([a-z]+)(?:=([^\\x00-\\x1f]+))?$`).exec(flag);
  assert.ok(match, `not one flag: ${flag}`);
  return [match[1]!, match[2] === undefined ? "all" : new Set(match[2].split(","))];
}

function grantedOf(granted: Permissions, kind: (typeof KINDS)[number]): Set<string> | "all" {
  const unsafe = (granted.unsafe ?? []).filter((entry) => entry.permission === kind);
  if (unsafe.some(({ value }) => value === "")) return "all";
  const safe = kind === "net"
    ? granted.net?.map(({ address }) => address)
    : kind === "run" || kind === "ffi"
    ? []
    : granted[kind];
  return new Set([...safe ?? [], ...unsafe.map(({ value }) => value)]);
}

function assertSameInWorker(
  worker: Deno.PermissionOptions,
  found: ReadonlyMap<string, Set<string> | "all">,
): void {
  if (worker === "none") return assert.equal(found.size, 0);
  const held = worker as Record<string, unknown>;
  for (const kind of KINDS) {
    const flag = found.get(kind);
    const values = held[kind] === true ? "all" : held[kind] || undefined;
    assert.deepEqual(Array.isArray(values) ? new Set(values) : values, flag, kind);
  }
}

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  DEFAULT_LIMITS,
  type Grant,
  type Permissions,
} from "../../runtime/core/documents/grant.ts";
import { firstUncovered } from "../../runtime/core/permission_subset.ts";
import { requireWithinCeiling } from "../../runtime/core/verification/requests.ts";
import { beyondCeiling } from "../../runtime/policy/ceiling.ts";
import { checkPermissions, denoFlags } from "../../runtime/policy/mod.ts";
import { permissions } from "./permissions_arbitrary.ts";

Deno.test("denoFlags() allow exactly what the grant lists: effective ⊆ grant", () => {
  fc.assert(fc.property(permissions, (granted) => {
    fc.pre(checkPermissions(granted).length === 0);
    const { allow, unsafe } = denoFlags(granted);
    for (const flag of allow) {
      const [, kind, list] = /^--allow-(\w+)(?:=(.+))?$/.exec(flag)!;
      const asUnsafe = (granted.unsafe ?? []).filter((u) => u.permission === kind);
      if (list === undefined) {
        assert.ok(asUnsafe.some((u) => u.value === ""));
        assert.ok(unsafe.includes(flag));
        continue;
      }
      const plain = (granted[kind as keyof Permissions] ?? []).map((v) =>
        typeof v === "string" ? v : "address" in v ? v.address : ""
      );
      const given = new Set([...plain, ...asUnsafe.map((u) => u.value)]);
      assert.deepEqual(new Set(list.split(",")), given);
    }
  }));
});

Deno.test("beyondCeiling() agrees with what is asked before a run: grant ⊆ ceiling", () => {
  fc.assert(fc.property(permissions, permissions, fc.boolean(), (granted, most, more) => {
    const limits = { ...DEFAULT_LIMITS, cpuMs: DEFAULT_LIMITS.cpuMs + (more ? 1 : 0) };
    const grant: Grant = { script: "a/b", orders: [], permissions: granted, limits };
    const ceiling = { permissions: most, limits: DEFAULT_LIMITS };
    let refused = false;
    try {
      requireWithinCeiling(grant, ceiling);
    } catch {
      refused = true;
    }
    assert.equal(beyondCeiling(grant, ceiling).length > 0, refused);
  }));
});

Deno.test("beyondCeiling() never finds anything in a grant that is the ceiling itself", () => {
  fc.assert(fc.property(permissions, (granted) => {
    const grant: Grant = {
      script: "a/b",
      orders: [],
      permissions: granted,
      limits: DEFAULT_LIMITS,
    };
    assert.deepEqual(beyondCeiling(grant, { permissions: granted, limits: DEFAULT_LIMITS }), []);
  }));
});

/** The permissions that a cell's `--allow` flags really give. */
function effective(allow: readonly string[]): Permissions {
  const given: Record<string, unknown> = {};
  const unsafe: { permission: string; value: string; reason: string }[] = [];
  for (const flag of allow) {
    const [, kind, list] = /^--allow-(\w+)(?:=(.+))?$/.exec(flag)!;
    if (list === undefined) unsafe.push({ permission: kind!, value: "", reason: "all" });
    else if (kind === "net") {
      given.net = list.split(",").map((address) => ({ address, internal: false }));
    } else if (kind === "run") {
      for (const value of list.split(",")) unsafe.push({ permission: kind, value, reason: "flag" });
    } else given[kind!] = list.split(",");
  }
  return { ...given, ...(unsafe.length > 0 && { unsafe }) } as Permissions;
}

Deno.test("what a cell is given is covered by its grant and by the ceiling: effective ⊆ grant ⊆ ceiling", () => {
  let within = 0;
  fc.assert(
    fc.property(permissions, permissions, fc.boolean(), (granted, more, roomy) => {
      fc.pre(checkPermissions(granted).length === 0);
      // Half of all ceilings have room for the grant, so that both answers are met.
      const ceiling = roomy ? merged(granted, more) : more;
      const grant: Grant = {
        script: "a/b",
        orders: [],
        permissions: granted,
        limits: DEFAULT_LIMITS,
      };
      const given = effective(denoFlags(granted).allow);
      assert.equal(firstUncovered(given, granted), undefined, "effective ⊆ grant");
      if (beyondCeiling(grant, { permissions: ceiling, limits: DEFAULT_LIMITS }).length > 0) return;
      within++;
      assert.equal(firstUncovered(given, ceiling), undefined, "effective ⊆ ceiling");
    }),
    { numRuns: 500 },
  );
  assert.ok(within > 50, `${within} grants were within their ceiling`);
});

function merged(a: Permissions, b: Permissions): Permissions {
  const kinds = [...new Set([...Object.keys(a), ...Object.keys(b)])] as (keyof Permissions)[];
  return Object.fromEntries(kinds.map((kind) => [kind, [...a[kind] ?? [], ...b[kind] ?? []]]));
}

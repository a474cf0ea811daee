import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Ceiling,
  DEFAULT_LIMITS,
  DEFAULT_QUOTAS,
  type Grant,
  type Permissions,
} from "../../runtime/core/documents/grant.ts";
import { firstUncovered } from "../../runtime/core/permission_subset.ts";
import { requireWithinCeiling } from "../../runtime/core/verification/requests.ts";
import { beyondCeiling } from "../../runtime/policy/ceiling.ts";
import { checkPermissions, denoFlags } from "../../runtime/policy/mod.ts";
import { permissions } from "./permissions_arbitrary.ts";
import { services } from "./services_arbitrary.ts";

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
  const more = fc.boolean();
  const given = fc.tuple(permissions, services);
  fc.assert(fc.property(given, given, more, ([granted, lent], [most, lendable], more) => {
    const limits = { ...DEFAULT_LIMITS, cpuMs: DEFAULT_LIMITS.cpuMs + (more ? 1 : 0) };
    const grant: Grant = { script: "a/b", orders: [], permissions: granted, limits, ...lent };
    const ceiling = { permissions: most, limits: DEFAULT_LIMITS, ...lendable };
    assert.equal(beyondCeiling(grant, ceiling).length > 0, isRefused(grant, ceiling));
  }));
});

Deno.test("a grant within the ceiling lends and serves nothing that the ceiling does not name", () => {
  let within = 0;
  fc.assert(
    fc.property(services, services, (lent, ceiling) => {
      const none = { permissions: {}, limits: DEFAULT_LIMITS };
      if (isRefused({ script: "a/b", orders: [], ...none, ...lent }, { ...none, ...ceiling })) {
        return;
      }
      within++;
      for (const [name, settings] of Object.entries(lent.capabilities ?? {})) {
        const { capabilities } = ceiling;
        if (capabilities === undefined) continue;
        assert.ok(Object.hasOwn(capabilities, name), name);
        assert.ok(
          quotaOf(name, settings ?? {}) <= quotaOf(name, capabilities[name as "store"]!),
          name,
        );
      }
      for (const caller of lent.serve ?? []) assert.ok(ceiling.serve?.includes(caller) ?? true);
    }),
    { numRuns: 1_000 },
  );
  assert.ok(within > 50, `${within} grants were within their ceiling`);
});

function quotaOf(name: string, settings: { quotaBytes?: number | undefined }): number {
  return settings.quotaBytes ?? DEFAULT_QUOTAS[name as "store"] ?? 0;
}

function isRefused(grant: Grant, ceiling: Ceiling): boolean {
  try {
    requireWithinCeiling(grant, ceiling);
    return false;
  } catch {
    return true;
  }
}

Deno.test("beyondCeiling() never finds anything in a grant that is the ceiling itself", () => {
  fc.assert(fc.property(permissions, services, (permissions, lent) => {
    const ceiling = { permissions, limits: DEFAULT_LIMITS, ...lent };
    assert.deepEqual(beyondCeiling({ script: "a/b", orders: [], ...ceiling }, ceiling), []);
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

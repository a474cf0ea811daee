import assert from "node:assert/strict";
import fc from "fast-check";
import {
  DEFAULT_LIMITS,
  type Grant,
  type Permissions,
} from "../../runtime/core/documents/grant.ts";
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

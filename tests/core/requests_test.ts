import type { Ceiling, Grant } from "../../runtime/core/documents/grant.ts";
import type { Manifest } from "../../runtime/core/documents/manifest.ts";
import { checkRequests, requireWithinCeiling } from "../../runtime/core/verification/requests.ts";
import { assertRefused } from "./assert_refused.ts";
import { makeFleet } from "./fixtures.ts";

const fleet = makeFleet();
const NET = { net: [{ address: "printer.example:631", internal: true }] };
const limits = fleet.grant().limits;
const reason = "to print";

function check(
  manifest: Partial<Manifest>,
  grant: Partial<Grant>,
  ceiling: Ceiling = fleet.ceiling,
) {
  checkRequests(fleet.manifest(manifest), fleet.grant(grant), ceiling);
}

Deno.test("checkRequests() refuses a permission that the grant does not give", () => {
  const requests = [{ permission: "net", value: "printer.example:631", reason }] as const;
  check({ requests: [...requests] }, { permissions: NET });
  assertRefused("request_beyond_grant", () => check({ requests: [...requests] }, {}));
  const any = [{ permission: "net" as const, reason }];
  check({ requests: any }, { permissions: NET });
  assertRefused("request_beyond_grant", () => check({ requests: any }, {}));
});

Deno.test("checkRequests() accepts a grant that gives more than is asked", () => {
  check({}, { permissions: NET });
});

Deno.test("checkRequests() refuses a capability that the grant does not lend", () => {
  check({ capabilities: ["store"] }, { capabilities: { store: {}, blobs: {} } });
  const capabilities = { blobs: {} };
  assertRefused("request_beyond_grant", () => check({ capabilities: ["store"] }, { capabilities }));
  assertRefused("request_beyond_grant", () => check({ capabilities: ["store"] }, {}));
});

Deno.test("checkRequests() refuses a longer life than the grant's", () => {
  check({ life: "warm" }, { life: "live" });
  check({ life: "fresh" }, {});
  assertRefused("request_beyond_grant", () => check({ life: "live" }, { life: "warm" }));
  assertRefused("request_beyond_grant", () => check({ life: "warm" }, {}));
});

Deno.test("checkRequests() refuses a limit above the grant's", async (t) => {
  for (const name of Object.keys(limits) as (keyof typeof limits)[]) {
    await t.step(name, () => {
      check({ limits: { [name]: limits[name] } }, {});
      const asked = { [name]: limits[name] + 1 };
      assertRefused("request_beyond_grant", () => check({ limits: asked }, {}));
    });
  }
});

Deno.test("checkRequests() refuses a grant above the ceiling", async (t) => {
  check({}, { permissions: NET });
  const none = { ...fleet.ceiling, permissions: {} };
  assertRefused("grant_beyond_ceiling", () => check({}, { permissions: NET }, none));
  for (const name of Object.keys(limits) as (keyof typeof limits)[]) {
    await t.step(name, () => {
      const most = fleet.ceiling.limits[name];
      check({}, { limits: { ...limits, [name]: most } });
      const above = fleet.grant({ limits: { ...limits, [name]: most + 1 } });
      assertRefused("grant_beyond_ceiling", () => requireWithinCeiling(above, fleet.ceiling));
    });
  }
});

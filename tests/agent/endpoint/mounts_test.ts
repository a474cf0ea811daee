import assert from "node:assert/strict";
import { mountOf } from "../../../runtime/agent/endpoint/mounts.ts";
import { ROUTES } from "../../../runtime/agent/http/route_table.ts";
import type { ScriptName } from "../../../runtime/core/documents/common.ts";
import { OWN_PATHS } from "../../../runtime/core/documents/serve.ts";
import { TestFleet } from "../fixture.ts";

/** Where paths lead under grants with these aliases. */
function leading(aliases: Record<ScriptName, string>) {
  const fleet = new TestFleet();
  const grants = Object.entries(aliases).map(([name, alias]) => {
    const script = name as ScriptName;
    return [script, { ...fleet.grant(), script, serve: { allow: ["loopback" as const], alias } }];
  });
  const policy = fleet.policy({ grants: new Map(grants as never) });
  return (path: string) => mountOf(path, policy)?.script;
}

Deno.test("mountOf() lets no alias lead anywhere that another one meets", () => {
  const to = leading({ "a/x": "/ipp/print", "a/y": "/ipp/print", "a/z": "/other" });
  assert.deepEqual(["/ipp/print", "/other", "/other/q"].map(to), [undefined, "a/z", "a/z"]);
  const nested = leading({ "a/x": "/ipp", "a/y": "/ipp/print" });
  assert.deepEqual(["/ipp", "/ipp/print", "/ipp/q"].map(nested), [undefined, undefined, undefined]);
});

Deno.test("no alias can stand in front of a route of the agent", () => {
  for (const { path } of ROUTES) {
    assert.ok(OWN_PATHS.includes(path.split("/")[1]!), path);
  }
});

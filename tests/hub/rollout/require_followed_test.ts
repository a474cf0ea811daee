import assert from "node:assert/strict";
import { HubError } from "../../../runtime/hub/mod.ts";
import { requireFollowed } from "../../../runtime/hub/releases/require_followed.ts";

Deno.test("requireFollowed() refuses a release that is more than a version ahead", () => {
  for (const version of ["0.4.9", "0.5.0", "0.5.3", "0.6.0-rc.1", "0.6.7"]) {
    requireFollowed({ version }, "0.5.0");
  }
  requireFollowed({ version: "1.9.0" }, "2.0.0");
  for (const version of ["0.7.0", "0.7.0-rc.1", "1.0.0", "9.9.9"]) {
    assert.throws(
      () => requireFollowed({ version }, "0.5.0"),
      (e) => e instanceof HubError && e.code === "conflict",
      version,
    );
  }
});

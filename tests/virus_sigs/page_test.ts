import assert from "node:assert/strict";
import { parseGrant } from "../../runtime/policy/mod.ts";
import { readSettings } from "../../scripts/virus-sigs/settings.ts";

const PAGE = Deno.readTextFileSync(new URL("../../docs/virus-signatures.md", import.meta.url));

Deno.test("the page for admins shows a grant and settings that are understood", () => {
  const blocks = [...PAGE.matchAll(/```yaml\n(# policy\/grants\/[^`]*)```/g)].map(([, text]) =>
    text!
  );
  assert.equal(blocks.length, 1);
  const grant = parseGrant(blocks[0]!, "virus-sigs.yaml");
  assert.deepEqual(grant.capabilities?.scanner, { folder: "/srv/clamav", clamd: "127.0.0.1:3310" });
  assert.deepEqual(readSettings(grant.settings).databases, ["main", "daily", "bytecode"]);
});

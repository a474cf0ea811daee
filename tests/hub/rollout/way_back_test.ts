import assert from "node:assert/strict";
import type { AcceptList } from "../../../runtime/core/documents/acceptlist.ts";
import type { Digest } from "../../../runtime/core/documents/common.ts";
import { TestHub, WHO } from "../hub_fixture.ts";
import { signedList } from "../signed_lists.ts";

Deno.test("a rollout warns when agents would refuse to go back to the version it names", async () => {
  await using hub = await TestHub.start();
  const { content, scripts, lists, rollouts } = hub.services;
  const { fleet } = hub;
  const digests: Digest[] = [];
  for (const [version, sequence] of [["1.0.0", 1], ["1.1.0", 2]] as const) {
    const { envelope, module, digest } = fleet.publish(version, { sequence }, `// ${version}`);
    await content.put("acme", digest, ReadableStream.from([module]));
    await scripts.publish("acme", WHO, envelope);
    digests.push(digest);
  }
  const subject = { kind: "script", script: fleet.script, input: null } as const;
  const why = (version: string, before: string | null) =>
    rollouts.whyNoWayBack("acme", { ...subject, version, before });
  let newest: Uint8Array | null = null;
  const accept = async (version: number, accept: AcceptList["accept"]) => {
    newest = signedList(hub, version, newest, { accept });
    await lists.put("acme", WHO, newest);
  };
  const range = { script: fleet.script, range: "*" };
  assert.equal(await why("1.1.0", "1.0.0"), null, "without a list the hub cannot tell");
  await accept(1, [range]);
  assert.match((await why("1.1.0", "1.0.0"))!, new RegExp(`sha256: "${digests[0]}"`));
  assert.equal(await why("1.0.0", "1.1.0"), null, "a newer one is no way back");
  assert.equal(await why("1.1.0", null), null);
  assert.match((await why("1.1.0", "0.9.0"))!, /was not published/);
  await accept(2, [range, { script: fleet.script, sha256: digests[0]! }]);
  assert.equal(await why("1.1.0", "1.0.0"), null);
});

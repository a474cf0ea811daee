import assert from "node:assert/strict";
import { sandboxRunner } from "../../../runtime/agent/cells/sandbox_runner.ts";
import type { AcceptEntry } from "../../../runtime/core/documents/acceptlist.ts";
import type { Digest } from "../../../runtime/core/documents/common.ts";
import { ServingAgent } from "./fixture.ts";

const answering = (word: string) => `export default { fetch: () => new Response("${word}") };`;

Deno.test("a prerelease serves only where the policy names it", async (t) => {
  await using agent = await ServingAgent.start(`fetch: () => new Response("1.0.0")`);
  const { fleet } = agent.test;
  const { script } = fleet;
  const { digest } = fleet.publish("2.0.0-rc.1", { sequence: 2 }, answering("2.0.0-rc.1"));
  const policy = fleet.policy.bind(fleet);
  const cases: [what: string, accept: AcceptEntry[], answers: string][] = [
    ["any version", [{ script, range: "*" }], "1.0.0"],
    ["versions above another", [{ script, range: ">=1.0.0" }], "1.0.0"],
    ["its hash", [{ script, range: "*" }, { script, sha256: digest as Digest }], "2.0.0-rc.1"],
    ["prereleases of its version", [{ script, range: "^2.0.0-rc.0 || ^1.0.0" }], "2.0.0-rc.1"],
  ];
  for (const [what, accept, answers] of cases) {
    await t.step(`${what}: ${answers}`, async () => {
      fleet.policy = (change = {}) => policy({ accept, ...change });
      await agent.test.agent.stop();
      await agent.test.start({ runner: sandboxRunner() });
      assert.equal(await agent.text(), answers);
    });
  }
  await t.step("a hash that is not there: what is refused says why", async () => {
    const sha256: Digest = `sha256:${"0".repeat(64)}`;
    fleet.policy = (change = {}) => policy({ accept: [{ script, sha256 }], ...change });
    await agent.test.agent.stop();
    await agent.test.start({ runner: sandboxRunner() });
    assert.deepEqual(await agent.refusal(), [404, "not_accepted"]);
  });
});

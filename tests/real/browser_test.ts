import assert from "node:assert/strict";
import { sandboxRunner } from "../../runtime/agent/cells/sandbox_runner.ts";
import { TestAgent } from "../agent/agent_fixture.ts";
import { TestFleet } from "../agent/fixture.ts";
import { TestSite } from "../capabilities/browser/site.ts";
import { withoutChromium } from "../capabilities/browser/chromium.ts";

const SCRIPT = `export default {
  async run({ url }, ctx) {
    const session = await ctx.browser.open(url, { width: 800, height: 600 });
    const told = [];
    const following = (async () => {
      for await (const event of session.events()) told.push(event.type);
    })();
    const applied = [
      await session.apply({ type: "input", element: { path: "#name" }, value: "Ada" }),
      await session.apply({ type: "click", point: { path: "#go", x: 0.5, y: 0.5 } }),
      await session.apply({ type: "input", element: { path: "#secret" }, value: "no" }),
    ];
    const refused = await ctx.browser.open("file:///etc/passwd").catch((error) => error.code);
    const { events } = await session.snapshot();
    const state = await session.state();
    await session.close();
    await following;
    return { applied, refused, snapshot: events.map(({ type }) => type), state, told };
  },
};`;

Deno.test({
  name: "a script under a real agent opens a page in a real Chromium, drives it and follows it",
  ...withoutChromium,
  fn: async () => {
    await using site = new TestSite({
      "/": `<input id=name><input id=secret type=password>
        <button id=go onclick="document.title = document.querySelector('#name').value">Go</button>`,
    });
    const fleet = new TestFleet();
    const policy = fleet.policy.bind(fleet);
    fleet.policy = (change = {}) => {
      const urls = [{ origin: site.origin, internal: true }];
      const { limits } = fleet.grant();
      const grant = fleet.grant({
        capabilities: { browser: { urls } },
        limits: { ...limits, wallMs: 60_000 },
      });
      const ceiling = { permissions: {}, limits: { ...limits, wallMs: 60_000, runs: 1000 } };
      return policy({ ceiling, grants: new Map([[fleet.script, grant]]), ...change });
    };
    fleet.publish("1.0.0", {}, SCRIPT);
    await using agent = await TestAgent.start({ runner: sandboxRunner() }, fleet);
    const { run } = await agent.order({ input: { url: `${site.origin}/` } });
    const { outcome } = await agent.ended(run);
    assert.equal(outcome?.outcome, "ok", JSON.stringify(outcome));
    const { result } = outcome as { result: Record<string, unknown> };
    assert.deepEqual(result.applied, [
      { applied: true },
      { applied: true },
      { applied: false, why: "masked" },
    ]);
    assert.equal(result.refused, "not_granted");
    assert.deepEqual(result.snapshot, [4, 2]);
    const [navigation, field] = result.state as { url?: string; value?: string }[];
    assert.deepEqual([navigation?.url, field?.value], [`${site.origin}/`, "Ada"]);
    assert.ok((result.told as string[]).includes("closed"));
    assert.ok(!(result.told as string[]).includes("input"), "what was applied is not told");
  },
});

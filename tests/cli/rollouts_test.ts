import assert from "node:assert/strict";
import { TestHub, WHO } from "../hub/hub_fixture.ts";
import { RawAgent } from "../hub/raw_agent.ts";
import { withRelease } from "../hub/rollout/signed_release.ts";
import { writ } from "./test_io.ts";

Deno.test("writ hub rollouts ID says in words why agents did badly, and what to do", async () => {
  await using hub = await TestHub.start();
  using agent = await RawAgent.enrolled(hub);
  const { release } = await withRelease(hub);
  const { rollouts, releases } = hub.services;
  const { id } = await rollouts.createForRelease("acme", WHO, release);
  await releases.refused("acme", agent.id, 7, "not_supervised");
  const token = await hub.token();
  const at = ["--hub", hub.hub.url, "--hub-token", "-"];
  const asked = async (...args: string[]) =>
    (await writ(["hub", ...args, ...at], { stdin: `${token}\n` })).stdout;
  const rollout = await asked("rollouts", id);
  assert.match(rollout, /not_supervised \(1\)/);
  assert.match(rollout, /not_supervised: Nothing would start this agent.*writ agent install/);
  assert.match(await asked("releases"), /^7 +0\.2\.0 +2\.9\.7 /m);
  const behind = await asked("releases", "--behind");
  assert.match(behind, / as installed .*Nothing would start this agent/);
});

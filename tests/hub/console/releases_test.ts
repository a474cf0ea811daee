import assert from "node:assert/strict";
import type { KeyId } from "../../../runtime/core/documents/common.ts";
import { withRelease } from "../rollout/signed_release.ts";
import { consoleFixture } from "./fixture.ts";

const id = (letter: string) => `writ-key:${letter.repeat(43)}`;

Deno.test("the releases' page says how far the newest is, and who is behind with which Deno", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  const before = await ada.open("/releases");
  assert.match(before.text, /None was rolled out yet/);
  assert.match(before.text, /writ release make/);
  const evil = "<b>2.9.6</b>";
  await hub.agent({ id: id("A"), name: "old", version: "0.1.0", deno: "2.9.6" });
  await hub.agent({ id: id("B"), name: "new", version: "0.2.0", deno: "2.9.7", release: 7 });
  await hub.agent({ id: id("C"), name: "patched", version: "0.2.0", deno: evil });
  await hub.agent({ id: id("D"), name: "waiting", standing: "pending", version: "0.1.0" });
  const { release } = await withRelease(hub.test);
  const { id: rollout } = await hub.rollouts.createForRelease("acme", "user:ada", release);
  const failed = (code: string) => hub.releases.refused("acme", id("A") as KeyId, 7, code);
  await failed("<i>start</i>");
  const { text } = await ada.open("/releases");
  assert.match(text, /Release 7: Writ 0\.2\.0 with Deno 2\.9\.7/);
  assert.ok(text.includes(`/rollouts/${rollout}`));
  const behind = /<caption[^>]*>Agents without the newest release.*?<\/table>/s.exec(text)![0];
  assert.match(behind, />old<.*did not become it: &lt;i&gt;start/s);
  assert.match(behind, />patched<.*&lt;b&gt;2\.9\.6/s);
  assert.doesNotMatch(behind, />new<|>waiting</);
  assert.match(behind, />patched<.*its turn has not come/s);
  await hub.rollouts.halt("acme", "user:ada", rollout);
  assert.match((await ada.open("/releases")).text, />patched<.*halted before its turn/s);
  await hub.database.run("UPDATE rollout_agents SET failed = NULL");
  await failed("not_supervised");
  const agent = await ada.open(`/agents/${encodeURIComponent(id("A"))}`);
  assert.match(
    agent.text,
    /did not become .*release 7.*start this agent again.*writ agent install/s,
  );
  const other = await ada.open(`/agents/${encodeURIComponent(id("B"))}`);
  assert.doesNotMatch(other.text, /did not become/);
  assert.match(text, /2\.9\.6 \(behind\)/);
  assert.ok(!text.includes(evil));
});

Deno.test("an overview's version leads to the agents that have it", async () => {
  await using hub = await consoleFixture();
  await hub.agent({ id: id("A"), name: "old", version: "0.1.0", deno: "2.9.6" });
  await hub.agent({ id: id("B"), name: "new", version: "0.2.0", deno: "2.9.7" });
  const ada = await hub.enter("ada");
  const { text } = await ada.open("/");
  const path = "/agents?standing=approved&deno=2.9.6";
  assert.ok(text.includes(path.replace("&", "&amp;")));
  const agents = (await ada.open(path)).text;
  assert.ok(agents.includes(">old<") && !agents.includes(">new<"));
});

Deno.test("releases of another fleet are not shown", async () => {
  await using hub = await consoleFixture();
  await hub.agent({ id: id("A"), name: "secret-machine" });
  const { release } = await withRelease(hub.test);
  await hub.rollouts.createForRelease("acme", "user:ada", release);
  const eve = await hub.enter("eve", "admin", "other");
  assert.doesNotMatch((await eve.open("/releases")).text, /secret-machine|Release 7/);
});

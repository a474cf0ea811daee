import assert from "node:assert/strict";
import { consoleFixture } from "./fixture.ts";

const id = (letter: string) => `writ-key:${letter.repeat(43)}`;
const pathOf = (letter: string) => `/agents/${encodeURIComponent(id(letter))}`;

Deno.test("a list of no agents says what comes next, and one that looks for something does not", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  assert.match((await ada.open("/agents")).text, /Enrol makes a token/);
  assert.match((await ada.open("/agents?search=x")).text, /No agent is like this/);
});

Deno.test("a machine that is called as one that is away is proposed in its place, and gets it", async () => {
  await using hub = await consoleFixture();
  const { agents } = hub;
  await hub.agent({ id: id("A"), name: "front-desk" });
  await hub.agent({ id: id("B"), name: "front-desk", standing: "pending" });
  await hub.agent({ id: id("C"), name: "other", standing: "pending" });
  await hub.database.run("UPDATE agents SET called = lower(name)");
  await agents.setLabels("acme", "system", id("A"), ["office"]);
  const ada = await hub.enter("ada");
  assert.match((await ada.open("/agents?standing=pending")).text, /may be .*which is away/s);
  assert.doesNotMatch((await ada.open(pathOf("C"))).text, /name="replaces"/);
  const { text } = await ada.open(pathOf("B"));
  const [, offered] = /name="replaces" value="([^"]+)"/.exec(text)!;
  assert.equal(offered, id("A"));
  assert.doesNotMatch(text, /href="\/scripts\?agent=/);
  const wrong = await ada.send(`${pathOf("B")}/approve`, { replaces: "front-desk" });
  assert.equal(wrong.status, 400);
  const sent = await ada.send(`${pathOf("B")}/approve`, { replaces: offered! });
  assert.equal(sent.status, 303);
  const { standing, labels } = await agents.get("acme", id("B"));
  assert.deepEqual([standing, labels], ["approved", ["office"]]);
  assert.equal((await agents.get("acme", id("A"))).standing, "revoked");
});

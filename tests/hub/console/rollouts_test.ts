import assert from "node:assert/strict";
import { until } from "../hub_fixture.ts";
import { consoleFixture } from "./fixture.ts";
import { withoutChromium } from "../../capabilities/browser/chromium.ts";
import { pin } from "../rollout/pin.ts";
import { Stage } from "./stage.ts";

const GATE = { ok: "95", settle: "0", percent: "" };

Deno.test("a rollout is begun by its form, and only by those who may", async () => {
  await using hub = await consoleFixture();
  await hub.publish("1.0.0");
  await hub.publish("1.1.0", { sequence: 2 });
  await using machine = await hub.test.machine({ labels: ["canary"] });
  await machine.enrol();
  const viewer = await hub.enter("vic", "viewer");
  const ona = await hub.enter("ona", "operator");
  const path = `/scripts/${hub.test.fleet.script}/roll-out?version=1.1.0`;
  const fields = { ...GATE, labels: "canary", before: "1.0.0", input: "7" };
  assert.equal((await viewer.open(path)).status, 403);
  assert.equal((await viewer.send(path, fields)).status, 403);
  assert.match((await ona.open(path)).text, /<option value="1\.0\.0" selected>/);
  assert.equal((await ona.send(path, { ...fields, ok: "many" })).status, 400);
  assert.equal((await ona.send(path, { ...fields, input: "{" })).status, 400);
  const begun = await ona.send(path, fields);
  assert.equal(begun.status, 303);
  const page = begun.headers.get("location")!.split("?")[0]!;
  const shown = await viewer.open(page);
  assert.match(shown.text, /Rollout of acme\/echo 1\.1\.0/);
  assert.doesNotMatch(shown.text, new RegExp(`action="${page}`));
  assert.equal((await viewer.send(`${page}/halt`, {})).status, 403);
  assert.equal((await ona.send(`${page}/pause`, {})).status, 303);
  assert.equal((await ona.send(`${page}/pause`, {})).status, 409);
  assert.equal((await ona.send(`${page}/resume`, {})).status, 303);
  assert.equal((await ona.send(`${page}/halt`, {})).status, 303);
  assert.match((await viewer.open("/rollouts")).text, /halted/);
  const eve = await hub.enter("eve", "admin", "other");
  assert.equal((await eve.open(page)).status, 404);
  assert.equal((await eve.send(`${page}/take-back`, {})).status, 404);
});

Deno.test({
  name: "Chromium sees a rollout halt at its canary, and takes it back",
  ...withoutChromium,
  async fn() {
    await using stage = await Stage.open();
    const { browser, hub } = stage;
    const { content, scripts, agents, orders } = hub.services;
    const before = hub.fleet.publish("1.0.0");
    for (const published of [before, hub.fleet.publish("1.1.0", { sequence: 2 })]) {
      const { envelope, module, digest } = published;
      await content.put("acme", digest, ReadableStream.from([module]));
      await scripts.publish("acme", "system", envelope);
    }
    await using canary = await hub.machine({ labels: ["canary"] });
    await using other = await hub.machine();
    for (const machine of [canary, other]) {
      machine.runner.answer = ({ scriptUrl, input }) =>
        scriptUrl.endsWith("@1.1.0")
          ? { outcome: "script_error", detail: { name: "Error", message: "broken" } }
          : { outcome: "ok", result: input };
      await machine.enrol();
      pin(machine, before.digest);
      await machine.start();
    }
    await until(hub, async () => (await agents.overview("acme")).online === 2);
    await stage.signIn();
    await browser.open(stage.url(`/scripts/${hub.fleet.script}?version=1.1.0`));
    await browser.go(() => browser.click("a[href*='roll-out']"));
    await browser.type("[name=settle]", "0");
    await browser.go(() => browser.click("form[aria-label='Roll out'] > button"));
    assert.match(await browser.text(), /The rollout has begun/);
    await browser.until("/^Halted/.test(document.querySelector('[role=alert]')?.innerText)");
    assert.match(await browser.text(), /1 of 1 did not do well/);
    assert.match(await browser.text(), /The script threw an error \(1\)/);
    await browser.look(360, 740);
    const width = await browser.eval<number>("document.documentElement.scrollWidth");
    assert.ok(width <= 360, `${width}`);
    await browser.look(1280, 900);
    assert.equal(other.runner.started.length, 0);
    await browser.until("document.querySelector('form[action$=take-back]')");
    await browser.go(() => browser.click("form[action$=take-back] button"));
    assert.match(await browser.text(), /ordered to go back/);
    await until(hub, async () => {
      const { items } = await orders.list("acme");
      return items.some(({ version, outcomes }) => version === "1.0.0" && outcomes.ok === 1);
    });
    assert.deepEqual(browser.complaints, []);
  },
});

/** An agent that lost what it knew, or whose clock is wrong. */
import assert from "node:assert/strict";
import { statePaths } from "../../runtime/agent/mod.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { instant, NOON } from "../agent/fixture.ts";
import { Stage } from "./stage.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

Deno.test("lost state directory: the old orders are for an agent that is no more", async () => {
  await using stage = await Stage.open();
  const { test, folder, folder: { fleet } } = stage;
  const { envelope } = fleet.order(test.agent.id);
  const before = test.agent.id;
  assert.equal(await stage.answer(envelope), "accepted");
  await test.agent.stop();
  Deno.removeSync(test.stateDir, { recursive: true });
  await test.start({ rules: folder.rules });
  assert.notEqual(test.agent.id, before);
  assert.equal(await stage.answer(envelope), "wrong_audience");
  assert.equal(await stage.order(), "accepted", "it goes on under its new name");
});

Deno.test("lost state directory: an expired list from before does not begin a new one", async () => {
  const expires = instant(NOON + MINUTE);
  await using stage = await Stage.open((folder) => folder.list(1, { expires, prev: null }));
  const { test, folder } = stage;
  folder.list(2);
  await test.agent.reload();
  await test.agent.stop();
  Deno.removeSync(test.stateDir, { recursive: true });
  test.now = NOON + MINUTE;
  folder.remove("acceptlist.2");
  await assert.rejects(test.start({ rules: folder.rules }), { code: "policy" });
  assert.deepEqual(stage.refusals(), ["expired"]);
  folder.list(2, { prev: null, version: 1 });
  await test.start({ rules: folder.rules });
  assert.equal(await stage.order(), "accepted");
});

Deno.test("lost state directory: an older copy put back is refused", async () => {
  await using stage = await Stage.open();
  const { test, folder } = stage;
  await test.agent.stop();
  const { database, auditHead } = statePaths(test.stateDir);
  const copy = Deno.readFileSync(database);
  await test.start({ rules: folder.rules });
  assert.equal(await stage.order(), "accepted");
  await test.agent.stop();
  const head = Deno.readFileSync(auditHead);
  const now = Deno.readFileSync(database);
  Deno.writeFileSync(database, copy);
  await assert.rejects(test.start({ rules: folder.rules }), { code: "state_rolled_back" });
  Deno.writeFileSync(database, now);
  Deno.writeFileSync(auditHead, head);
  await test.start({ rules: folder.rules });
});

Deno.test("clock set back: it is never before the newest list, also after a restart", async () => {
  const expires = NOON + 10 * MINUTE;
  await using stage = await Stage.open();
  const { test, folder, folder: { fleet } } = stage;
  const { envelope } = fleet.order(test.agent.id, { expires: instant(expires) });
  test.now = expires;
  folder.list(2, { issued: instant(expires) });
  await test.agent.reload();
  for (const now of [NOON, 0]) {
    test.now = now;
    assert.equal(await stage.answer(envelope), "expired");
    await stage.restart();
    assert.equal(await stage.answer(envelope), "expired");
  }
  assert.equal(await stage.order({ issued: instant(expires) }), "accepted");
});

Deno.test("clock set forward: it refuses while it is wrong, and leaves no mark", async () => {
  await using stage = await Stage.open();
  const { test } = stage;
  test.now = NOON + 31 * DAY;
  const [issued, expires] = [instant(test.now), instant(test.now + DAY)];
  assert.equal(await stage.order({ issued, expires }), "expired");
  test.now = NOON;
  assert.equal(await stage.order(), "accepted");
  await stage.restart();
  assert.equal(await stage.order(), "accepted");
});

Deno.test("clock set forward: documents of the future do not carry it there", async () => {
  await using stage = await Stage.open();
  const { test, folder } = stage;
  const skew = LIMITS.CLOCK_SKEW_MS;
  for (let i = 1; i <= 10; i++) {
    folder.list(1 + i, { issued: instant(NOON + skew) });
    await test.agent.reload();
    assert.equal(await stage.order({ issued: instant(NOON + skew) }), "accepted");
  }
  assert.equal(await stage.order({ issued: instant(NOON + skew + 1000) }), "not_yet_valid");
  assert.equal(await stage.order({ expires: instant(NOON + 1000) }), "accepted");
});

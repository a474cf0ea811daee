/** Good orders in the wrong place, for the wrong machine or at the wrong time. */
import assert from "node:assert/strict";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { instant, NOON } from "../agent/fixture.ts";
import { Stage } from "./stage.ts";

const MINUTE = 60_000;

Deno.test("wrong audience: an order for another agent is refused", async () => {
  await using stage = await Stage.open();
  const other = keyId(generateSigner().publicKey);
  assert.equal(await stage.order({ audience: { agents: [other] } }), "wrong_audience");
  assert.equal(
    await stage.order({ audience: { agents: [other, stage.test.agent.id] } }),
    "accepted",
  );
});

Deno.test("order relabelled: only a signed list can bring an agent under a label", async () => {
  await using stage = await Stage.open();
  const { folder, test } = stage;
  const audience = { labels: ["printer-room"] };
  assert.equal(await stage.order({ audience }), "wrong_audience");
  const labels = { [test.agent.id]: ["printer-room"] };
  // On the machine itself: by its own rules, and by a list that it signs.
  const file = `${folder.path}/accept.yaml`;
  Deno.writeTextFileSync(file, `labels: { ${test.agent.id}: [printer-room] }\n`, { mode: 0o600 });
  await assert.rejects(test.agent.reload(), { code: "policy" });
  Deno.removeSync(file);
  folder.list(2, { labels }, [generateSigner()]);
  await test.agent.reload();
  assert.equal(await stage.order({ audience }), "wrong_audience");
  folder.list(3, { labels });
  await test.agent.reload();
  assert.equal(await stage.order({ audience }), "accepted");
});

Deno.test("replayed order: it counts once, whatever was restarted or set back", async () => {
  await using stage = await Stage.open();
  const { test, folder: { fleet } } = stage;
  const { envelope, order } = fleet.order(test.agent.id);
  assert.equal(await stage.answer(envelope), "accepted");
  assert.equal(await stage.answer(envelope), "replayed");
  await stage.restart();
  assert.equal(await stage.answer(envelope), "replayed");
  const { envelope: changed } = fleet.order(test.agent.id, { ...order, input: { copies: 2 } });
  assert.equal(await stage.answer(changed), "replayed", "its id with other content");
  assert.equal(await stage.order({ ...order, id: crypto.randomUUID() }), "accepted");
});

Deno.test("expired order: it is refused from the second on at which it expires", async () => {
  await using stage = await Stage.open();
  const expires = instant(NOON + MINUTE);
  stage.test.now = NOON + MINUTE - 1;
  assert.equal(await stage.order({ expires }), "accepted");
  stage.test.now = NOON + MINUTE;
  assert.equal(await stage.order({ expires }), "expired");
});

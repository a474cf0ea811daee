import assert from "node:assert/strict";
import { consoleFixture } from "./fixture.ts";

/** An address that answers with one status, and nothing else. */
function receiver(status: number) {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const server = Deno.serve(options, () => new Response(null, { status }));
  return {
    url: `http://127.0.0.1:${server.addr.port}/"><script>x</script>`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("a webhook is made, tested and removed by an admin, and each of it audited", async () => {
  await using hub = await consoleFixture({ unsafeWebhooksInside: true });
  await using receiving = receiver(204);
  await using failing = receiver(500);
  const ada = await hub.enter("ada");
  const made = await ada.send("/webhooks", { url: receiving.url });
  assert.match(made.text, /whsec_[\w+/]+=/);
  assert.ok(!made.text.includes("<script>x"));
  await ada.send("/webhooks", { url: failing.url });
  const [good, bad] = await hub.webhooks.list("acme");
  const listed = await ada.open("/webhooks");
  assert.ok(!listed.text.includes("<script>x") && !listed.text.includes("whsec_"));
  const tested = await ada.send(`/webhooks/${good!.id}/test`, {});
  assert.equal(tested.headers.get("location"), "/webhooks?done=webhook-answered");
  // An answer that is a page would be sent again by a reload.
  const failed = await ada.send(`/webhooks/${bad!.id}/test`, {});
  assert.equal(failed.headers.get("location"), "/webhooks?done=webhook-failed");
  const { text } = await ada.open("/webhooks?done=webhook-failed");
  assert.match(text, /role="alert"[^>]*>The address did not take/);
  assert.match(text, /failed: status 500/);
  assert.equal((await ada.send(`/webhooks/${good!.id}/remove`, {})).status, 303);
  assert.deepEqual((await hub.webhooks.list("acme")).map(({ id }) => id), [bad!.id]);
  const { items } = await hub.audit.list("acme", { who: "user:ada" });
  const actions = items.map(({ action }) => action).filter((action) => /^webhook/.test(action));
  assert.deepEqual(actions.toSorted(), [
    ...["webhook_made", "webhook_made", "webhook_removed", "webhook_tested", "webhook_tested"],
  ]);
});

Deno.test("a webhook is refused where it is no https address, with what was typed", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  const refused = await ada.send("/webhooks", { url: "http://example.com/'x" });
  assert.equal(refused.status, 400);
  assert.match(refused.text, /is not https/);
  assert.match(refused.text, /value="http:\/\/example\.com\/&#39;x"/);
});

Deno.test("webhooks are for admins of the same fleet", async () => {
  await using hub = await consoleFixture();
  const { id } = await hub.webhooks.create("acme", "system", "https://example.com/");
  const operator = await hub.enter("ona", "operator");
  assert.equal((await operator.open("/webhooks")).status, 403);
  assert.equal((await operator.send(`/webhooks/${id}/test`, {})).status, 403);
  const eve = await hub.enter("eve", "admin", "other");
  assert.ok(!(await eve.open("/webhooks")).text.includes("example.com"));
  assert.equal((await eve.send(`/webhooks/${id}/test`, {})).status, 404);
  assert.equal((await eve.send(`/webhooks/${id}/remove`, {})).status, 404);
});

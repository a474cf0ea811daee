import assert from "node:assert/strict";
import { BodyRoom, LEAST_BODY_BYTES } from "../../../runtime/agent/http/body_room.ts";
import { AGENT_LIMITS } from "../../../runtime/agent/limits.ts";
import { payloadType } from "../../../runtime/core/dsse.ts";
import { LIMITS } from "../../../runtime/core/limits.ts";
import { TestAgent } from "../agent_fixture.ts";
import { refusalOf, TestApp } from "../app_fixture.ts";

Deno.test("BodyRoom takes the oldest body of whoever holds most when there is no more room", () => {
  const room = new BodyRoom(4 * LEAST_BODY_BYTES);
  const [first, second, third] = [room.enter("many"), room.enter("many"), room.enter("many")];
  const one = room.enter("one");
  assert.ok(!first.evicted.aborted);
  const two = room.enter("two");
  assert.deepEqual([first, second, third, one, two].map(({ evicted }) => evicted.aborted), [
    true,
    false,
    false,
    false,
    false,
  ]);
  one.take(2 * LEAST_BODY_BYTES);
  assert.ok(second.evicted.aborted);
  assert.ok(!one.evicted.aborted);
  for (const seat of [first, second, third, one, two]) {
    seat[Symbol.dispose]();
    seat[Symbol.dispose]();
    seat.take(LEAST_BODY_BYTES * 100);
  }
  assert.equal(room.bytes, 0);
});

Deno.test("POST /v1/orders holds no more unfinished bodies than it has room for, and still takes orders", async () => {
  await using test = await TestApp.open();
  const count = AGENT_LIMITS.ORDER_BODIES_BYTES / LIMITS.ORDER_BYTES + 8;
  const senders: ReadableStreamDefaultController<Uint8Array>[] = [];
  const cancelled: number[] = [];
  const answers = Array.from({ length: count }, (_, i) =>
    test.request("/v1/orders", {
      method: "POST",
      headers: { "content-type": payloadType("order") },
      body: new ReadableStream<Uint8Array>({
        start: (controller) => {
          senders[i] = controller;
          controller.enqueue(new Uint8Array(LIMITS.ORDER_BYTES - 1));
        },
        cancel: () => void cancelled.push(i),
      }),
    }));
  const refused = await Promise.all(answers.slice(0, 8));
  for (const answer of refused) assert.deepEqual(await refusalOf(answer), [503, "busy"]);
  assert.equal((await test.send(test.fleet.order(test.id).envelope)).status, 202);
  // One more had to give way to the order.
  assert.deepEqual(cancelled, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  for (const [i, sender] of senders.entries()) if (!cancelled.includes(i)) sender.close();
  const rest = await Promise.all(answers.slice(9));
  assert.ok(rest.every(({ status }) => status === 400));
});

Deno.test("POST /v1/orders takes the longest order by a socket and refuses one byte more", async () => {
  await using test = await TestAgent.start();
  const send = async (length: number) => {
    const answer = await fetch(`${test.agent.url}/v1/orders`, {
      method: "POST",
      headers: { "content-type": payloadType("order") },
      body: new Uint8Array(length),
    });
    return (await refusalOf(answer))[1];
  };
  assert.equal(await send(LIMITS.ORDER_BYTES), "bad_envelope");
  assert.equal(await send(LIMITS.ORDER_BYTES + 1), "too_large");
  assert.equal(await send(LEAST_BODY_BYTES), "bad_envelope");
});

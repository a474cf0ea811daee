import assert from "node:assert/strict";
import { localPipe } from "../../../runtime/peer/relay/local_pipe.ts";
import { RELAY_LIMITS, RELAY_SOCKET, type RelayEnd } from "../../../runtime/peer/relay/mod.ts";
import { readRelayFrame, writeRelayFrame } from "../../../runtime/peer/relay/relay_frame.ts";
import { type RelayBounds, RelayService } from "../../../runtime/peer/relay/relay_service.ts";
import { within } from "../../within.ts";
import { tamperedPair } from "../socket/wires.ts";

/** A relay, the agent behind it, and a caller who has a way to that agent. */
async function connected(bounds: Partial<RelayBounds> = {}) {
  const { near: agent, far: relay } = await tamperedPair(RELAY_SOCKET);
  const service = new RelayService({
    slots: 1,
    rateBytes: 1e9,
    wayBytes: 1e9,
    ...bounds,
  });
  void service.keep(relay);
  const [caller, inside] = localPipe(relay.peer);
  const closed: (string | undefined)[] = [];
  const told: RelayEnd = {
    ...endOf(inside),
    close(_code, reason) {
      closed.push(reason);
      inside.close();
    },
  };
  void service.pass(relay.peer, told);
  const { value } = await within(agent.messages.next(), "the way");
  const { way } = readRelayFrame(value as Uint8Array);
  const end = () => {
    caller.close();
    agent.close();
  };
  return { agent, caller, closed, way, end };
}

function endOf(pipe: RelayEnd): RelayEnd {
  const { peer, messages } = pipe;
  return { peer, messages, send: (message) => pipe.send(message), close: () => pipe.close() };
}

/** Takes what comes until it ends. */
async function drain(messages: RelayEnd["messages"]): Promise<void> {
  while (!(await messages.next()).done);
}

Deno.test("RelayService closes a way that is open too long", async () => {
  const { caller, closed, end } = await connected({ wayMs: 50 });
  await within(drain(caller.messages), "the end of the way");
  assert.equal(closed[0], "open too long");
  end();
});

Deno.test("RelayService closes the way of a caller who does not take what comes", async () => {
  const { agent, caller, closed, way, end } = await connected();
  const bytes = new Uint8Array(256_000);
  const most = Math.ceil((RELAY_LIMITS.WAITING_BYTES + (1 << 20)) / bytes.length) + 1;
  for (let sent = 0; sent < most; sent++) {
    await within(agent.send(writeRelayFrame({ kind: "data", way, bytes })), "room at the relay");
  }
  await within(drain(caller.messages), "the end of the way");
  assert.equal(closed[0], "too slow");
  end();
});

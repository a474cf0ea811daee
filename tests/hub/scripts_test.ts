import assert from "node:assert/strict";
import { HubError } from "../../runtime/hub/mod.ts";
import { TestHub, WHO } from "./hub_fixture.ts";
import { testInBothStores } from "./stores.ts";

testInBothStores("Scripts.publish()", {
  "refuses another version with the sequence of one that is there": async (database) => {
    await using hub = await TestHub.start({ database });
    const { content, scripts } = hub.services;
    const publish = async (version: string, sequence: number) => {
      const { module, digest, envelope } = hub.fleet.publish(version, { sequence });
      await content.put("acme", digest, ReadableStream.from([module]));
      return await scripts.publish("acme", WHO, envelope);
    };
    await publish("1.0.0", 1);
    await assert.rejects(
      publish("1.1.0", 1),
      (e) => e instanceof HubError && e.code === "conflict",
    );
    // Of two at once one is there before the other.
    const ended = await Promise.allSettled([publish("1.1.0", 2), publish("1.2.0", 2)]);
    assert.deepEqual(ended.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    // An older one may come later, to go back to.
    await publish("1.4.0", 4);
    await publish("1.3.0", 3);
    const sequences = (await scripts.versions("acme", "acme/echo")).map((one) => one.sequence);
    assert.deepEqual(sequences, [4, 3, 2, 1]);
  },
});

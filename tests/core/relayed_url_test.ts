import assert from "node:assert/strict";
import * as fc from "fast-check";
import { encodeBase64 } from "../../runtime/core/base64.ts";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import { parseRelayedUrl, relayedUrl } from "../../runtime/core/relayed_url.ts";

const id = fc.uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `writ-key:${encodeBase64(bytes, "base64url")}` as KeyId);

Deno.test("parseRelayedUrl() reads what relayedUrl() wrote, as an address carries it", () => {
  fc.assert(fc.property(id, id, (agent, relay) => {
    const url = new URL(relayedUrl({ agent, relay }));
    assert.deepEqual(parseRelayedUrl(url.origin), { agent, relay });
    assert.deepEqual(parseRelayedUrl(`${url.origin}/v1/info?a=b`), { agent, relay });
  }));
});

Deno.test("relayedUrl() writes no address for what is no agent's id", () => {
  const [agent, relay] = fc.sample(id, 2) as [KeyId, KeyId];
  for (const bytes of [0, 31, 33]) {
    const short = `writ-key:${encodeBase64(new Uint8Array(bytes), "base64url")}` as KeyId;
    assert.throws(() => relayedUrl({ agent: short, relay }), TypeError, `${bytes} bytes`);
    assert.throws(() => relayedUrl({ agent, relay: short }), TypeError, `${bytes} bytes`);
  }
});

Deno.test("parseRelayedUrl() takes no other address for one", () => {
  const [agent, relay] = fc.sample(id, 2) as [KeyId, KeyId];
  const good = relayedUrl({ agent, relay });
  assert.ok(parseRelayedUrl(good));
  const others = [
    "",
    "nowhere",
    "https://relayed.invalid",
    "https://agent.example",
    good.replace(".relayed.invalid", ".relayed.invalid.example"),
    good.replace(".relayed.invalid", ".relayed.example"),
    good.replace("https://", "https://a."),
    good.replace(/[a-z2-7]\./, "."),
    good.replace(/[a-z2-7]\./, "7."),
  ];
  for (const url of others) assert.equal(parseRelayedUrl(url), undefined, url);
});

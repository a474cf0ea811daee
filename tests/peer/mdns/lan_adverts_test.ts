import assert from "node:assert/strict";
import { LanAdverts } from "../../../runtime/peer/mdns/lan_adverts.ts";
import { ADVERT_BYTES, SERVICE } from "../../../runtime/peer/mdns/limits.ts";
import { readTexts, writeTexts } from "../../../runtime/peer/mdns/texts.ts";
import { within } from "../../within.ts";
import { freePort } from "../../free_port.ts";

const loopback = "127.0.0.1";

/** A port of its own, so that nothing else on this machine hears. */
/** An agent that tells of itself what it is given, and what it hears first. */
function onLoopback(port: number, advert: Uint8Array) {
  const heard = Promise.withResolvers<Uint8Array>();
  const lan = new LanAdverts({
    address: loopback,
    port,
    advert: () => advert,
    heard: (bytes) => {
      // Its own come back, too.
      if (bytes[0] !== advert[0]) heard.resolve(bytes);
    },
    failed: heard.reject,
  });
  return { lan, heard: within(heard.promise, "an advert") };
}

Deno.test("LanAdverts hear each other's adverts by multicast", async () => {
  const port = freePort();
  const [one, two] = [new Uint8Array(1_500).fill(1), new Uint8Array(900).fill(2)];
  const a = onLoopback(port, one);
  const b = onLoopback(port, two);
  try {
    assert.deepEqual(new Uint8Array(await a.heard), two);
    assert.deepEqual(new Uint8Array(await b.heard), one);
  } finally {
    await a.lan[Symbol.asyncDispose]();
    await b.lan[Symbol.asyncDispose]();
  }
});

Deno.test("readTexts() reads what writeTexts() wrote, and nothing else", async (t) => {
  const answer = (change = {}) => ({
    name: SERVICE,
    type: "TXT",
    data: [new Uint8Array(3)],
    ...change,
  });
  for (const length of [1, 255, 256, ADVERT_BYTES]) {
    const advert = new Uint8Array(length).fill(7);
    assert.deepEqual(readTexts([answer({ data: writeTexts(advert) })]), [advert]);
  }
  for (const length of [0, ADVERT_BYTES + 1]) {
    assert.equal(writeTexts(new Uint8Array(length)), undefined);
  }
  assert.equal(readTexts([answer()]).length, 1);
  const cases: [string, unknown][] = [
    ["another service", { name: "_ipp._tcp.local" }],
    ["another type", { type: "PTR" }],
    ["no bytes", { data: "text" }],
    ["some that are none", { data: [new Uint8Array(1), 7] }],
    ["nothing", { data: [] }],
    ["more than an advert may have", { data: [new Uint8Array(ADVERT_BYTES + 1)] }],
  ];
  for (const [what, change] of cases) {
    await t.step(what, () => assert.deepEqual(readTexts([answer(change as object)]), []));
  }
  await t.step("no more than some of one packet", () => {
    assert.equal(readTexts(Array.from({ length: 17 }, () => answer())).length, 16);
  });
});

import assert from "node:assert/strict";
import { digestOf } from "../../../runtime/core/digest.ts";
import { payloadType } from "../../../runtime/core/dsse.ts";
import { generateSigner, keyId, type Signer } from "../../../runtime/core/key.ts";
import { contentDigest, signRequest } from "../../../runtime/peer/mod.ts";
import { refusalOf, TestApp } from "../app_fixture.ts";
import { NOON } from "../fixture.ts";

const BODY = new TextEncoder().encode("{}");

/** A second orderer, whose grant names both. */
function addOrderer(test: TestApp, name: string): Signer {
  const signer = generateSigner();
  const { fleet } = test;
  const policy = fleet.policy.bind(fleet);
  const grant = fleet.grant({ orders: ["operator", name] });
  fleet.policy = (change = {}) => {
    const { orderers } = policy();
    const role = { keys: [signer.publicKey], threshold: 1 };
    return policy({
      orderers: new Map([...orderers, [name, role]]),
      grants: new Map([[fleet.script, grant]]),
      ...change,
    });
  };
  return signer;
}

Deno.test("createApp() shows an orderer its own runs and nobody else's", async (t) => {
  await using test = await TestApp.open();
  const provider = addOrderer(test, "provider");
  const { operator } = test.fleet;
  const run = async (signer: Signer) =>
    (await (await test.send(test.fleet.order(test.id, {}, signer).envelope)).json()).run;
  const mine = await run(provider);
  const other = await run(operator);
  const status = async (path: string, method = "GET") =>
    (await test.call(provider, path, { method })).status;

  await t.step("in the list", async () => {
    const ids = async (signer: Signer) => {
      const { runs } = await (await test.call(signer, "/v1/runs")).json();
      return runs.map(({ id }: { id: number }) => id);
    };
    assert.deepEqual(await ids(provider), [mine]);
    assert.deepEqual(await ids(operator), [other]);
  });
  await t.step("one by one", async () => {
    assert.equal(await status(`/v1/runs/${mine}`), 200);
    for (const path of [`/v1/runs/${other}`, "/v1/runs/99", "/v1/runs/x"]) {
      assert.deepEqual(await refusalOf(await test.call(provider, path)), [404, "not_found"]);
    }
  });
  await t.step("as events", async () => {
    const events = await test.call(provider, `/v1/runs/${mine}/events`);
    assert.match(await events.text(), /^event: outcome$/m);
    assert.equal(await status(`/v1/runs/${other}/events`), 404);
  });
  await t.step("and to cancel", async () => {
    assert.equal(await status(`/v1/runs/${mine}/cancel`, "POST"), 200);
    assert.equal(await status(`/v1/runs/${other}/cancel`, "POST"), 404);
  });
});

Deno.test("createApp() hides the operator's routes from other known callers", async (t) => {
  await using test = await TestApp.open();
  const peer = generateSigner();
  test.peers.push({ id: keyId(peer.publicKey) });
  const { operator } = test.fleet;
  for (const path of ["/v1/audit", "/v1/policy", `/v1/blobs/${digestOf(new Uint8Array())}`]) {
    await t.step(path, async () => {
      for (const caller of [operator, peer]) {
        assert.deepEqual(await refusalOf(await test.call(caller, path)), [404, "not_found"]);
      }
    });
  }
  await t.step("and a peer is no orderer", async () => {
    assert.deepEqual(await refusalOf(await test.call(peer, "/v1/runs")), [404, "not_found"]);
  });
  await t.step("but gives it the accept-lists", async () => {
    test.trust.acceptLists.get = () => ({ envelope: new Uint8Array([123, 125]) }) as never;
    assert.equal((await test.call(peer, "/v1/acceptlists/1")).status, 200);
    assert.equal((await test.call(operator, "/v1/acceptlists/1")).status, 404);
  });
});

Deno.test("createApp() refuses calls that are not a known caller's", async (t) => {
  await using test = await TestApp.open();
  const { fleet } = test;
  const call = async (signer: Signer) => await refusalOf(await test.call(signer, "/v1/runs"));
  await t.step("a stranger", async () => {
    assert.deepEqual(await call(generateSigner()), [401, "unknown_key"]);
  });
  await t.step("a key that is denied", async () => {
    const policy = fleet.policy.bind(fleet);
    fleet.policy = () => policy({ deny: [{ key: fleet.operator.publicKey }] });
    assert.deepEqual(await call(fleet.operator), [401, "unknown_key"]);
    fleet.policy = policy;
  });
  await t.step("a signature and a token at once", async () => {
    const headers = { "signature-input": "writ=()", signature: "writ=:AAAA:" };
    const response = await test.ask("/v1/runs", { headers });
    assert.deepEqual(await refusalOf(response), [400, "bad_request"]);
  });
  await t.step("half a signature", async () => {
    const response = await test.request("/v1/runs", { headers: { signature: "writ=:AAAA:" } });
    assert.deepEqual(await refusalOf(response), [400, "bad_field"]);
  });
  await t.step("also where anybody may come", async () => {
    const response = await test.call(generateSigner(), "/v1/info");
    assert.deepEqual(await refusalOf(response), [401, "unknown_key"]);
    assert.ok((await test.call(fleet.operator, "/v1/info")).headers.has("signature"));
  });
});

Deno.test("createApp() answers a call once", async () => {
  await using test = await TestApp.open();
  const url = "http://127.0.0.1:8799/v1/runs";
  const headers = new Headers();
  const rules = { signer: test.fleet.operator, recipient: test.id, now: NOON };
  signRequest({ method: "GET", url, headers }, rules);
  assert.equal((await test.app.request(url, { headers })).status, 200);
  const again = await test.app.request(url, { headers });
  assert.deepEqual(await refusalOf(again), [409, "replayed"]);
});

Deno.test("createApp() signs every answer to a known caller, refusals too", async (t) => {
  await using test = await TestApp.open();
  for (const path of ["/v1/runs", "/v1/runs/99", "/v1/nothing", "/v1/info", "/healthz"]) {
    await t.step(path, async () => {
      const response = await test.call(test.fleet.operator, path);
      const isRoute = path !== "/v1/nothing";
      assert.equal(response.headers.has("signature"), isRoute);
      if (!isRoute) return;
      const digest = contentDigest(digestOf(new Uint8Array(await response.arrayBuffer())));
      assert.equal(response.headers.get("content-digest"), digest);
    });
  }
});

Deno.test("POST /v1/attachments lets an orderer upload what its order is missing", async (t) => {
  await using test = await TestApp.open();
  const provider = addOrderer(test, "provider");
  const { operator } = test.fleet;
  const body = new Uint8Array(500).fill(3);
  const sha256 = digestOf(body);
  const attachments = [{ name: "a.pdf", sha256, length: body.length }];
  const { envelope } = test.fleet.order(test.id, { attachments }, provider);
  const order = { method: "POST", type: payloadType("order"), body: envelope };
  const put = (signer: Signer, bytes = body, path = sha256) =>
    test.call(signer, `/v1/blobs/${path}`, { method: "PUT", body: bytes });

  await t.step("nobody before", async () => {
    assert.deepEqual(await refusalOf(await put(provider)), [404, "not_found"]);
    assert.equal((await test.send(envelope)).status, 422);
    assert.deepEqual(await refusalOf(await put(provider)), [404, "not_found"]);
  });
  await t.step("nobody who does not sign", async () => {
    const headers = { "content-type": payloadType("order") };
    const init = { method: "POST", headers, body: new Uint8Array(envelope) };
    const response = await test.request("/v1/attachments", init);
    assert.deepEqual(await refusalOf(response), [401, "unauthorized"]);
  });
  await t.step("it alone", async () => {
    const response = await test.call(provider, "/v1/attachments", order);
    assert.deepEqual(await response.json(), { missing: [sha256] });
    assert.deepEqual(await refusalOf(await put(operator)), [404, "not_found"]);
  });
  await t.step("those bytes alone", async () => {
    assert.deepEqual(await refusalOf(await put(provider, body.slice(1))), [400, "digest_mismatch"]);
    const long = new Uint8Array(501);
    const elsewhere = await put(provider, long, digestOf(long));
    assert.deepEqual(await refusalOf(elsewhere), [404, "not_found"]);
  });
  await t.step("and then takes the order", async () => {
    assert.equal((await put(provider)).status, 201);
    assert.equal((await put(provider)).status, 200);
    const again = await test.call(provider, "/v1/attachments", order);
    assert.deepEqual(await again.json(), { missing: [] });
    assert.equal((await test.call(provider, "/v1/orders", order)).status, 202);
    assert.deepEqual(
      await refusalOf(await test.call(provider, "/v1/attachments", order)),
      [409, "replayed"],
    );
  });
});

Deno.test("createApp() refuses a body that the signature of a call is not over", async (t) => {
  await using test = await TestApp.open();
  const { envelope } = test.fleet.order(test.id);
  const send = async (digest?: Uint8Array) => {
    const headers = new Headers({ "content-type": payloadType("order") });
    const request = { method: "POST", url: "http://127.0.0.1:8799/v1/orders", headers };
    const rules = { signer: test.fleet.operator, recipient: test.id, now: NOON };
    signRequest({ ...request, ...(digest && { digest: digestOf(digest) }) }, rules);
    const { method } = request;
    return await test.app.request(request.url, { method, headers, body: new Uint8Array(envelope) });
  };
  await t.step("another one", async () => {
    const response = await send(new Uint8Array(3));
    assert.deepEqual(await refusalOf(response), [400, "digest_mismatch"]);
  });
  await t.step("none", async () => {
    assert.deepEqual(await refusalOf(await send()), [400, "not_covered"]);
  });
  await t.step("and takes the one it is over", async () => {
    assert.equal((await send(envelope)).status, 202);
  });
});

Deno.test("createApp() keeps nothing of calls that nobody known signed", async () => {
  await using test = await TestApp.open();
  const stranger = generateSigner();
  for (let i = 0; i < 20; i++) {
    await (await test.call(stranger, "/v1/orders", { method: "POST", body: BODY })).body?.cancel();
  }
  // A known key that did not sign, as far as anybody can tell.
  const forged = { publicKey: test.fleet.operator.publicKey, sign: stranger.sign.bind(stranger) };
  const response = await test.call(forged, "/v1/runs");
  assert.deepEqual(await refusalOf(response), [401, "bad_signature"]);
  test.store.flush();
  assert.equal(test.store.sql("SELECT count(*) AS n FROM call_nonces").get()!.n, 0);
});

Deno.test("an orderer attaches what it has shown to have, and learns nothing of others' documents", async (t) => {
  await using test = await TestApp.open();
  const provider = addOrderer(test, "provider");
  const { operator } = test.fleet;
  const body = new Uint8Array(500).fill(4);
  const sha256 = digestOf(body);
  const order = (signer: Signer, length = body.length) => {
    const attachments = [{ name: "a.pdf", sha256, length }];
    const { envelope } = test.fleet.order(test.id, { attachments }, signer);
    return { method: "POST", type: payloadType("order"), body: envelope };
  };
  const missing = async (signer: Signer, length?: number) =>
    (await (await test.call(signer, "/v1/attachments", order(signer, length))).json()).missing;
  const put = (signer: Signer, bytes = body) =>
    test.call(signer, `/v1/blobs/${sha256}`, { method: "PUT", body: bytes });
  const take = async (signer: Signer) =>
    (await test.call(signer, "/v1/orders", order(signer))).status;

  await t.step("a wrong length of another does not stop the owner", async () => {
    assert.deepEqual(await missing(operator), [sha256]);
    assert.deepEqual(await missing(provider, 1), [sha256]);
    assert.equal((await put(operator)).status, 201);
    assert.equal(await take(operator), 202);
  });
  await t.step("the digest alone gets nothing", async () => {
    assert.deepEqual(await missing(provider), [sha256]);
    assert.equal(await take(provider), 422);
    assert.deepEqual(await refusalOf(await put(provider, body.slice(1))), [400, "digest_mismatch"]);
    assert.equal(await take(provider), 422);
  });
  await t.step("the whole document does", async () => {
    assert.equal((await put(provider)).status, 201);
    assert.deepEqual(await missing(provider), []);
    assert.equal(await take(provider), 202);
  });
  await t.step("what the operator uploads for one order is that orderer's", async () => {
    const other = new Uint8Array(3);
    const attachments = [{ name: "b", sha256: digestOf(other), length: 3 }];
    const by = (signer: Signer) => test.fleet.order(test.id, { attachments }, signer).envelope;
    const headers = { "content-type": payloadType("order") };
    const asked = { method: "POST", headers, body: new Uint8Array(by(provider)) };
    await (await test.ask("/v1/attachments", asked)).body?.cancel();
    const path = `/v1/blobs/${digestOf(other)}`;
    assert.equal((await test.ask(path, { method: "PUT", body: other })).status, 201);
    assert.equal((await test.send(by(operator))).status, 422);
    assert.equal((await test.send(by(provider))).status, 202);
  });
});

import assert from "node:assert/strict";
import { digestOf } from "../../../runtime/core/digest.ts";
import { generateSigner } from "../../../runtime/core/key.ts";
import { statePaths } from "../../../runtime/agent/state/state_dir.ts";
import { PeerError, pinnedAuthority, signedFetch } from "../../../runtime/peer/mod.ts";
import { TestAgent } from "../agent_fixture.ts";

Deno.test("startAgent() serves TLS off loopback, to whoever pins what it tells", async (t) => {
  await using test = await TestAgent.start({
    listen: { hostname: "0.0.0.0", port: 0 },
    hosts: ["localhost"],
    // Certificates are judged by the real clock.
    now: Date.now,
  });
  const { url, ca, id } = test.agent;
  assert.match(url, /^https:/);
  const pem = Deno.readTextFileSync(`${statePaths(test.stateDir).tls}/ca.pem`);
  using client = Deno.createHttpClient({ caCerts: [pem] });

  await t.step("in the open", async () => {
    const info = await (await fetch(`${url}/v1/info`, { client })).json();
    assert.deepEqual([info.agent, info.ca], [id, ca]);
    assert.equal(await (await fetch(`${url}/v1/ca`, { client })).text(), pem);
    await assert.rejects(fetch(`${url}/v1/info`), TypeError);
  });
  await t.step("by the digest alone", async () => {
    assert.equal((await pinnedAuthority(url, ca!)).trim(), pem.trim());
    const other = digestOf(new Uint8Array());
    await assert.rejects(pinnedAuthority(url, other), { name: "PeerError", code: "unreachable" });
  });
  await t.step("and answers signed calls", async () => {
    const call = { signer: test.fleet.operator, recipient: id, client };
    const answer = await signedFetch(`${url}/v1/runs?limit=5`, call);
    assert.deepEqual(await answer.json(), { runs: [] });
    const stranger = { ...call, signer: generateSigner() };
    await assert.rejects(signedFetch(`${url}/v1/runs`, stranger), (error) => {
      return error instanceof PeerError && error.code === "unsigned" &&
        error.refusal === "unknown_key";
    });
    const { client: _, ...unpinned } = call;
    await assert.rejects(signedFetch(`${url}/v1/runs`, unpinned), { code: "unreachable" });
  });
});

Deno.test("a signed call is answered once, also after a restart", async () => {
  await using test = await TestAgent.start();
  const { operator } = test.fleet;
  const sent: [string, Headers][] = [];
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    sent.push([String(input), new Headers(init!.headers)]);
    return fetch(input, init);
  };
  try {
    const { id, url } = test.agent;
    await (await signedFetch(`${url}/v1/runs`, {
      signer: operator,
      recipient: id,
      now: test.now,
    })).text();
  } finally {
    globalThis.fetch = fetch;
  }
  const [[, headers]] = sent as [[string, Headers]];
  await test.agent.stop();
  await test.start();
  const again = await fetch(`${test.agent.url}/v1/runs`, { headers });
  assert.equal(again.status, 409);
  assert.equal((await again.json()).error.code, "replayed");
});

import assert from "node:assert/strict";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { signerToPem } from "../../runtime/core/pem.ts";
import { formatAgentId } from "../../runtime/peer/mod.ts";
import { TestAgent } from "../agent/agent_fixture.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { writ } from "./test_io.ts";

Deno.test("order and runs work on a remote agent by signed calls over TLS", async (t) => {
  using dir = new TemporaryDir();
  await using test = await TestAgent.start({
    listen: { hostname: "0.0.0.0", port: 0 },
    hosts: ["localhost"],
    // Certificates and orders are judged by the real clock.
    now: Date.now,
  });
  test.fleet.publish("1.0.0");
  const { url, ca, id } = test.agent;
  const signers = { provider: test.fleet.operator, stranger: generateSigner() };
  for (const [name, signer] of Object.entries(signers)) {
    Deno.chmodSync(dir.file(`${name}.pem`, signerToPem(signer)), 0o600);
  }
  dir.file("letter.pdf", "%PDF-1.7 a letter");
  const there = ["--agent", url, "--ca", ca!, "--json"];
  const ask = (...args: string[]) => writ([...args, ...there], { cwd: dir.path });
  const order = ["order", "acme/echo", "--input", '{"copies":2}', "--attach", "letter.pdf"];

  await t.step("order, with a document, to its end", async () => {
    const ran = await ask(...order, "--key", "provider.pem", "--follow");
    assert.equal(ran.exit, 0, ran.stderr);
    assert.deepEqual(ran.json().result, { copies: 2 });
    assert.equal(test.runner.started.at(-1)!.attachments!.length, 1);
  });
  await t.step("runs, one run and cancel", async () => {
    const all = await ask("runs", "--key", "provider.pem");
    assert.equal(all.json<{ runs: unknown[] }>().runs.length, 1, all.stderr);
    assert.equal((await ask("runs", "1", "--key", "provider.pem")).json().state, "ended");
    const cancelled = await ask("runs", "cancel", "1", "--key", "provider.pem");
    assert.deepEqual(cancelled.json(), { run: 1, cancelled: false });
  });
  await t.step("nothing for a stranger", async () => {
    const ran = await ask("runs", "--key", "stranger.pem");
    assert.deepEqual([ran.exit, ran.json<{ error: { code: string } }>().error.code], [
      1,
      "unknown_key",
    ]);
    assert.equal(
      (await ask("runs")).json<{ error: { code: string } }>().error.code,
      "unauthorized",
    );
  });
  await t.step("the agent that is meant and no other", async () => {
    const right = formatAgentId(id);
    const wrong = formatAgentId(keyId(generateSigner().publicKey));
    assert.equal((await ask("runs", "--key", "provider.pem", "--agent-id", right)).exit, 0);
    assert.equal((await ask("runs", "--key", "provider.pem", "--agent-id", wrong)).exit, 1);
    const slip = right.replace(/^./, (first) => first === "A" ? "B" : "A");
    assert.equal((await ask("runs", "--key", "provider.pem", "--agent-id", slip)).exit, 2);
  });
  await t.step("the certificate that is pinned and no other", async () => {
    const other = `sha256:${"0".repeat(64)}`;
    for (const pin of [["--ca", other], []]) {
      const ran = await writ(["runs", "--agent", url, ...pin, "--key", "provider.pem", "--json"], {
        cwd: dir.path,
      });
      assert.equal(ran.json<{ error: { code: string } }>().error.code, "unreachable");
    }
    const file = await writ(
      ["runs", "--agent", url, "--ca", `${test.stateDir}/tls/ca.pem`, "--key", "provider.pem"],
      { cwd: dir.path },
    );
    assert.equal(file.exit, 0, file.stderr);
  });
  await t.step("and the operator by the token in the state folder", async () => {
    const ran = await writ(["runs", "--state", test.stateDir, "--json"], { cwd: dir.path });
    assert.equal(ran.json<{ runs: unknown[] }>().runs.length, 1, ran.stderr);
  });
});

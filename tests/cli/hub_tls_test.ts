import assert from "node:assert/strict";
import { makeAuthority, makeLeaf } from "../../runtime/agent/tls/certificates.ts";
import { SCOPES } from "../../runtime/hub/mod.ts";
import { TestHub, WHO } from "../hub/hub_fixture.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { writ } from "./test_io.ts";

Deno.test("writ hub tenants reaches a hub whose authority it is told, and says so where not", async () => {
  const authority = await makeAuthority("test", Date.now());
  const tls = await makeLeaf(authority, ["127.0.0.1"], Date.now());
  await using hub = await TestHub.start({ tls });
  using dir = new TemporaryDir();
  const ca = dir.file("ca.pem", authority.cert);
  const asked = ["hub", "tenants", "--hub-state", hub.stateDir];
  const refused = await writ(asked);
  assert.equal(refused.exit, 1);
  assert.match(refused.stderr, /hint: name what vouches for its certificate: --hub-ca FILE/);
  const { exit, stdout, stderr } = await writ([...asked, "--hub-ca", ca]);
  assert.equal(exit, 0, stderr);
  assert.match(stdout, /^acme /m);
});

Deno.test("a hub off loopback has a certificate of its own, to which machines are pinned", async () => {
  await using hub = await TestHub.start({
    ...{ listen: { hostname: "0.0.0.0", port: 0 }, hosts: ["127.0.0.1"] },
  });
  using dir = new TemporaryDir();
  const { token } = await hub.services.tokens.create("acme", WHO, { name: "t", scopes: SCOPES });
  const local = ["--hub-state", hub.stateDir, "--hub-token", dir.file("token", token)];
  // However the hub is named on its own machine, others are told the name that they reach.
  const made = await writ(["hub", "enrol-token", "--hub", `${hub.hub.url}/`, ...local]);
  assert.equal(made.exit, 0, made.stderr);
  const [, url, ca] = /writ enrol (https:\/\/127\.0\.0\.1:\S+) - --hub-ca (sha256:\w+)/.exec(
    made.stderr,
  )!;
  const enrol = async (pin: string[]) =>
    await writ(["enrol", url!, "-", "--fleet", `${dir.path}/fleet`, ...pin], {
      stdin: made.stdout,
    });
  const refused = await enrol([]);
  assert.equal(refused.exit, 1);
  assert.match(refused.stderr, /hint: name what the hub's start told: --hub-ca sha256/);
  const other = await enrol(["--hub-ca", `sha256:${"0".repeat(64)}`]);
  assert.match(other.stderr, /Cannot believe/);
  const enrolled = await enrol(["--hub-ca", ca!]);
  assert.equal(enrolled.exit, 0, enrolled.stderr);
});

Deno.test("writ hub takes for its names what machines can reach it by, and nothing else", async () => {
  using dir = new TemporaryDir();
  const at = ["--hub-state", `${dir.path}/hub`];
  for (const name of ["hub.example:8790", "https://hub.example", "hub example", "a/b", "[::1]"]) {
    const { exit, stderr } = await writ(["hub", "--listen", "0.0.0.0:0", "--host", name, ...at]);
    assert.deepEqual([exit, stderr.includes("without a port")], [2, true], stderr);
  }
  const alone = ["hub", "--listen", "127.0.0.1:0", "--host", "hub.example", ...at];
  const { exit, stderr } = await writ(alone);
  assert.equal(exit, 2);
  assert.match(stderr, /hint: say where machines reach it: --listen/);
});

Deno.test("writ hub serves every address only when it is told a name of its own", async () => {
  using dir = new TemporaryDir();
  const at = ["--hub-state", `${dir.path}/hub`];
  const { exit, stderr } = await writ(["hub", "--listen", "0.0.0.0:0", ...at]);
  assert.equal(exit, 2);
  assert.match(stderr, /hint: say how machines reach it: --host hub.example/);
});

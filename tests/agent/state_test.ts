import assert from "node:assert/strict";
import { loadAgentKey } from "../../runtime/agent/state/agent_key.ts";
import { writeDurably } from "../../runtime/agent/state/durable_write.ts";
import { loadOperatorToken, tokenCheck } from "../../runtime/agent/state/operator_token.ts";
import { openStateDir } from "../../runtime/agent/state/state_dir.ts";
import { TemporaryDir } from "../temporary_dir.ts";

const unix = { ignore: Deno.build.os === "windows" };

Deno.test("openStateDir() makes a folder that only its owner may enter", unix, () => {
  using folder = new TemporaryDir();
  using _state = openStateDir(`${folder.path}/a/state`);
  assert.equal(Deno.statSync(`${folder.path}/a/state`).mode! & 0o777, 0o700);
});

Deno.test("openStateDir() closes a folder that others may read", unix, () => {
  using folder = new TemporaryDir();
  Deno.mkdirSync(`${folder.path}/state`, { mode: 0o755 });
  using _state = openStateDir(`${folder.path}/state`);
  assert.equal(Deno.statSync(`${folder.path}/state`).mode! & 0o777, 0o700);
});

Deno.test("openStateDir() refuses a folder that others may write", unix, () => {
  using folder = new TemporaryDir();
  Deno.mkdirSync(`${folder.path}/state`);
  Deno.chmodSync(`${folder.path}/state`, 0o720);
  assert.throws(() => openStateDir(`${folder.path}/state`), { code: "state_permissions" });
});

Deno.test("openStateDir() refuses a file", () => {
  using folder = new TemporaryDir();
  Deno.writeTextFileSync(`${folder.path}/state`, "");
  assert.throws(() => openStateDir(`${folder.path}/state`), { code: "state_unreadable" });
});

Deno.test("openStateDir() lets in one agent at a time", () => {
  using folder = new TemporaryDir();
  {
    using _first = openStateDir(folder.path);
    assert.throws(() => openStateDir(folder.path), { code: "state_locked" });
  }
  using _second = openStateDir(folder.path);
});

Deno.test("loadAgentKey() makes a private key once", () => {
  using folder = new TemporaryDir();
  const path = `${folder.path}/agent.key`;
  const made = loadAgentKey(path);
  assert.equal(loadAgentKey(path).publicKey, made.publicKey);
  if (Deno.build.os !== "windows") assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
});

Deno.test("loadAgentKey() refuses a key that others may read", unix, () => {
  using folder = new TemporaryDir();
  const path = `${folder.path}/agent.key`;
  loadAgentKey(path);
  Deno.chmodSync(path, 0o640);
  assert.throws(() => loadAgentKey(path), { code: "key_unreadable" });
});

Deno.test("loadAgentKey() refuses what is no key, and does not replace it", async (t) => {
  for (
    const content of ["", "\n", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
  ) {
    await t.step(JSON.stringify(content), () => {
      using folder = new TemporaryDir();
      const path = `${folder.path}/agent.key`;
      Deno.writeTextFileSync(path, content, { mode: 0o600 });
      assert.throws(() => loadAgentKey(path), { code: "key_unreadable" });
      assert.equal(Deno.readTextFileSync(path), content);
    });
  }
});

Deno.test("loadOperatorToken() refuses a token that was cut short", () => {
  using folder = new TemporaryDir();
  const path = `${folder.path}/operator.token`;
  const token = loadOperatorToken(path);
  assert.equal(loadOperatorToken(path), token);
  Deno.writeTextFileSync(path, token.slice(1));
  assert.throws(() => loadOperatorToken(path), { code: "key_unreadable" });
});

Deno.test("tokenCheck() accepts the token and nothing else", () => {
  const check = tokenCheck("right");
  assert.ok(check("right"));
  for (const wrong of ["", "righ", "rightt", "Right"]) assert.ok(!check(wrong), wrong);
});

Deno.test(
  "writeDurably() keeps the old content when the new one cannot be put in place",
  unix,
  () => {
    using folder = new TemporaryDir();
    const path = `${folder.path}/file`;
    writeDurably(path, "old");
    Deno.mkdirSync(`${folder.path}/taken`);
    Deno.writeTextFileSync(`${folder.path}/taken/x`, "");
    assert.throws(() => writeDurably(`${folder.path}/taken`, "new"), { code: "state_unreadable" });
    assert.equal(Deno.readTextFileSync(path), "old");
    const left = [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
    assert.deepEqual(left, ["file", "taken"], "no temporary file stays");
  },
);

Deno.test({
  name: "openStateDir() gives the lock back at once, while programs are started",
  ignore: Deno.build.os === "windows",
  async fn() {
    using folder = new TemporaryDir();
    // A child has the parent's files until it is another program, and closing leaves it the lock.
    const starting = 'for (;;) { new Deno.Command("true").outputSync(); postMessage(0); }';
    const worker = new Worker(`data:text/javascript,${encodeURIComponent(starting)}`, {
      type: "module",
    });
    await new Promise((resolve) => worker.onmessage = resolve);
    try {
      for (let turn = 0; turn < 3_000; turn++) openStateDir(folder.path)[Symbol.dispose]();
    } finally {
      worker.terminate();
    }
  },
});

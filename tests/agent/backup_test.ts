import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { AuditReader } from "../../runtime/agent/audit/audit_reader.ts";
import { backupState } from "../../runtime/agent/backup/backup_state.ts";
import { restoreState } from "../../runtime/agent/backup/restore_state.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { TestAgent } from "./agent_fixture.ts";
import { instant, NOON } from "./fixture.ts";

const MINUTE = 60_000;

/** Stops the agent and starts it again on a state folder that was restored in place of its own. */
async function comeBack(test: TestAgent, file: string, options = { moved: false }) {
  await test.agent.stop();
  Deno.removeSync(test.stateDir, { recursive: true });
  const summary = restoreState(file, test.stateDir, { ...options, now: test.now });
  await test.start();
  return summary;
}

Deno.test("a backup of a running agent comes back with its runs, documents and identity", async () => {
  await using test = await TestAgent.start();
  using folder = new TemporaryDir();
  test.fleet.publish("1.0.0");
  const bytes = new Uint8Array(2_500_000).fill(7);
  const sha256 = digestOf(bytes);
  await (await test.ask(`/v1/blobs/${sha256}`, { method: "PUT", body: bytes })).body?.cancel();
  const { run } = await test.order({ input: { copies: 2 } });
  await test.ended(run);
  const { id } = test.agent;
  const file = `${folder.path}/a.backup`;
  const made = await backupState(test.stateDir, file, { keys: true, now: test.now });
  assert.deepEqual([made.running, made.keys], [true, true]);
  assert.equal(Deno.statSync(file).mode! & 0o777, 0o600);
  const restored = await comeBack(test, file);
  assert.deepEqual([restored.interrupted, restored.keys], [0, true]);
  assert.equal(test.agent.id, id);
  assert.deepEqual((await test.run(run)).outcome, { outcome: "ok", result: { copies: 2 } });
  const blob = await test.ask(`/v1/blobs/${sha256}`);
  assert.equal(digestOf(await blob.bytes()), sha256);
  await test.agent.stop();
  using audit = AuditReader.open(test.stateDir);
  assert.equal(audit.verify().ok, true);
  assert.ok(audit.tail(10).some(({ event }) => event === "state_restored"));
});

Deno.test("after a restore nothing runs that may have run since the backup", async () => {
  await using test = await TestAgent.start();
  using folder = new TemporaryDir();
  test.fleet.publish("1.0.0");
  const waiting = await test.order({ schedule: { at: instant(NOON + MINUTE) } });
  const file = `${folder.path}/a.backup`;
  await backupState(test.stateDir, file, { keys: true, now: test.now });
  const later = test.fleet.order(test.agent.id);
  const { run } = await (await test.send(later.envelope)).json();
  await test.ended(run);
  const begun = test.runner.started.length;
  test.now += 2 * MINUTE;
  assert.equal((await comeBack(test, file)).interrupted, 1);
  assert.equal((await test.run(waiting.run)).outcome?.outcome, "interrupted");
  const replayed = await test.send(later.envelope);
  assert.equal((await replayed.json()).error.code, "records_lost");
  assert.equal(test.runner.started.length, begun);
  const next = await test.order({ issued: instant(test.now) });
  assert.ok(next.run > run, "no number of a run is used twice");
});

Deno.test("--moved goes on where an agent that had ended left off", async () => {
  await using test = await TestAgent.start();
  using folder = new TemporaryDir();
  test.fleet.publish("1.0.0");
  const { run } = await test.order({ schedule: { at: instant(NOON + MINUTE) } });
  const running = `${folder.path}/running.backup`;
  await backupState(test.stateDir, running, { keys: true, now: test.now });
  await test.agent.stop();
  const file = `${folder.path}/ended.backup`;
  await backupState(test.stateDir, file, { keys: true, now: test.now });
  const moved = { moved: true, now: test.now };
  const refused = () => restoreState(running, `${folder.path}/state`, moved);
  assert.throws(refused, { code: "backup_unreadable" });
  test.now += 2 * MINUTE;
  await comeBack(test, file, { moved: true });
  assert.equal((await test.ended(run)).outcome?.outcome, "ok");
});

Deno.test("a backup without keys makes an agent of another identity, whose log holds", async () => {
  await using test = await TestAgent.start();
  using folder = new TemporaryDir();
  const { id } = test.agent;
  const file = `${folder.path}/a.backup`;
  await backupState(test.stateDir, file, { keys: false, now: test.now });
  {
    using db = new DatabaseSync(file);
    const names = db.prepare("SELECT DISTINCT path FROM archive_files").all();
    assert.ok(!names.some(({ path }) => /key|token|tls/.test(String(path))));
  }
  await comeBack(test, file);
  assert.notEqual(test.agent.id, id);
  await test.agent.stop();
  using audit = AuditReader.open(test.stateDir);
  assert.equal(audit.verify().ok, true);
});

Deno.test("a backup that says it has no keys cannot bring any, nor anything else of its own", async (t) => {
  await using test = await TestAgent.start();
  using folder = new TemporaryDir();
  const good = `${folder.path}/good.backup`;
  await backupState(test.stateDir, good, { keys: false, now: test.now });
  const restored = (name: string) => `${folder.path}/${name.replaceAll("/", "-")}`;
  restoreState(good, restored("good"), { moved: false, now: test.now });
  for (const name of ["operator.token", "agent.key", "tls/ca.pem", "agent.db-wal", "other/file"]) {
    await t.step(name, () => {
      const file = `${folder.path}/evil.backup`;
      Deno.copyFileSync(good, file);
      {
        using db = new DatabaseSync(file);
        db.prepare("INSERT INTO archive_files VALUES (?, 0, ?)").run(name, new Uint8Array(43));
      }
      const to = restored(name);
      assert.throws(() => restoreState(file, to, { moved: false, now: test.now }), {
        code: "state_unreadable",
      });
      const left = [...Deno.readDirSync(to)].map((entry) => entry.name);
      assert.ok(!left.includes("operator.token") && !left.includes("agent.db"), left.join());
      Deno.removeSync(file);
    });
  }
});

Deno.test("restoreState() refuses what is not there, and what is no backup", () => {
  using folder = new TemporaryDir();
  const plain = folder.file("notes.txt", "no backup");
  for (const file of [`${folder.path}/missing.writ`, folder.path, plain]) {
    assert.throws(
      () => restoreState(file, `${folder.path}/state`, { moved: false, now: 0 }),
      { name: "AgentError", code: "backup_unreadable" },
      file,
    );
  }
});

Deno.test("backup and restore overwrite nothing", async (t) => {
  await using test = await TestAgent.start();
  using folder = new TemporaryDir();
  const file = `${folder.path}/a.backup`;
  const keep = { keys: true, now: test.now };
  await backupState(test.stateDir, file, keep);
  const restore = (from: string, to: string) =>
    restoreState(from, to, { moved: false, now: test.now });
  await t.step("a file that exists", async () => {
    const before = Deno.readFileSync(file);
    await assert.rejects(backupState(test.stateDir, file, keep), { code: "backup_exists" });
    assert.deepEqual(Deno.readFileSync(file), before);
  });
  await t.step("the state of a running agent", () => {
    assert.throws(() => restore(file, test.stateDir), { code: "state_locked" });
  });
  await t.step("the state of an agent that has ended", async () => {
    await test.agent.stop();
    assert.throws(() => restore(file, test.stateDir), { code: "backup_exists" });
    await test.start();
  });
  await t.step("a folder where no agent has run has nothing to back up", async () => {
    const none = backupState(`${folder.path}/none`, `${folder.path}/b.backup`, keep);
    await assert.rejects(none, { code: "no_state" });
  });
  await t.step("what is no backup leaves nothing behind", () => {
    const { database } = statePaths(test.stateDir);
    assert.throws(() => restore(database, `${folder.path}/new`), { code: "backup_unreadable" });
    Deno.writeTextFileSync(`${folder.path}/text`, "no database");
    assert.throws(() => restore(`${folder.path}/text`, `${folder.path}/new`));
    assert.throws(() => Deno.statSync(`${folder.path}/new/agent.db`), Deno.errors.NotFound);
  });
  await t.step("a path that leads out of the folder is refused, and nothing stays", () => {
    const bad = `${folder.path}/bad.backup`;
    Deno.copyFileSync(file, bad);
    {
      using db = new DatabaseSync(bad);
      db.exec("INSERT INTO archive_files VALUES ('blobs/../../escaped', 0, x'00')");
    }
    assert.throws(() => restore(bad, `${folder.path}/out/state`), { code: "state_unreadable" });
    assert.throws(() => Deno.statSync(`${folder.path}/out/escaped`), Deno.errors.NotFound);
    assert.throws(() => Deno.statSync(`${folder.path}/out/state/agent.key`), Deno.errors.NotFound);
  });
});

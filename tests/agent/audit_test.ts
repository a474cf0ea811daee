import assert from "node:assert/strict";
import { type AuditHead, signHead } from "../../runtime/agent/audit/audit_head.ts";
import { AuditLog } from "../../runtime/agent/audit/audit_log.ts";
import { AuditReader } from "../../runtime/agent/audit/audit_reader.ts";
import { type AuditRow, FIRST_PREV, hashOfRow } from "../../runtime/agent/audit/audit_row.ts";
import { verifyAudit } from "../../runtime/agent/audit/verify_audit.ts";
import { loadAgentKey } from "../../runtime/agent/state/agent_key.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { Store } from "../../runtime/agent/store/store.ts";
import { silentLog } from "../../runtime/agent/log.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { NOON } from "./fixture.ts";

const signer = generateSigner();

/** A sound log of so many rows, and its head. */
function soundLog(length: number): { rows: AuditRow[]; head: AuditHead } {
  const rows: AuditRow[] = [];
  for (let seq = 1; seq <= length; seq++) {
    const prev = rows.at(-1)?.hash ?? FIRST_PREV;
    const row = { seq, time: NOON + seq, event: "policy_refused", detail: `{"n":${seq}}`, prev };
    rows.push({ ...row, hash: hashOfRow(row) });
  }
  const { seq, hash } = rows.at(-1) ?? { seq: 0, hash: FIRST_PREV };
  return { rows, head: signHead({ seq, hash, time: NOON }, signer) };
}

/** Hashes every row anew, as someone who can write the table but has no key would. */
function relinked(rows: readonly Omit<AuditRow, "hash">[]): AuditRow[] {
  let prev = FIRST_PREV;
  return rows.map((row, i) => {
    const linked = { ...row, seq: i + 1, prev };
    prev = hashOfRow(linked);
    return { ...linked, hash: prev };
  });
}

Deno.test("verifyAudit() accepts a sound log", () => {
  const { rows, head } = soundLog(5);
  assert.deepEqual(verifyAudit(rows, [head], signer.publicKey), { rows: 5, ok: true });
  assert.deepEqual(verifyAudit([], [], signer.publicKey), { rows: 0, ok: true });
});

Deno.test("verifyAudit() finds what was done to a log", async (t) => {
  const { rows, head } = soundLog(5);
  const older = soundLog(3).head;
  const changed = (change: Partial<AuditRow>) =>
    rows.map((row) => row.seq === 3 ? { ...row, ...change } : row);
  const rehashed = changed({ detail: "{}" }).map((row) =>
    row.seq === 3 ? { ...row, hash: hashOfRow(row) } : row
  );
  const cases: [string, AuditRow[], AuditHead[], { seq: number; fault: string }][] = [
    ["a changed detail", changed({ detail: "{}" }), [head], { seq: 3, fault: "changed" }],
    ["a changed time", changed({ time: 0 }), [head], { seq: 3, fault: "changed" }],
    ["a changed event", changed({ event: "x" }), [head], { seq: 3, fault: "changed" }],
    ["a row that was hashed again", rehashed, [head], { seq: 4, fault: "unlinked" }],
    ["a removed row", rows.filter(({ seq }) => seq !== 3), [head], { seq: 4, fault: "missing" }],
    ["a removed first row", rows.slice(1), [head], { seq: 2, fault: "missing" }],
    [
      "a removed row, the rest renumbered",
      relinked(rows.filter(({ seq }) => seq !== 3)),
      [head],
      { seq: 5, fault: "cut" },
    ],
    [
      "an inserted row",
      [...rows.slice(0, 2), { ...rows[1]!, seq: 3 }, ...rows.slice(2)],
      [head],
      { seq: 3, fault: "unlinked" },
    ],
    ["a doubled row", [...rows.slice(0, 2), ...rows.slice(1)], [head], {
      seq: 2,
      fault: "missing",
    }],
    ["a cut end", rows.slice(0, 4), [head], { seq: 5, fault: "cut" }],
    ["everything cut", [], [head], { seq: 1, fault: "cut" }],
    ["rows that nobody signed", rows, [older], { seq: 4, fault: "unsigned" }],
    ["a log written anew", relinked(changed({ detail: "{}" })), [head], {
      seq: 5,
      fault: "rewritten",
    }],
    ["rows without a head", rows, [], { seq: 5, fault: "no_head" }],
    ["a head of another key", rows, [signHead(head, generateSigner())], {
      seq: 5,
      fault: "bad_head",
    }],
    ["a changed head", rows, [{ ...head, seq: 4 }], { seq: 4, fault: "bad_head" }],
  ];
  for (const [name, table, heads, firstBad] of cases) {
    await t.step(name, () => {
      const verdict = verifyAudit(table, heads, signer.publicKey);
      assert.equal(verdict.ok, false);
      assert.deepEqual(verdict.firstBad, firstBad);
    });
  }
});

/** An audit log in a folder, as an agent has it. */
function openLog(folder: string) {
  const paths = statePaths(folder);
  const store = Store.open(paths.database);
  const audit = new AuditLog({
    store,
    signer: loadAgentKey(paths.key),
    headFile: paths.auditHead,
    now: () => NOON,
    log: silentLog,
  });
  const add = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        store.write(() =>
          audit.append({ event: "policy_refused", detail: { code: "x", message: String(i) } })
        )),
    );
  const close = () => {
    audit[Symbol.dispose]();
    store[Symbol.dispose]();
  };
  return { store, add, [Symbol.dispose]: close };
}

/** Changes the table behind the agent's back. */
function tamper(folder: string, sql: string): void {
  using store = Store.open(statePaths(folder).database);
  store.sql("DROP TRIGGER IF EXISTS audit_keeps_rows").run();
  store.sql("DROP TRIGGER IF EXISTS audit_keeps_content").run();
  store.sql(sql).run();
}

Deno.test("AuditReader.verify() holds while the agent goes on writing", async () => {
  using folder = new TemporaryDir();
  using log = openLog(folder.path);
  await log.add(3);
  using audit = AuditReader.open(folder.path);
  assert.deepEqual(audit.verify(), { rows: 3, ok: true });
  await log.add(2);
  assert.deepEqual(audit.verify(), { rows: 5, ok: true });
  assert.deepEqual(audit.tail(2).map(({ seq }) => seq), [4, 5]);
  assert.deepEqual(audit.after(1, 2).map(({ seq }) => seq), [2, 3]);
});

Deno.test("AuditReader.verify() finds what was done to the database", async (t) => {
  const cases = {
    changed: "UPDATE audit SET detail = '{}' WHERE seq = 2",
    missing: "DELETE FROM audit WHERE seq = 2",
    cut: "DELETE FROM audit WHERE seq = 4",
  };
  for (const [fault, sql] of Object.entries(cases)) {
    await t.step(fault, async () => {
      using folder = new TemporaryDir();
      {
        using log = openLog(folder.path);
        await log.add(4);
      }
      tamper(folder.path, sql);
      using audit = AuditReader.open(folder.path);
      assert.equal(audit.verify().firstBad?.fault, fault);
    });
  }
});

Deno.test("AuditReader.verify() finds an end that was cut off together with the stored head", async () => {
  using folder = new TemporaryDir();
  const paths = statePaths(folder.path);
  {
    using log = openLog(folder.path);
    await log.add(2);
  }
  const copy = Deno.readFileSync(paths.database);
  {
    using log = openLog(folder.path);
    await log.add(2);
  }
  Deno.writeFileSync(paths.database, copy);
  using audit = AuditReader.open(folder.path);
  assert.deepEqual(audit.verify().firstBad, { seq: 3, fault: "cut" });
  assert.throws(() => openLog(folder.path), { name: "AgentError", code: "state_rolled_back" });
});

Deno.test("AuditLog refuses to change or remove a row", async () => {
  using folder = new TemporaryDir();
  using log = openLog(folder.path);
  await log.add(2);
  assert.throws(() => log.store.sql("DELETE FROM audit").run());
  assert.throws(() => log.store.sql("UPDATE audit SET time = 0").run());
});

Deno.test("AuditLog goes on after a change that was taken back", async () => {
  using folder = new TemporaryDir();
  using log = openLog(folder.path);
  const failed = log.store.write(() => {
    throw new Error("on purpose");
  });
  await Promise.all([log.add(1), assert.rejects(failed), log.add(1)]);
  using audit = AuditReader.open(folder.path);
  assert.deepEqual(audit.verify(), { rows: 2, ok: true });
});

Deno.test("AuditReader.open() refuses a folder without an agent's database", () => {
  using folder = new TemporaryDir();
  assert.throws(() => AuditReader.open(folder.path), { code: "no_state" });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { csvLine } from "../../../runtime/hub/console/audit/csv.ts";
import { consoleFixture } from "./fixture.ts";

Deno.test("the audit log shows what was done, filtered, and only of the own tenant", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  const eve = await hub.enter("eve", "admin", "other");
  const record = (tenant: string, subject: string) =>
    hub.audit.record(tenant, { who: "user:ada", action: "tested", subject });
  await record("acme", "first-thing");
  await record("other", "foreign-thing");
  const { text } = await ada.open("/audit?action=tested&who=user%3Aada");
  assert.match(text, /first-thing/);
  assert.doesNotMatch(text, /foreign-thing|session_begun/);
  assert.doesNotMatch((await eve.open("/audit")).text, /first-thing/);
  assert.equal((await ada.open("/audit?from=never")).status, 400);
});

Deno.test("the audit log is written for people: agents by name, times, and no empty words", async () => {
  await using hub = await consoleFixture();
  const key = `writ-key:${"A".repeat(43)}`;
  await hub.agent({ id: key, name: "front-desk" });
  const ada = await hub.enter("ada");
  const detail = { replaces: null, labels: [], expires: 1_795_509_873_143, rings: [["canary", 1]] };
  await hub.audit.record("acme", { who: `agent:${key}`, action: "tested", subject: key, detail });
  const { text } = await ada.open("/audit?action=tested");
  assert.equal(text.match(/<bdi>front-desk<\/bdi>/g)?.length, 2);
  assert.match(text, />2026-11-24 08:44:33<\/time>/);
  assert.match(text, /rings<\/bdi>.*canary 1/);
  assert.doesNotMatch(text, /replaces|labels<|null/);
});

Deno.test("the audit log is exported whole, as CSV or JSON, and the export is in it", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  await hub.database.transaction(async (tx) => {
    for (let i = 0; i < 1_200; i++) {
      await hub.audit.append(tx, "acme", { who: "system", action: "tested", subject: `=${i}` });
    }
  });
  const csv = await ada.open("/audit/export?format=csv&action=tested");
  const lines = csv.text.trimEnd().split("\r\n");
  assert.equal(lines.length, 1_201);
  assert.match(lines[1]!, /^"\d+","[\dT:.Z-]+","system","tested","'=1199","\{\}"$/);
  assert.match(csv.headers.get("content-disposition")!, /^attachment; filename="audit.csv"$/);
  const json = JSON.parse((await ada.open("/audit/export?format=json&action=tested")).text);
  assert.equal(json.length, 1_200);
  assert.deepEqual(JSON.parse((await ada.open("/audit/export?format=json&action=no")).text), []);
  const { items } = await hub.audit.list("acme", { action: "audit_exported" });
  assert.equal(items.length, 3);
  assert.equal((await ada.open("/audit/export?format=xml")).status, 400);
});

Deno.test("the audit log is for those who may read it", async () => {
  await using hub = await consoleFixture();
  const viewer = await hub.enter("vic", "viewer");
  assert.equal((await viewer.open("/audit")).status, 200);
  assert.equal((await hub.visit().open("/audit/export?format=csv")).status, 303);
});

Deno.test("csvLine() makes no cell that a spreadsheet takes for a formula", () => {
  const cells = fc.array(
    fc.oneof(fc.string(), fc.constantFrom("=1+1", "+1", "-1", "@a", "\t=1", " =1", "a;=1", "＝1")),
  );
  fc.assert(fc.property(cells, (texts) => {
    const line = csvLine(texts);
    const parsed = texts.length === 0 ? [] : [...line.matchAll(/"((?:[^"]|"")*)"[,\r]/g)]
      .map(([, text]) => text!.replaceAll('""', '"'));
    assert.equal(parsed.length, texts.length);
    for (const [i, text] of parsed.entries()) {
      for (const part of text.split(/[;\t\r\n]/)) {
        assert.ok(!/^\s*[=+\-@＝＋－＠]/.test(part), text);
      }
      assert.equal(text.replaceAll("'", ""), texts[i]!.replaceAll("'", ""));
    }
  }));
  assert.equal(csvLine(["plain", "a=b"]), `"plain","a=b"\r\n`);
  assert.equal(csvLine(["a;=1+1"]), `"a;'=1+1"\r\n`);
});

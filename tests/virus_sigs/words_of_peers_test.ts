import assert from "node:assert/strict";
import fc from "fast-check";
import { Bans } from "../../scripts/virus-sigs/bans.ts";
import { offersOf, parseInventory } from "../../scripts/virus-sigs/inventory.ts";
import { readSettings } from "../../scripts/virus-sigs/settings.ts";
import { memoryStore } from "./memory_capabilities.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const OFFER = {
  name: "test.cvd",
  sha256: DIGEST,
  length: 9_000,
  version: 6,
  list: DIGEST,
  verified: true,
};
const DAY_MS = 24 * 3_600_000;

Deno.test("parseInventory() reads what an agent tells of itself", () => {
  const told = {
    files: offersOf([{ ...OFFER, modified: 1 }]),
    uses: { test: 6 },
    refused: {},
    ages: { test: 5 },
  };
  assert.deepEqual(parseInventory(JSON.stringify(told)), told);
  assert.equal(parseInventory('{"files":[],"uses":null}').uses, null);
  assert.deepEqual(parseInventory('{"files":[]}'), { files: [], uses: {}, refused: {}, ages: {} });
});

Deno.test("parseInventory() leaves out offers that are none, and refuses what is no inventory", () => {
  const changes = [
    { name: "../test.cvd" },
    { name: "" },
    { name: "test.cld" },
    { sha256: "" },
    { list: undefined },
    { length: -1 },
    { name: "test-6.cdiff", length: 64_000_001 },
    { version: 1.5 },
    { version: "6" },
    { verified: "yes" },
    { signature: "x".repeat(201) },
  ];
  for (const change of changes) {
    const text = JSON.stringify({ files: [{ ...OFFER, ...change }, OFFER] });
    assert.deepEqual(parseInventory(text).files, [OFFER], JSON.stringify(change));
  }
  const many = JSON.stringify({ files: Array(501).fill(OFFER) });
  for (const text of ["", "null", "[]", "{}", '{"files":{}}', "5", many]) {
    assert.throws(() => parseInventory(text), SyntaxError, text.slice(0, 20));
  }
});

Deno.test("parseInventory() takes any JSON, or says that it is none", () => {
  fc.assert(fc.property(fc.json(), (files) => {
    try {
      const { files: read } = parseInventory(`{"files":[${files}],"uses":${files}}`);
      assert.ok(read.length <= 1);
    } catch (error) {
      assert.ok(error instanceof SyntaxError, String(error));
    }
  }));
});

Deno.test("Bans.add() bans at once who knew, at the third time who did not, for a day", async () => {
  const bans = new Bans(memoryStore());
  assert.equal(await bans.add("liar", "false", true, 0), true);
  assert.equal(await bans.add("dupe", "false", false, 0), false);
  assert.equal(await bans.add("dupe", "false", false, 1), false);
  assert.deepEqual((await bans.all(1)).map(({ peer }) => peer), ["liar"]);
  assert.equal(await bans.add("dupe", "false", false, 2), true);
  assert.equal((await bans.all(2)).length, 2);
  assert.deepEqual(await bans.all(DAY_MS + 2), []);
  assert.equal(await bans.add("dupe", "false", false, DAY_MS + 3), false, "a day clears it");
  assert.equal(await bans.isBad("a.cvd", DIGEST), false);
  await bans.markBad("a.cvd", DIGEST, "false");
  assert.equal(await bans.isBad("a.cvd", DIGEST), true);
  assert.equal(await bans.isBad("a-2.cdiff", DIGEST), false, "of which it may be one");
});

Deno.test("readSettings() reads what an admin wrote, and refuses what it does not understand", () => {
  const defaults = readSettings();
  assert.deepEqual(defaults.databases, ["main", "daily", "bytecode"]);
  assert.deepEqual(defaults.renewed, ["daily"]);
  assert.deepEqual(readSettings({ databases: ["test"] }).renewed, [], "what it does not keep");
  assert.equal(readSettings({ every: 5, databases: [] }).everyMs, 5_000);
  const strange = [
    { databases: "daily" },
    { databases: ["daily", "daily"] },
    { databases: ["../daily"] },
    { every: 0 },
    { every: "60" },
    { first: ["canaries"] },
    { freshHours: -1 },
    { renewed: "daily" },
    { listKeys: ["ed25519:short"] },
    { database: ["daily"] },
  ];
  for (const settings of strange) {
    assert.throws(() => readSettings(settings), TypeError, JSON.stringify(settings));
  }
});

import assert from "node:assert/strict";
import { insertRows } from "../../runtime/hub/database/insert_rows.ts";
import type { HubQueries, SqlValue } from "../../runtime/hub/database/hub_database.ts";

Deno.test("insertRows() puts in every row once, by few statements of few texts", async () => {
  const texts = new Set<string>();
  let [statements, values]: [number, SqlValue[]] = [0, []];
  const tx: HubQueries = {
    all: () => Promise.reject(new Error("nothing is asked")),
    get: () => Promise.reject(new Error("nothing is asked")),
    run(sql, some = []) {
      statements++;
      texts.add(sql);
      values.push(...some);
      return Promise.resolve(some.length / 2);
    },
  };
  for (const count of [0, 1, 2, 3, 255, 256, 257, 1_000]) {
    [statements, values] = [0, []];
    const rows = Array.from({ length: count }, (_, i) => [i, `row ${i}`]);
    await insertRows(tx, "things", rows);
    assert.deepEqual(values, rows.flat());
    assert.ok(statements <= count / 256 + 8, `${statements} for ${count}`);
  }
  assert.equal(texts.size, 9);
  assert.ok(texts.has("INSERT INTO things VALUES (?1, ?2), (?3, ?4)"));
});

import assert from "node:assert/strict";
import { inList } from "../../runtime/hub/database/in_list.ts";

Deno.test("inList() makes few texts of many lengths, and asks for nothing that was not named", () => {
  assert.deepEqual(inList(["a"], 3), { places: "?3", values: ["a"] });
  assert.deepEqual(inList(["a", "b", "c"], 2), {
    places: "?2, ?3, ?4, ?5",
    values: ["a", "b", "c", "c"],
  });
  const texts = new Set<string>();
  for (let i = 1; i <= 2_000; i++) texts.add(inList(Array.from({ length: i }, String), 1).places);
  assert.equal(texts.size, 12);
});

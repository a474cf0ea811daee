import assert from "node:assert/strict";
import { ADVISORIES } from "./advisories.ts";
import { loadCorpus } from "./corpus.ts";
import { securityPage } from "./docs.ts";

const PAGE = new URL("../../docs/security.md", import.meta.url);

/** Least number of advisories that the corpus plays; a case that goes must be replaced. */
const EXPRESSED_ADVISORIES = 30;

Deno.test("docs/security.md is what `deno task docs:security` writes", async () => {
  const page = await Deno.readTextFile(PAGE);
  assert.equal(await securityPage(page), page);
});

Deno.test("securityPage() refuses a page without a mark for a table", async () => {
  const page = await Deno.readTextFile(PAGE);
  await assert.rejects(securityPage(page.replace("<!-- attacks -->", "")), RangeError);
});

Deno.test("each advisory has an attack, or a reason why it has none", async () => {
  const named = new Set((await loadCorpus()).flatMap(({ advisory }) => advisory ?? []));
  for (const { id, unexpressed } of ADVISORIES) {
    assert.equal(named.has(id), unexpressed === undefined, id);
  }
  const known = ADVISORIES.map(({ id }) => id);
  assert.deepEqual([...named].filter((id) => !known.includes(id)), []);
  assert.equal(new Set(known).size, known.length, "an advisory stands twice");
  assert.ok(named.size >= EXPRESSED_ADVISORIES, `only ${named.size} advisories have an attack`);
});

import assert from "node:assert/strict";
import { type AttackRow, OTHER_ATTACKS, TUF_ATTACKS } from "./attack_table.ts";

/** TUF's own words, each at the beginning of at least one row. */
const TUF_NAMES = [
  "arbitrary software installation",
  "endless data",
  "extraneous dependencies",
  "fast-forward",
  "indefinite freeze",
  "malicious mirrors preventing updates",
  "mix-and-match",
  "rollback",
  "slow retrieval",
  "key compromise",
  "wrong software installation",
];

Deno.test("the table of attacks names tests that exist, and codes that they ask for", () => {
  const missing = [...TUF_ATTACKS, ...OTHER_ATTACKS].filter((row) => !exists(row));
  assert.deepEqual(missing, []);
  const [row] = OTHER_ATTACKS as [AttackRow];
  assert.ok(!exists({ ...row, test: "no such test" }));
  assert.ok(!exists({ ...row, code: "low_order_key" }));
});

Deno.test("the table of attacks has a row for each that TUF names, and none twice", () => {
  for (const name of TUF_NAMES) {
    assert.ok(TUF_ATTACKS.some(({ attack }) => attack.startsWith(name)), name);
  }
  const attacks = [...TUF_ATTACKS, ...OTHER_ATTACKS].map(({ attack }) => attack);
  assert.equal(new Set(attacks).size, attacks.length);
});

/** Whether the file has a test of that name that asks for that code. */
function exists({ file, test, code }: AttackRow): boolean {
  const text = Deno.readTextFileSync(new URL(`../${file}`, import.meta.url));
  const [, after] = text.split(`Deno.test("${test}"`);
  return after?.split("\nDeno.test(").at(0)?.includes(`"${code}"`) ?? false;
}

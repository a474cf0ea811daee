import assert from "node:assert/strict";
import fc from "fast-check";
import { meetingAliases } from "../../runtime/core/documents/serve.ts";
import { checkPolicyDir } from "../../runtime/policy/mod.ts";
import { brief, goodFiles, policyFolder } from "./fixture.ts";

const TWICE = ["duplicate serve.alias:5", "duplicate serve.alias:5"];
const grant = (script: string, alias: string) =>
  `script: ${script}\norders: [hub]\nserve:\n  allow: [loopback]\n  alias: ${alias}\n`;

Deno.test("checkPolicyDir() refuses aliases that meet, at each of them", async (t) => {
  const cases: [what: string, first: string, second: string, mistakes: string[]][] = [
    ["two of one spelling", "/ipp/print", "/ipp/print", TWICE],
    ["one below another", "/ipp", "/ipp/print", TWICE],
    ["one above another", "/ipp/print", "/ipp", TWICE],
    ["but not neighbours", "/ipp/print", "/ipp/prints", []],
    ["nor two that differ in case", "/ipp/print", "/ipp/Print", []],
  ];
  for (const [what, first, second, mistakes] of cases) {
    await t.step(what, async () => {
      await using folder = await policyFolder({
        ...goodFiles(),
        "grants/x.yaml": grant("acme/x", first),
        "grants/y.yaml": grant("acme/y", second),
      });
      const found = (await checkPolicyDir(folder.dir)).mistakes;
      assert.deepEqual(brief(found), mistakes);
      const files = new Set(found.map(({ file }) => file.split("/").at(-1)));
      assert.deepEqual([...files], mistakes.length > 0 ? ["x.yaml", "y.yaml"] : []);
    });
  }
});

Deno.test("meetingAliases() tells every alias with which another meets", () => {
  const alias = fc.array(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 3 })
    .map((segments) => `/${segments.join("/")}`);
  fc.assert(fc.property(fc.array(alias, { maxLength: 6 }), (aliases) => {
    const claims = aliases.map((alias) => ({ alias }));
    const meet = (a: string, b: string) =>
      `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`);
    const expected = claims.filter((claim) =>
      claims.some((other) => other !== claim && meet(claim.alias, other.alias))
    ).map(({ alias }) => alias);
    const told = new Set(meetingAliases(claims).map(([{ alias }]) => alias));
    assert.deepEqual(told, new Set(expected));
  }));
});

import assert from "node:assert/strict";
import * as v from "valibot";
import {
  isAllowedBy,
  isForbiddenBy,
  rangeSchema,
  versionSchema,
} from "../../runtime/core/semver_range.ts";

Deno.test("rangeSchema accepts npm's ranges and refuses the empty one in every spelling", async (t) => {
  for (const range of ["*", "^1.2.3", ">=1.2 <2", "1.x || >=2.5.0", "1.2.3 - 2.3.4", "1.2.3"]) {
    await t.step(`accepts ${range}`, () => assert.ok(v.is(rangeSchema, range)));
  }
  for (const range of ["", " ", "||", "^1 ||", "|| ^1", "newest", "1.2.3.4", ">", "^1,^2", "^"]) {
    await t.step(`refuses "${range}"`, () => assert.ok(!v.is(rangeSchema, range)));
  }
  await t.step("256 characters and no more", () => {
    assert.ok(v.is(rangeSchema, "1.0.0".padEnd(256)));
    assert.ok(!v.is(rangeSchema, "1.0.0".padEnd(257)));
  });
});

Deno.test("versionSchema accepts one spelling of a version", () => {
  for (const version of ["0.0.0", "1.2.3", "1.2.3-rc.1"]) assert.ok(v.is(versionSchema, version));
  for (const version of ["", "1", "1.2", "v1.2.3", "=1.2.3", " 1.2.3", "1.2.3+b", "01.2.3", "*"]) {
    assert.ok(!v.is(versionSchema, version), version);
  }
});

Deno.test("isAllowedBy() leaves prereleases out, isForbiddenBy() takes them in", () => {
  assert.equal(isAllowedBy("1.4.0", "^1.0.0"), true);
  assert.equal(isAllowedBy("1.4.0-rc.1", "^1.0.0"), false);
  assert.equal(isAllowedBy("2.0.0", "^1.0.0"), false);
  assert.equal(isForbiddenBy("1.4.0", "<1.4.1"), true);
  assert.equal(isForbiddenBy("1.4.1-rc.1", "<1.4.1"), true);
  assert.equal(isForbiddenBy("1.4.0-rc.1", "*"), true);
  assert.equal(isForbiddenBy("1.4.1", "<1.4.1"), false);
});

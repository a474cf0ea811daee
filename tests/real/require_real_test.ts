import assert from "node:assert/strict";
import { requireReal } from "./require_real.ts";

Deno.test("requireReal() finds a program that is installed", () => {
  assert.match(requireReal(["sh"])!.sh, /^\/.*\/sh$/);
});

Deno.test("requireReal() fails for one that is not, when WRIT_REQUIRE_REAL is 1", () => {
  const before = Deno.env.get("WRIT_REQUIRE_REAL");
  Deno.env.set("WRIT_REQUIRE_REAL", "1");
  try {
    assert.throws(() => requireReal(["sh", "no-such-program"]), Error);
  } finally {
    if (before === undefined) Deno.env.delete("WRIT_REQUIRE_REAL");
    else Deno.env.set("WRIT_REQUIRE_REAL", before);
  }
});

import assert from "node:assert/strict";
import { isFromLoopback, isLoopback } from "../../runtime/core/loopback.ts";

Deno.test("isLoopback() knows this machine's own addresses from all others", async (t) => {
  const own = ["localhost", "127.0.0.1", "127.9.0.200", "::1", "[::1]"];
  const others = [
    "",
    "0.0.0.0",
    "127.0.0.1.example",
    "localhost.example",
    "::",
    "[::2]",
    "1127.0.0.1",
  ];
  for (const hostname of [...own, ...others]) {
    await t.step(`"${hostname}"`, () => assert.equal(isLoopback(hostname), own.includes(hostname)));
  }
});

Deno.test("isFromLoopback() takes addresses only, also IPv4 ones of an IPv6 socket", async (t) => {
  const own = ["127.0.0.1", "::1", "::ffff:127.0.0.1"];
  const others = ["", "localhost", "[::1]", "::ffff:10.0.0.1", "10.0.0.1", "127.0.0.1 "];
  for (const address of [...own, ...others]) {
    await t.step(
      `"${address}"`,
      () => assert.equal(isFromLoopback(address), own.includes(address)),
    );
  }
});

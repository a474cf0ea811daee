import assert from "node:assert/strict";
import { PageTokens } from "../../../runtime/agent/endpoint/page_tokens.ts";
import { TestDatabase } from "../../capabilities/fixture.ts";

const asked = (token: string) => `http://127.0.0.1/s/acme/echo/?writ-page=${token}`;

Deno.test("PageTokens knows a script's own pages, and for whom they were", () => {
  const tokens = new PageTokens();
  for (const caller of ["loopback", "public"] as const) {
    const token = tokens.of("acme/echo", caller);
    assert.equal(tokens.callerOf(asked(token), "acme/echo"), caller);
    assert.equal(tokens.callerOf(asked(token), "acme/other"), undefined);
    assert.equal(new PageTokens().callerOf(asked(token), "acme/echo"), undefined);
    assert.equal(tokens.callerOf(asked(token.slice(1)), "acme/echo"), undefined);
  }
  for (const token of ["", "é".repeat(43)]) {
    assert.equal(tokens.callerOf(asked(token), "acme/echo"), undefined);
  }
});

Deno.test("PageTokens.kept() knows pages from before a restart", async () => {
  using database = new TestDatabase();
  const log = () => {};
  const token = PageTokens.kept(database.store, log).of("acme/echo", "loopback");
  await database.store.write(() => {});
  database.reopen();
  assert.equal(
    PageTokens.kept(database.store, log).callerOf(asked(token), "acme/echo"),
    "loopback",
  );
});

import assert from "node:assert/strict";
import { HubError } from "../../runtime/hub/mod.ts";
import { openPostgres } from "../../runtime/hub/database/postgres.ts";
import { within } from "../within.ts";

/** AuthenticationOk and ReadyForQuery (PostgreSQL 15, "Message Formats"). */
const WELCOME = new Uint8Array([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

Deno.test("openPostgres() says `database` of a server that dies at the first thing it is asked", async () => {
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ends: string[] = [];
  const serving = (async () => {
    for await (const connection of server) {
      const buffer = new Uint8Array(4_096);
      await connection.read(buffer);
      await connection.write(WELCOME);
      ends.push(await connection.read(buffer) === null ? "was left" : "was asked");
      connection.close();
    }
  })();
  await assert.rejects(
    within(openPostgres(`postgres://writ@127.0.0.1:${server.addr.port}/hub`), "an answer"),
    (error) => error instanceof HubError && error.code === "database",
  );
  assert.equal(ends[0], "was asked");
  server.close();
  await within(serving, "the end of the server");
});

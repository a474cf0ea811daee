import assert from "node:assert/strict";
import { AgentError } from "../../../runtime/agent/mod.ts";
import { startConsole } from "../../../runtime/hub/console/mod.ts";
import { freePort } from "../../free_port.ts";
import { TestHub } from "../hub_fixture.ts";
import { PASSWORD } from "./fixture.ts";

Deno.test("startConsole() has a guess at a password cost 32 MB, three times over", async () => {
  await using test = await TestHub.start();
  const listen = { hostname: "127.0.0.1", port: 0 };
  await using running = await startConsole({ hub: test.hub, listen });
  const { users } = running.users;
  const { invitation } = await users.invite("acme", "system", { name: "ada", role: "admin" });
  await users.accept("acme", invitation, PASSWORD);
  const { password } = (await users.credentialsOf("acme", "ada"))!;
  assert.match(password, /^scrypt\$15\$8\$3\$/);
});

Deno.test("startConsole() leaves no listener behind when it cannot write its address down", async () => {
  await using test = await TestHub.start();
  const { hub } = test;
  const listen = { hostname: "127.0.0.1", port: freePort() };
  const stateDir = `${test.stateDir}/no-such-folder`;
  await assert.rejects(startConsole({ hub, listen, stateDir }), AgentError);
  await using again = await startConsole({ hub, listen, stateDir: test.stateDir });
  assert.equal(new URL(again.origin).port, String(listen.port));
});

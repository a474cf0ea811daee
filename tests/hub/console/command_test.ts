import assert from "node:assert/strict";
import { runCli } from "../../../runtime/cli/mod.ts";
import { FleetFolder } from "../../cli/fleet_folder.ts";
import { TestIo, writ } from "../../cli/test_io.ts";
import { PASSWORD } from "./fixture.ts";

const STATE = ["--hub-state", "hub"];

Deno.test("writ hub serves a console, and writ hub user lets the first admin in", async () => {
  using fleet = await FleetFolder.make();
  const at = { cwd: fleet.path };
  const io = new TestIo(at);
  const args = ["hub", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", ...STATE, "--json"];
  const ended = runCli(args, io);
  await Promise.race([io.written("out", /\n/), ended]);
  const { url, console: origin } = JSON.parse(io.out);
  assert.notEqual(new URL(url).origin, origin);
  assert.equal(new URL(origin).hostname, "localhost");
  try {
    await fleet.done("hub", "tenant", "acme", ...STATE);
    const invite = ["hub", "user", "Ada", "--tenant", "acme", ...STATE];
    const link = new URL((await fleet.done(...invite)).stdout.trim());
    assert.equal(link.origin, origin);
    await accept(link);
    // The same name, and a tenant that is none.
    assert.equal((await writ(invite, at)).exit, 1);
    assert.equal((await writ(["hub", "user", "bob", "--tenant", "none", ...STATE], at)).exit, 1);
    const again = new URL((await fleet.done(...invite, "--again")).stdout.trim());
    assert.notEqual(again.href, link.href);
    await accept(again);
  } finally {
    io.raise("SIGTERM");
  }
  assert.equal(await ended, 0, io.err);
  const gone = await writ(["hub", "user", "bob", "--tenant", "acme", ...STATE], at);
  assert.equal(gone.exit, 1);
});

async function accept(link: URL): Promise<void> {
  const answer = await fetch(`${link.origin}/welcome`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: link.origin },
    body: new URLSearchParams({ ...Object.fromEntries(link.searchParams), password: PASSWORD }),
  });
  await answer.body?.cancel();
  assert.equal(answer.status, 303);
  assert.match(answer.headers.get("set-cookie")!, /^__Host-writ=acme\./);
}

import assert from "node:assert/strict";
import { HubApi } from "../../runtime/cli/hub_api.ts";
import { TestHub, WHO } from "../hub/hub_fixture.ts";
import { RawAgent } from "../hub/raw_agent.ts";
import { until } from "../until.ts";
import { writ } from "./test_io.ts";

/** A hub, and commands that have a token of it. */
async function stage() {
  const hub = await TestHub.start();
  const token = await hub.token();
  const at = ["--hub", hub.hub.url, "--hub-token", "-"];
  const asked = async (...args: string[]) => {
    const ran = await writ(["hub", ...args, ...at], { stdin: `${token}\n` });
    assert.equal(ran.exit, 0, ran.stderr);
    return ran;
  };
  return { hub, asked };
}

Deno.test("HubApi.list() asks page by page, until it has what is wanted", async (t) => {
  const all = Array.from({ length: 1_200 }, (_, i) => i);
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    const { searchParams } = new URL(url);
    const after = Number(searchParams.get("after") ?? 0);
    const end = after + Number(searchParams.get("limit"));
    const next = end < all.length ? String(end) : null;
    return Response.json({ items: all.slice(after, end), next });
  });
  const api = new HubApi(`http://127.0.0.1:${server.addr.port}`, "token");
  for (
    const [most, count, isWhole] of [
      [undefined, 1_200, true],
      [1_200, 1_200, true],
      [700, 700, false],
      [1, 1, false],
    ] as const
  ) {
    await t.step(String(most), async () => {
      const found = await api.list("/list", {}, most);
      assert.deepEqual(found, { items: all.slice(0, count), isWhole });
    });
  }
});

Deno.test("writ hub enrol-tokens shows what became of each, and revokes one", async () => {
  const { hub, asked } = await stage();
  await using _hub = hub;
  using agent = await RawAgent.enrolled(hub);
  const { id } = await hub.services.enrolment.create("acme", WHO, { expiresMs: 60_000 });
  const { stdout } = await asked("enrol-tokens", "--revoke", id);
  assert.match(stdout, new RegExp(`${id} +revoked`));
  assert.ok(stdout.includes(`used by ${agent.id}`));
});

Deno.test("writ hub agents ID lets no fact of an agent move the cursor", async () => {
  const { hub, asked } = await stage();
  await using _hub = hub;
  using agent = await RawAgent.enrolled(hub);
  using link = await agent.connect();
  await link.hello();
  await link.say({ type: "facts", facts: [{ name: "os", value: "evil \u009b2J \u202e" }] });
  await link.hear("standing");
  const shown = async () => (await asked("agents", agent.id)).stdout;
  await until(async () => (await shown()).includes("evil"));
  assert.match(await shown(), /evil \\u009b2J \\u202e/);
});

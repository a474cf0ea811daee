import assert from "node:assert/strict";
import { runCli } from "../../runtime/cli/mod.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { TestIo, writ } from "./test_io.ts";
import { until } from "../until.ts";

const SCRIPT = `let seen = 0;
export default {
  async fetch(request, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/throw") throw new Error("no");
    if (pathname === "/wake") await ctx.schedule(0, "woken");
    if (pathname === "/woken") return Response.json(await ctx.store.get("woken") ?? null);
    return Response.json({
      path: pathname, method: request.method, body: await request.text(), seen: ++seen,
      mount: request.headers.get("writ-mount"), cookie: request.headers.get("cookie"),
    }, { headers: { "set-cookie": "a=b", "x-own": "1" } });
  },
  async run(input, ctx) { await ctx.store.set("woken", input); },
};
`;
const MANIFEST = "publisher: acme\nname: hello\nversion: 1.0.0\nsequence: 1\nlife: live\n" +
  'runtime: ">=0.1.0 <1.0.0"\ncreated: 2026-03-01T12:00:00Z\nmodule: mod.js\n';

function folder(): TemporaryDir {
  const dir = new TemporaryDir();
  dir.file("mod.js", SCRIPT);
  dir.file("manifest.yaml", MANIFEST);
  dir.file("grant.yaml", "capabilities: { store: {} }\nlife: live\n");
  return dir;
}

Deno.test("try --fetch asks the endpoint once", async (t) => {
  using dir = folder();
  const ask = (...args: string[]) => writ(["try", "mod.js", "--json", ...args], { cwd: dir.path });
  type Answer = { status: number; headers: [string, string][]; body: string };
  await t.step("by GET", async () => {
    const ran = await ask("--fetch", "/jobs?all");
    const { status, headers, body } = ran.json<Answer>();
    assert.deepEqual([ran.exit, status], [0, 200]);
    assert.ok(!ran.stderr.includes("interrupted"), ran.stderr);
    const { path, method, mount } = JSON.parse(body);
    assert.deepEqual([path, method, mount], ["/jobs", "GET", "/s/local/try"]);
    const names = headers.map(([name]) => name);
    assert.ok(names.includes("x-own") && !names.includes("set-cookie"));
  });
  await t.step("by POST, with an input", async () => {
    const { body } = (await ask("--fetch", "/", "--input", '{"n":1}')).json<Answer>();
    const told = JSON.parse(body);
    assert.deepEqual([told.method, told.body], ["POST", '{"n":1}']);
  });
  await t.step("and tells how it failed", async () => {
    const ran = await writ(["try", "mod.js", "--fetch", "/throw"], { cwd: dir.path });
    assert.equal(ran.exit, 1);
    assert.match(ran.stdout, /script_error/);
    assert.match(ran.stderr, /script_error GET/);
  });
  await t.step("but only for a path, and without --watch", async () => {
    assert.equal((await ask("--fetch", "jobs")).exit, 2);
    assert.equal((await ask("--fetch", "/", "--watch")).exit, 2);
    assert.equal((await ask("--serve", "99999")).exit, 2);
  });
});

Deno.test("try --serve serves the endpoint until it is told to stop", async () => {
  using dir = folder();
  const io = new TestIo({ cwd: dir.path });
  const running = runCli(["try", "mod.js", "--serve", "--grant", "grant.yaml"], io);
  const url = (await io.written("err", /serving.* (http:\S+)/))[1]!;
  const get = async (path: string, init?: RequestInit) =>
    await (await fetch(url + path, init)).json();
  const first = await get("a", { headers: { cookie: "s=1" } });
  assert.deepEqual([first.path, first.cookie, first.seen], ["/a", null, 1]);
  assert.equal((await get("b")).seen, 2, "one live cell");
  await get("wake");
  await until(async () => await get("woken") === "woken");
  const stranger = await fetch(url, { headers: { origin: "https://evil.example" } });
  assert.equal(stranger.status, 404);
  await stranger.body?.cancel();
  io.raise("SIGINT");
  assert.equal(await running, 0);
});

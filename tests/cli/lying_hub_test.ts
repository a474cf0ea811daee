/** A hub that was taken over, and what it can have the commands of an admin do: nothing of these. */
import assert from "node:assert/strict";
import { formatEnrolToken } from "../../runtime/agent/hub_link/enrol_token.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import { parseDocument } from "../../runtime/core/documents/parse.ts";
import { openEnvelope } from "../../runtime/core/dsse.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { FleetFolder } from "./fleet_folder.ts";
import { writ } from "./test_io.ts";

const ORDER = "11111111-1111-1111-1111-111111111111";
const MEANT = `writ-key:${"B".repeat(42)}A`;
const OTHER = `writ-key:${"V".repeat(42)}A`;
const LIES: Readonly<Record<string, unknown>> = {
  "/api/v1/agents": { next: null, items: [{ id: OTHER, name: "desk", standing: "approved" }] },
  "/api/v1/tenant": { fleet: "another-customers-fleet" },
};

/** A hub that lies, and what it was posted. */
class LyingHub implements AsyncDisposable {
  readonly posted: Uint8Array[] = [];
  token = "";
  readonly #artefact: object;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(artefact: object = {}) {
    this.#artefact = {
      ...{ agent: OTHER, agentName: "desk", run: 1, name: "report.txt", bytes: 5, isWhole: true },
      ...{ refused: null, at: 0, ...artefact },
    };
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
  }

  get at(): string[] {
    return ["--hub", `http://127.0.0.1:${this.#server.addr.port}`, "--hub-token", "-"];
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/v1/enrol-tokens") {
      return Response.json({ token: this.token, expires: 0 });
    }
    if (pathname === "/v1/ca") {
      return Response.json({ error: { code: "not_found", message: "" } }, { status: 404 });
    }
    if (request.method === "POST") {
      this.posted.push(await request.bytes());
      return Response.json({ id: ORDER, counts: {}, outcomes: {} });
    }
    if (pathname.endsWith("/artefacts")) return Response.json({ items: [this.#artefact] });
    if (pathname.includes("/artefacts/")) return new Response("hello");
    return Response.json(LIES[pathname] ?? { items: [], next: null });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test("writ hub artefacts --save writes nothing outside of its folder, whatever the hub calls it", async () => {
  using dir = new TemporaryDir();
  const save = async (artefact: object) => {
    await using hub = new LyingHub(artefact);
    const args = ["hub", "artefacts", ORDER, "--save", "out", ...hub.at];
    return await writ(args, { cwd: dir.path, stdin: "token\n" });
  };
  const saved = await save({ at: Number.MAX_SAFE_INTEGER });
  assert.equal(saved.exit, 0, saved.stderr);
  assert.match(saved.stdout, /at no time/);
  assert.equal(Deno.readTextFileSync(`${dir.path}/out/VVVVVVVV-1-report.txt`), "hello");
  for (
    const lie of [
      { name: "/../../stolen" },
      { name: "..\\stolen" },
      { name: "" },
      { agent: "writ-key:/../../" },
      { run: "1/../../../stolen" },
    ]
  ) {
    const ran = await save(lie);
    assert.deepEqual([ran.exit, ran.stderr.includes("Cannot save")], [1, true], ran.stderr);
  }
  assert.deepEqual([...Deno.readDirSync(dir.path)].map(({ name }) => name), ["out"]);
  assert.equal([...Deno.readDirSync(`${dir.path}/out`)].length, 1);
});

Deno.test("writ hub order --key signs for the fleet of the folder and the ids that were typed", async () => {
  using fleet = await FleetFolder.make();
  await using hub = new LyingHub();
  const order = (...to: string[]) =>
    fleet.writ(
      ["hub", "order", "example/hello", ...to, "--key", "keys/operator.pem", ...hub.at],
      { stdin: "token\n" },
    );
  const ran = await order("--to", MEANT);
  assert.equal(ran.exit, 0, ran.stderr);
  const { payload } = openEnvelope("order", hub.posted[0]!);
  const signed = parseDocument("order", payload);
  assert.deepEqual([signed.fleet, signed.audience], ["test", { agents: [MEANT] }]);
  for (const named of ["desk", MEANT.slice(0, 20)]) {
    assert.equal((await order("--to", named)).exit, 2, "only the hub knows whom it means");
  }
  assert.equal((await order("--all")).exit, 2);
  assert.equal(hub.posted.length, 1);
});

Deno.test("writ hub takes a whole id as it is, and no name for the beginning of one", async () => {
  await using hub = new LyingHub();
  const order = async (to: string) => {
    const args = ["hub", "order", "example/hello", "--to", to, ...hub.at];
    const { exit, stderr } = await writ(args, { stdin: "token\n" });
    return exit === 0 ? JSON.parse(new TextDecoder().decode(hub.posted.at(-1))).select : stderr;
  };
  assert.deepEqual(await order(MEANT), { agents: [MEANT] });
  assert.deepEqual(await order("desk"), { agents: [OTHER] }, "the hub orders as it likes anyway");
  assert.match(await order(MEANT.slice(0, 20)), /Cannot find an agent/);
});

Deno.test("writ hub enrol-token says that a token leads elsewhere, and prints none that is none", async () => {
  using fleet = await FleetFolder.make();
  await using hub = new LyingHub();
  const made = async (token: string) => {
    hub.token = token;
    return await fleet.writ(["hub", "enrol-token", "--approved", ...hub.at], { stdin: "token\n" });
  };
  const root = openEnvelope("root", Deno.readFileSync(`${fleet.path}/policy/signed/root.1.json`));
  const own = {
    ...{ tenant: "acme", hub: OTHER as KeyId, secret: "A".repeat(43) },
    root: digestOf(root.payload),
  };
  const good = await made(formatEnrolToken(own));
  assert.deepEqual([good.exit, /leads to root/.test(good.stderr)], [0, false], good.stderr);
  const thief = await made(formatEnrolToken({ ...own, root: `sha256:${"0".repeat(64)}` }));
  assert.deepEqual([thief.exit, /leads to root sha256:0000/.test(thief.stderr)], [0, true]);
  const odd = await made(`${formatEnrolToken(own)}\x1b]52;c;AAAA\x07`);
  assert.deepEqual([odd.exit, odd.stdout], [1, ""]);
});

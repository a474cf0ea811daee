import assert from "node:assert/strict";
import type { Rollout } from "../../runtime/hub/mod.ts";
import { runCli } from "../../runtime/cli/mod.ts";
import { FleetFolder } from "../cli/fleet_folder.ts";
import { TestIo, writ } from "../cli/test_io.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { until } from "../until.ts";

/** A command that goes on until it is told to stop. */
class Running implements AsyncDisposable {
  readonly io: TestIo;
  readonly #exit: Promise<number>;

  constructor(args: readonly string[], cwd: string) {
    this.io = new TestIo({ cwd });
    this.#exit = runCli([...args, "--json"], this.io);
  }

  /** Its answer, once it is ready. */
  async ready<T>(): Promise<T> {
    const early = this.#exit.then((exit) => {
      throw new Error(`it ended with ${exit}: ${this.io.err}`);
    });
    await Promise.race([this.io.written("out", /\n/), early]);
    return JSON.parse(this.io.out);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.io.raise("SIGTERM");
    assert.equal(await this.#exit, 0, this.io.err);
  }
}

/** What the script leaves at the hub, in parts. */
const REPORT = Uint8Array.from({ length: 30_000 }, (_, i) => i * 7 % 251);

/** The script of a new fleet, which also leaves a file at the hub. */
function leavingFile(source: string): string {
  const parts = [0, 10_000, 20_000].map((from, i) => `
    ctx.emit("artefact", {
      ...{ name: "report.bin", part: ${i + 1}, of: 3 },
      base64: Uint8Array.from({ length: 10_000 }, (_, i) =>
        (i + ${from}) * 7 % 251).toBase64(),
    });`);
  const changed = source.replace(/run\(.*\{\n/, (line) => line + parts.join(""));
  assert.notEqual(changed, source);
  return changed;
}

const HUB_ORDERS = "orders: [operator, hub]";

Deno.test("writ hub takes a fleet from nothing to an order that ran, by commands alone", async () => {
  using fleet = await FleetFolder.make();
  await using hub = new Running(
    ["hub", "--listen", "127.0.0.1:0", "--hub-state", "hub"],
    fleet.path,
  );
  const { url } = await hub.ready<{ url: string }>();
  const at = ["--hub-state", "hub"];

  const tenant = (await fleet.done("hub", "tenant", "acme", ...at, "--json")).json<{
    orderer: string;
  }>();
  await fleet.done("root", "rotate", "--add", `orderer:hub=${tenant.orderer}`);
  await fleet.done("hub", "carry", "policy/signed/root.2.json", ...at);
  fleet.file("policy/fleet.yaml", withHubOrderer(fleet.read("policy/fleet.yaml"), tenant.orderer));
  fleet.file(
    "policy/grants/hello.yaml",
    fleet.read("policy/grants/hello.yaml").replace("orders: [operator]", HUB_ORDERS),
  );
  await fleet.done("policy", "sign", "--expires", "30 d");
  await fleet.done("hub", "carry", "policy/signed/acceptlist.1.json", ...at);
  fleet.file("scripts/hello/mod.ts", leavingFile(fleet.read("scripts/hello/mod.ts")));
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  await fleet.done("sign", "dist/manifest.json", "--key", "keys/publisher.pem");
  await fleet.done("publish", "dist", "--to-hub", ...at);

  using machine = new TemporaryDir();
  const token = (await fleet.done("hub", "enrol-token", "--label", "office", ...at)).stdout.trim();
  const enrol = async (token: string) =>
    await writ(["enrol", url, "-", "--name", "desk", "--json"], {
      ...{ cwd: machine.path, stdin: token },
    });
  const enrolled = await enrol(token);
  assert.equal(enrolled.exit, 0, enrolled.stderr);
  const { agent: id, standing } = enrolled.json<{ agent: string; standing: string }>();
  assert.equal(standing, "pending");
  assert.ok(Deno.statSync(`${machine.path}/policy/schema/fleet.schema.json`).isFile);
  const yaml = `${machine.path}/policy/fleet.yaml`;
  Deno.writeTextFileSync(yaml, Deno.readTextFileSync(yaml).replace(":8799", ":0"));
  await using agent = new Running(["agent", "--prewarm", "0"], machine.path);
  await agent.ready();
  await fleet.done("hub", "approve", id, ...at);
  await agent.io.written("err", /"message":"policy loaded".*\n.*"message":"policy loaded"/s);

  const order = (await fleet.done(
    ...["hub", "order", "example/hello", "--all", "--input", '{"name":"Ada"}', ...at, "--json"],
  )).json<{ id: string }>();
  await agent.io.written("err", /"message":"run ended"/);
  const deliveries = await outcome(fleet, order.id, at);
  assert.deepEqual(deliveries, [{
    outcome: "ok",
    result: { greeting: "Hello, Ada!", documents: [] },
  }]);

  const saved = (await fleet.done(
    ...["hub", "artefacts", order.id, "--save", "left", ...at, "--json"],
  )).json<{ saved: string[] }>().saved;
  assert.equal(saved.length, 1);
  assert.match(saved[0]!, /-1-report\.bin$/);
  assert.deepEqual(await Deno.readFile(`${fleet.path}/${saved[0]}`), REPORT);

  await fleet.done("hub", "quota", "acme", "--max-artefacts", "30 kB", ...at);
  const more = (await fleet.done(
    ...["hub", "order", "example/hello", "--all", "--input", '{"name":"Ben"}', ...at, "--json"],
  )).json<{ id: string }>();
  await agent.io.written("err", /"message":"artefact refused by the hub".*"code":"tenant_full"/);
  await outcome(fleet, more.id, at);
  const { stdout } = await fleet.done("hub", "artefacts", more.id, ...at);
  assert.match(stdout, /report\.bin +0, not whole: the tenant has no room for it/);

  await fleet.done("policy", "sign", "--expires", "30 d");
  for (const what of ["example/hello@1.0.0", "policy/signed/acceptlist.2.json"]) {
    const plan = ["--ring", "canary=office", "all", "--settle", "1 ms"];
    const { id } = (await fleet.done("hub", "rollout", what, ...plan, ...at, "--json")).json<
      { id: string }
    >();
    const rollout = async () =>
      (await fleet.done("hub", "rollouts", id, ...at, "--json")).json<Rollout>();
    await until(async () => (await rollout()).state !== "running");
    assert.equal((await rollout()).state, "done");
    assert.deepEqual((await rollout()).rings.map(({ name, good }) => [name, good]), [[
      "canary",
      1,
    ]]);
    const refused = await fleet.writ(["hub", "rollout-pause", id, ...at, "--json"]);
    assert.equal(refused.json<{ error: { code: string } }>().error.code, "conflict");
  }

  // The machine loses its state, and is itself again by one command and one yes of an admin.
  await agent[Symbol.asyncDispose]();
  await fleet.done("hub", "quota", "acme", "--max-artefacts", "1 MB", ...at);
  const waiting = (await fleet.done(
    ...["hub", "order", "example/hello", "--to", "desk", "--input", '{"name":"Cyd"}', ...at],
    "--json",
  )).json<{ id: string }>();
  await Deno.remove(`${machine.path}/state`, { recursive: true });
  const again = await enrol((await fleet.done("hub", "enrol-token", ...at)).stdout.trim());
  assert.equal(again.exit, 0, again.stderr);
  const listed = await fleet.done("hub", "agents", "--standing", "pending", ...at);
  const command = /desk looks like desk, away since \S+: writ (hub approve .* --replaces desk)$/m
    .exec(listed.stderr)![1]!;
  await fleet.done(...command.split(" "), ...at);
  await using _reinstalled = new Running(["agent", "--prewarm", "0"], machine.path);
  await until(async () =>
    (await fleet.done("hub", "orders", waiting.id, ...at)).stdout
      .includes("Hello, Cyd!")
  );
  const agents = (await fleet.done("hub", "agents", "--standing", "approved", ...at, "--json"))
    .json<{ items: { name: string; labels: string[] }[] }>().items;
  assert.deepEqual(agents.map(({ name, labels }) => [name, labels]), [["desk", ["office"]]]);
});

function withHubOrderer(yaml: string, key: string): string {
  return yaml.replace("orderers:\n", `orderers:\n  hub:\n    keys: [${key}]\n    threshold: 1\n`);
}

/** The agent reports a moment after its run has ended. */
async function outcome(fleet: FleetFolder, id: string, at: string[]): Promise<unknown[]> {
  let outcomes: unknown[] = [];
  await until(async () => {
    const { counts, deliveries } = (await fleet.done("hub", "orders", id, ...at, "--json")).json<{
      counts: Record<string, number>;
      deliveries: { outcome: unknown }[];
    }>();
    outcomes = deliveries.map(({ outcome }) => outcome);
    return counts.ended === 1;
  });
  return outcomes;
}

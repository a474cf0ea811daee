/** What somebody types or attaches that no order can carry. */
import assert from "node:assert/strict";
import { rulesFromFolder, startAgent } from "../../runtime/agent/mod.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { FakeRunner } from "../agent/fixture.ts";
import { FleetFolder } from "../cli/fleet_folder.ts";
import { assertClearError } from "./clear_error.ts";

const LONG = JSON.stringify("a".repeat(LIMITS.ORDER_BYTES));
const DEEP = "[".repeat(100_000) + "]".repeat(100_000);

type Case = readonly [name: string, args: string[], exit: 1 | 2, code: string, stdin?: string];

const CASES: readonly Case[] = [
  ["truncated JSON", ["--input", '{"name": "A'], 2, "usage"],
  ["empty input", ["--input", ""], 2, "usage"],
  ["oversized input", ["--input", LONG], 2, "usage"],
  ["input nested without end", ["--input", DEEP], 2, "usage"],
  ["a number that is none", ["--input", "1e400"], 2, "usage"],
  ["half a surrogate pair", ["--input", '"\\ud800"'], 2, "usage"],
  ["a key that fools objects", ["--input", '{"__proto__": 1}'], 2, "usage"],
  ["a truncated input file", ["--input", "@cut.json"], 2, "usage"],
  ["an oversized input file", ["--input", "@long.json"], 1, "file"],
  ["an input file that is not UTF-8", ["--input", "@latin1.json"], 2, "usage"],
  ["a missing input file", ["--input", "@none.json"], 1, "no_such_file"],
  ["a folder as input", ["--input", "@policy"], 1, "file"],
  ["truncated standard input", ["--input", "-"], 2, "usage", '{"name"'],
  ["oversized standard input", ["--input", "-"], 2, "usage", LONG],
  ["no standard input", ["--input", "-"], 2, "usage", ""],
  ["a missing attachment", ["--attach", "none.pdf"], 1, "no_such_file"],
  ["a folder as attachment", ["--attach", "policy"], 1, "file"],
];

/** Only an order is sealed, signed and sent. */
const ORDER_CASES: readonly Case[] = [
  ["input that fits, in an order that does not", ["--input", "@most.json"], 1, "too_large"],
  ["a bare number for a time", ["--expires", "10"], 2, "usage"],
  ["a time without a zone", ["--at", "2026-01-31T09:00:00"], 2, "usage"],
  ["a truncated key", ["--key", "cut.pem"], 1, "not_a_key"],
  ["a missing key", ["--key", "none.pem"], 1, "no_such_file"],
  ["an address that is none", ["--agent", "127.0.0.1:8799"], 2, "usage"],
];

async function fleetWithBadFiles(): Promise<FleetFolder> {
  const fleet = await FleetFolder.make();
  fleet.file("cut.json", '{"name": "A');
  fleet.file("long.json", LONG);
  fleet.file("most.json", JSON.stringify("a".repeat(LIMITS.ORDER_BYTES - 2)));
  fleet.file("latin1.json", Uint8Array.of(0x22, 0xe4, 0x22));
  fleet.file("cut.pem", fleet.read("keys/operator.pem").slice(0, 60));
  Deno.chmodSync(`${fleet.path}/cut.pem`, 0o600);
  return fleet;
}

Deno.test("writ order refuses, before anything is stored or run,", async (t) => {
  using fleet = await fleetWithBadFiles();
  // Without a schema any input fits, and an order fails by what it is made of.
  const [manifest] = fleet.read("scripts/hello/manifest.yaml").split("input-schema:");
  fleet.file("scripts/hello/manifest.yaml", manifest!);
  await fleet.publishHello();
  const runner = new FakeRunner();
  const rules = rulesFromFolder(`${fleet.path}/policy`, []);
  await using _agent = await startAgent({ stateDir: `${fleet.path}/state`, rules, runner });
  for (const [name, args, exit, code, stdin = ""] of [...CASES, ...ORDER_CASES]) {
    await t.step(name, async () => {
      const ran = await fleet.writ(["order", "example/hello", ...args, "--json"], { stdin });
      assertClearError(ran, exit, code);
    });
  }
  await t.step("and takes what is right", async () => {
    assert.deepEqual((await fleet.done("runs", "--json")).json(), { runs: [] });
    const args = ["--input", '{"name": "Ada"}', "--attach", "cut.json", "--follow"];
    const ran = await fleet.done("order", "example/hello", ...args, "--json");
    assert.deepEqual(ran.json().result, { name: "Ada" });
    assert.equal(runner.started.length, 1);
  });
});

Deno.test("writ try refuses, before anything is run,", async (t) => {
  using fleet = await fleetWithBadFiles();
  for (const [name, args, exit, code, stdin = ""] of CASES) {
    await t.step(name, async () => {
      const ran = await fleet.writ(["try", "scripts/hello", ...args, "--json"], { stdin });
      assertClearError(ran, exit, code);
    });
  }
});

Deno.test("an agent keeps no blob whose sender broke off, and takes it the next time", async () => {
  using fleet = await FleetFolder.make();
  const stateDir = `${fleet.path}/state`;
  const rules = rulesFromFolder(`${fleet.path}/policy`, []);
  await using agent = await startAgent({ stateDir, rules, runner: new FakeRunner() });
  const bytes = new Uint8Array(200_000).fill(7);
  const url = `${agent.url}/v1/blobs/${digestOf(bytes)}`;
  const authorization = `Bearer ${fleet.read("state/operator.token").trim()}`;
  const ask = async (method: string, body: BodyInit | null = null) => {
    const response = await fetch(url, { method, body, headers: { authorization } });
    await response.body?.cancel();
    return response.status;
  };
  const breaksOff = new ReadableStream({
    pull(controller) {
      if (controller.desiredSize! < 1) return;
      controller.enqueue(bytes.subarray(0, 100_000));
      controller.error(new Error("on purpose"));
    },
  });
  await assert.rejects(ask("PUT", breaksOff));
  assert.equal(await ask("HEAD"), 404);
  assert.equal(await ask("PUT", bytes), 201);
  assert.equal(await ask("HEAD"), 200);
});

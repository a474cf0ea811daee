/** What `writ agent` says of a state folder, or of an address, that it cannot use. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { statePaths } from "../../runtime/agent/mod.ts";
import { STATE_VERSION } from "../../runtime/agent/store/schema.ts";
import { FleetFolder } from "../cli/fleet_folder.ts";
import { assertClearError } from "./clear_error.ts";
import { runAgent } from "./run_agent.ts";

const unix = { ignore: Deno.build.os === "windows" };

type Content = string | Uint8Array;
type Fault = readonly [
  name: string,
  file: string,
  change: (before: string) => Content,
  code: string,
];

const FAULTS: readonly Fault[] = [
  ["an empty key", "agent.key", () => "", "key_unreadable"],
  ["a truncated key", "agent.key", (pem) => pem.slice(0, 60), "key_unreadable"],
  ["an oversized key", "agent.key", (pem) => pem + "\n".repeat(70_000), "key_unreadable"],
  ["a key of another algorithm", "agent.key", otherKey, "key_unreadable"],
  ["a truncated token", "operator.token", (text) => text.slice(0, 20), "key_unreadable"],
  ["an oversized token", "operator.token", (text) => text + " ".repeat(70_000), "key_unreadable"],
  ["a truncated audit head", "audit.head", (text) => text.slice(0, -10), "state_unreadable"],
  ["an oversized audit head", "audit.head", () => "x".repeat(1 << 20), "state_unreadable"],
  ["a database of zeros", "agent.db", () => new Uint8Array(4_096), "state_unreadable"],
  ["a database that is text", "agent.db", () => "hello ".repeat(1_000), "state_unreadable"],
];

/** A fleet whose agent has run before, and who that agent is. */
async function fleetWithState(): Promise<{ fleet: FleetFolder; id: string }> {
  const fleet = await FleetFolder.make();
  return { fleet, id: await startedId(fleet) };
}

/** Starts and stops the agent; says who it is. */
async function startedId(fleet: FleetFolder): Promise<string> {
  const ran = await runAgent(fleet);
  assert.equal(ran.exit, 0, ran.stderr);
  return ran.json<{ agent: string }>().agent;
}

Deno.test("writ agent refuses a state folder that is spoilt and leaves it as it is", async (t) => {
  const { fleet, id } = await fleetWithState();
  using _ = fleet;
  for (const [name, file, change, code] of FAULTS) {
    await t.step(name, async () => {
      const path = `${fleet.path}/state/${file}`;
      const before = Deno.readFileSync(path);
      const content = change(new TextDecoder().decode(before));
      const spoilt = typeof content === "string" ? new TextEncoder().encode(content) : content;
      Deno.writeFileSync(path, spoilt);
      const ran = await runAgent(fleet);
      const after = Deno.readFileSync(path);
      Deno.writeFileSync(path, before);
      assertClearError(ran, 1, code);
      assert.deepEqual(after, spoilt);
    });
  }
  await t.step("a truncated database", async () => {
    const { database } = statePaths(`${fleet.path}/state`);
    const before = Deno.readFileSync(database);
    Deno.truncateSync(database, before.length / 2);
    const ran = await runAgent(fleet);
    Deno.writeFileSync(database, before);
    assertClearError(ran, 1, "state_unreadable");
  });
  await t.step("a database of a newer version", async () => {
    const { database } = statePaths(`${fleet.path}/state`);
    const before = Deno.readFileSync(database);
    setVersion(database, STATE_VERSION + 1);
    const newer = Deno.readFileSync(database);
    const ran = await runAgent(fleet);
    const after = Deno.readFileSync(database);
    Deno.writeFileSync(database, before);
    assertClearError(ran, 1, "state_newer");
    assert.deepEqual(after, newer);
  });
  await t.step("and starts as who it was when all is put back", async () => {
    assert.equal(await startedId(fleet), id);
  });
});

Deno.test("writ agent refuses a state folder that is open to others, or none", unix, async (t) => {
  const { fleet, id } = await fleetWithState();
  using _ = fleet;
  const state = `${fleet.path}/state`;
  await t.step("others may write in it", async () => {
    Deno.chmodSync(state, 0o770);
    const ran = await runAgent(fleet);
    Deno.chmodSync(state, 0o700);
    assertClearError(ran, 1, "state_permissions");
  });
  for (const file of ["agent.key", "operator.token"]) {
    await t.step(`others may read ${file}`, async () => {
      Deno.chmodSync(`${state}/${file}`, 0o644);
      const ran = await runAgent(fleet);
      Deno.chmodSync(`${state}/${file}`, 0o600);
      assertClearError(ran, 1, "key_unreadable");
    });
  }
  for (const name of ["agent.key", "agent.db", "audit.head"]) {
    await t.step(`a folder for ${name}`, async () => {
      Deno.renameSync(`${state}/${name}`, `${state}/aside`);
      Deno.mkdirSync(`${state}/${name}`, { mode: 0o700 });
      const ran = await runAgent(fleet);
      Deno.removeSync(`${state}/${name}`);
      Deno.renameSync(`${state}/aside`, `${state}/${name}`);
      assertClearError(ran, 1, name === "agent.key" ? "key_unreadable" : "state_unreadable");
    });
  }
  await t.step("a file", async () => {
    const path = fleet.file("file", "");
    assertClearError(await runAgent(fleet, ["--state", path]), 1, "state_unreadable");
  });
  await t.step("below a file", async () => {
    const ran = await runAgent(fleet, ["--state", `${fleet.path}/file/state`]);
    assertClearError(ran, 1, "state_unreadable");
  });
  await t.step("and starts as who it was when all is put back", async () => {
    assert.equal(await startedId(fleet), id);
  });
});

Deno.test("writ agent refuses a port in use and an address that is none", async (t) => {
  const { fleet, id } = await fleetWithState();
  using _ = fleet;
  await t.step("a port in use", async () => {
    using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const ran = await runAgent(fleet, ["--listen", `127.0.0.1:${other.addr.port}`]);
    assertClearError(ran, 1, "port_in_use");
    assert.match(ran.stderr, /^hint: /m);
  });
  for (const address of ["127.0.0.1", "127.0.0.1:99999", "8799", "", "::1:80"]) {
    await t.step(address || "nothing", async () => {
      assertClearError(await runAgent(fleet, ["--listen", address]), 2, "usage");
    });
  }
  await t.step("and starts as who it was at a free one", async () => {
    assert.equal(await startedId(fleet), id);
  });
});

function setVersion(database: string, version: number): void {
  using db = new DatabaseSync(database);
  db.exec(`PRAGMA user_version = ${version}`);
}

/** A private key that is none of ours. */
function otherKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return privateKey.export({ format: "pem", type: "pkcs8" }) as string;
}

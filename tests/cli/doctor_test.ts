import assert from "node:assert/strict";
import {
  checkClock,
  checkDeno,
  checkDisk,
  checkInForce,
  checkIsolation,
  checkPrivate,
  CLOCK_TOLERANCE_MS,
  type Diagnosis,
  FREE_BYTES,
} from "../../runtime/cli/doctor/doctor.ts";
import { runCli } from "../../runtime/cli/mod.ts";
import { FleetFolder } from "./fleet_folder.ts";
import { TestIo } from "./test_io.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");

Deno.test("doctor finds a fresh fleet in order and says the isolation level", async () => {
  using fleet = await FleetFolder.make();
  const ran = await fleet.writ(["doctor", "--json"]);
  const { ok, level, checks } = ran.json<{ ok: boolean; level: number; checks: Diagnosis[] }>();
  assert.deepEqual([ran.exit, ok], [0, true]);
  assert.ok([0, 1, 2].includes(level));
  const names = new Set(checks.map(({ check }) => check));
  for (const name of ["deno", "isolation", "policy", "state", "keys", "agent", "clock"]) {
    assert.ok(names.has(name), name);
  }
});

Deno.test("doctor exits 1 and says the fix for each thing that is wrong", async () => {
  using fleet = await FleetFolder.make();
  Deno.chmodSync(`${fleet.path}/keys/root.pem`, 0o644);
  fleet.file("policy/fleet.yaml", "fleet: test\n");
  const ran = await fleet.writ(["doctor", "--json"]);
  const { checks } = ran.json<{ checks: Diagnosis[] }>();
  const problems = checks.filter(({ status }) => status === "problem");
  assert.equal(ran.exit, 1);
  assert.deepEqual(problems.map(({ check }) => check).sort(), ["key", "policy"]);
  assert.ok(problems.every(({ fix }) => fix !== undefined));
});

Deno.test("checkClock() finds a clock behind the newest file by more than the tolerance", () => {
  assert.equal(checkClock(NOW, NOW + CLOCK_TOLERANCE_MS).status, "ok");
  assert.equal(checkClock(NOW, NOW + CLOCK_TOLERANCE_MS + 1).status, "problem");
});

Deno.test("checkPrivate() finds what others may read", () => {
  assert.equal(checkPrivate("key", "k", 0o100600).status, "ok");
  assert.equal(checkPrivate("key", "k", 0o100640).status, "problem");
  assert.equal(checkPrivate("key", "k", 0o100601).status, "problem");
});

Deno.test("checkIsolation() says why the level is not higher, and when there is none", () => {
  const low = checkIsolation(
    { deno: "/d", level: 0, missing: ["install util-linux: x"] },
    undefined,
  );
  assert.deepEqual(low.map(({ status }) => status), ["warning", "warning"]);
  assert.equal(low[1]!.fix, "apt-get install util-linux");
  const fixOf = (reason: string) => {
    const [level, missing] = checkIsolation({ deno: "/d", level: 1, missing: [reason] }, undefined);
    assert.deepEqual([level!.status, missing!.status], ["ok", "warning"]);
    return missing!.fix!;
  };
  assert.equal(fixOf("bubblewrap is not installed"), "apt-get install bubblewrap");
  assert.match(fixOf("the chain of level 2 fails here: x"), /unprivileged_userns_clone/);
  assert.deepEqual(checkIsolation(undefined, "no").map(({ status }) => status), ["problem"]);
});

Deno.test("checkDeno() warns of a version that the walls were not tested with", () => {
  assert.equal(checkDeno("2.9.6").status, "ok");
  assert.equal(checkDeno("2.90.0").status, "warning");
});

Deno.test("doctor --fix closes what is open to others, and clears up after a killed agent", async () => {
  using fleet = await FleetFolder.make();
  const path = `${fleet.path}/keys/root.pem`;
  Deno.chmodSync(path, 0o644);
  Deno.mkdirSync(`${fleet.path}/state`, { mode: 0o700 });
  fleet.file("state/agent.url", "http://127.0.0.1:1\n");
  const statuses = async (...args: string[]) => {
    const ran = await fleet.writ(["doctor", ...args, "--json"]);
    const { checks } = ran.json<{ checks: Diagnosis[] }>();
    const bad = checks.filter(({ check }) => ["key", "agent"].includes(check));
    return [ran.exit, ...bad.map(({ status }) => status)];
  };
  assert.deepEqual(await statuses(), [1, "problem", "warning"]);
  assert.equal(Deno.statSync(path).mode! & 0o777, 0o644, "only looked at");
  assert.deepEqual(await statuses("--fix"), [0, "ok", "ok"]);
  assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
  assert.deepEqual(await statuses(), [0, "ok"]);
});

Deno.test("doctor finds a running agent that goes by an older policy, and --fix has it load", async () => {
  using fleet = await FleetFolder.make();
  const io = new TestIo({ cwd: fleet.path });
  const exit = runCli(["agent", "--prewarm", "0", "--no-watch", "--json"], io);
  await io.written("out", /\n/);
  const inForce = async (...args: string[]) => {
    const ran = await fleet.writ(["doctor", ...args, "--json"]);
    const { checks } = ran.json<{ checks: Diagnosis[] }>();
    return checks.find(({ check }) => check === "in force")?.status;
  };
  try {
    assert.equal(await inForce(), "ok");
    const grant = fleet.read("policy/grants/hello.yaml");
    fleet.file("policy/grants/hello.yaml", grant.replace(/cpu: \d+ s/, "cpu: 3 s"));
    assert.equal(await inForce(), "warning");
    assert.equal(await inForce("--fix"), "ok");
    assert.equal(await inForce(), "ok");
  } finally {
    io.raise("SIGTERM");
    assert.equal(await exit, 0);
  }
});

Deno.test("checkDisk() finds too little free space", () => {
  assert.equal(checkDisk("s", FREE_BYTES).status, "ok");
  assert.equal(checkDisk("s", FREE_BYTES - 1).status, "problem");
  assert.equal(checkDisk("s", undefined).status, "ok");
});

Deno.test("checkInForce() tells the policy that is written from another", () => {
  assert.equal(checkInForce("sha256:a", "sha256:a").status, "ok");
  assert.equal(checkInForce("sha256:a", "sha256:b").status, "warning");
});

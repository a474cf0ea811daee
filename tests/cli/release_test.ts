import assert from "node:assert/strict";
import type { ReleaseStatus } from "../../runtime/agent/mod.ts";
import { makeRelease } from "../../runtime/author/make_release.ts";
import { copyProgram, removeCompiled } from "../../runtime/cli/service/program.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { releasePartPath } from "../../runtime/core/source_layout.ts";
import { BECOME_ANOTHER } from "../../runtime/cli/service/unit.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { until } from "../until.ts";
import { FleetFolder } from "./fleet_folder.ts";
import { SupervisedAgent } from "./supervised_agent.ts";

/** A fleet whose root says who signs releases, and the folder of a machine in it. */
async function signedFleet(): Promise<FleetFolder> {
  const fleet = await FleetFolder.make();
  await fleet.done("keygen", "releases");
  await fleet.done("policy", "sign", "--expires", "30 d");
  await fleet.done("root", "rotate", "--add", "releases=keys/releases.pub.pem");
  fleet.file(
    "machine/policy/fleet.yaml",
    `fleet: test
mode: signed
root: signed
sources: [../../published]
listen: 127.0.0.1:0
ceiling:
  permissions: { net: [] }
  limits: { memory: 256 MB, cpu: 30 s, wall: 15 min, output: 4 MB, runs: 8 }
`,
  );
  for (const { name } of Deno.readDirSync(`${fleet.path}/policy/signed`)) {
    fleet.file(`machine/policy/signed/${name}`, fleet.read(`policy/signed/${name}`));
  }
  return fleet;
}

Deno.test("an installed agent becomes what was signed, and goes back from what does not come up", {
  ignore: Deno.build.os !== "linux",
}, async (t) => {
  using fleet = await signedFleet();
  using dir = new TemporaryDir();
  const [state, installed, program] = ["state", "installed", "program"].map((name) =>
    `${dir.path}/${name}`
  ) as [string, string, string];
  Deno.mkdirSync(state, { mode: 0o700 });
  await copyProgram(installed);
  await copyProgram(program);
  await removeCompiled(program);
  await using agent = new SupervisedAgent(installed, state, `${fleet.path}/machine`);
  await agent.ready();

  const change = (file: string, from: RegExp, to: string) => {
    const path = `${program}/runtime/${file}`;
    const text = Deno.readTextFileSync(path);
    assert.match(text, from);
    Deno.writeTextFileSync(path, text.replace(from, to));
  };
  const make = async (sequence: number, version: string) => {
    const { release } = await makeRelease(program, `${fleet.path}/published`, {
      ...{ fleet: "test", sequence, version, deno: Deno.version.deno, target: Deno.build.target },
      ...{ now: Date.now(), lifetimeMs: 86_400_000 },
    });
    fleet.file("release.json", JSON.stringify(release));
  };
  const apply = async (key = "releases") => {
    await fleet.done("sign", "release.json", "--key", `keys/${key}.pem`, "--out", "signed.json");
    const ran = await fleet.writ(["release", "apply", "signed.json", "--state", state, "--json"]);
    return ran.exit === 0 ? "taken" : ran.json<{ error: { code: string } }>().error.code;
  };
  const status = async () => {
    const ran = await fleet.done("release", "status", "--state", state, "--json");
    const { version, running, failed, previous } = ran.json<ReleaseStatus>();
    return { version, running, failed, previous };
  };

  await t.step("it refuses what it must not become", async () => {
    await fleet.done("keygen", "stranger");
    await make(2, "9.9.9");
    assert.equal(await apply("stranger"), "threshold");
    assert.equal(await apply(), "release_broken", "it says another version than it is");

    Deno.writeTextFileSync(`${program}/extra.ts`, "export {};\n");
    await make(2, "0.1.0");
    const extra = digestOf(Deno.readFileSync(`${program}/extra.ts`));
    Deno.removeSync(`${fleet.path}/published/${releasePartPath(extra)}`);
    assert.equal(await apply(), "release_incomplete");
    assert.deepEqual([...Deno.readDirSync(`${state}/releases`)], []);
    assert.deepEqual(agent.codes, []);
  });

  await t.step("it becomes another version", async () => {
    change("core/version.ts", /"0\.1\.0"/, '"0.1.1"');
    await make(2, "0.1.1");
    assert.equal(await apply(), "taken");
    await agent.ready();
    assert.deepEqual(agent.codes, [BECOME_ANOTHER]);
    const now = { version: "0.1.1", running: 2, failed: null, previous: null };
    assert.deepEqual(await status(), now);
    await until(() => isThere(`${state}/releases/current`));
    assert.deepEqual(await status(), now);
  });

  await t.step("it goes back from a version that does not come up", async () => {
    change("core/version.ts", /"0\.1\.1"/, '"0.1.2"');
    change("agent/agent.ts", /export async function startAgent\(.*\{\n/, "$&throw 1;\n");
    await make(3, "0.1.2");
    assert.equal(await apply(), "taken");
    await agent.ready();
    assert.deepEqual(agent.codes, [BECOME_ANOTHER, BECOME_ANOTHER, 1]);
    assert.deepEqual(await status(), { version: "0.1.1", running: 2, failed: 3, previous: null });
    assert.equal(await apply(), "version_rollback", "it was tried");
  });

  await t.step("it goes back when it is told", async () => {
    await fleet.done("release", "back", "--state", state);
    await agent.ready();
    assert.equal((await status()).version, "0.1.0");
    const ran = await fleet.done("audit", "tail", "-n", "50", "--state", state, "--json");
    const told = ran.json<{ rows: { event: string }[] }>().rows
      .map(({ event }) => event).filter((event) => event.startsWith("release_"));
    const tried = ["release_taken", "release_kept", "release_taken", "release_given_up"];
    assert.deepEqual(told, [...tried, "release_back"]);
  });
});

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

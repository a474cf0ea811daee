import assert from "node:assert/strict";
import { PLACES } from "../../runtime/cli/service/places.ts";
import { unitText } from "../../runtime/cli/service/unit.ts";
import { linesOf } from "../bench/lines.ts";
import { within } from "../within.ts";
import { FleetFolder } from "./fleet_folder.ts";
import { TemporaryDir } from "../temporary_dir.ts";

const LINUX = Deno.build.os === "linux";
const UNIT = unitText({ places: PLACES, user: "writ", graceSeconds: 30 });

const NOBODY = 65534;

/** The worst exposure that systemd may find in the unit, of 10. */
const EXPOSURE = 3.5;

/** The command of a unit as a shell takes it, with every place of the service below `root`. */
function startCommand(unit: string, root: string): string {
  const command = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(unit)![1]!.replaceAll("\\\n", " ");
  const places = [PLACES.program, PLACES.fleet, PLACES.state];
  return places.reduce((text, place) => text.replaceAll(place, `${root}${place}`), command);
}

/** As the unit says the agent is not root, even where its test is. */
function asAnother(root: string, state: string): string {
  if (Deno.uid() !== 0) return "";
  Deno.chmodSync(root, 0o755);
  Deno.chmodSync(state, 0o700);
  Deno.chownSync(state, NOBODY, NOBODY);
  return `setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups --no-new-privs`;
}

Deno.test("agent install --dry-run prints the unit and writes nothing", async () => {
  using fleet = await FleetFolder.make();
  using root = new TemporaryDir();
  const ran = await fleet.done("agent", "install", "--dry-run", "--root", root.path);
  assert.equal(ran.stdout, UNIT);
  assert.deepEqual([...Deno.readDirSync(root.path)], []);
  assert.equal((await fleet.writ(["agent", "install", "--user", "No One"])).exit, 2);
});

Deno.test("agent install makes a service that starts and stops as its unit says", {
  ignore: !LINUX,
}, async (t) => {
  using fleet = await FleetFolder.make();
  using root = new TemporaryDir();
  await fleet.done("agent", "install", "--root", root.path);
  const unit = Deno.readTextFileSync(`${root.path}${PLACES.unit}`);
  assert.equal(unit, UNIT);
  const state = `${root.path}${PLACES.state}`;

  await t.step("with its own Deno and packages, from nothing else of this machine", async () => {
    Deno.mkdirSync(state, { recursive: true });
    const user = asAnother(root.path, state);
    const cache = `${root.path}${PLACES.program}/cache`;
    const agent = new Deno.Command("/usr/bin/bash", {
      args: ["-c", `exec ${user} ${startCommand(unit, root.path)} --json`],
      clearEnv: true,
      env: { DENO_DIR: cache },
      stdout: "piped",
      stderr: "null",
    }).spawn();
    try {
      const { value } = await within(linesOf(agent.stdout).next(), "a word of the agent");
      const { url } = JSON.parse(value!);
      const status = await fleet.done("agent", "status", "--root", root.path, "--json");
      assert.deepEqual([status.json().url, status.json().deno], [url, Deno.version.deno]);
    } finally {
      agent.kill("SIGTERM");
      assert.equal((await agent.status).code, 0);
    }
  });

  await t.step("with a command line that works on what it keeps", async () => {
    const text = Deno.readTextFileSync(`${root.path}${PLACES.command}`);
    const file = root.file("writ", text.replaceAll(PLACES.program, root.path + PLACES.program));
    Deno.chmodSync(file, 0o755);
    const [fleetDir, backup] = [root.path + PLACES.fleet, `${root.path}/monday.writ`];
    for (const args of [["policy", "check", fleetDir + "/policy"], ["backup", backup]]) {
      const { code, stderr } = await new Deno.Command(file, {
        args: [...args, "--fleet", fleetDir, ...args[0] === "backup" ? ["--state", state] : []],
        clearEnv: true,
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
    }
  });

  await t.step("with the policy and no private key", () => {
    const names = [...Deno.readDirSync(`${root.path}${PLACES.fleet}`)].map(({ name }) => name);
    assert.deepEqual(names, ["policy"]);
  });

  await t.step("a second time without touching the policy", async () => {
    const file = `${root.path}${PLACES.fleet}/policy/fleet.yaml`;
    Deno.writeTextFileSync(file, "# mine\n");
    await fleet.done("agent", "install", "--root", root.path);
    assert.equal(Deno.readTextFileSync(file), "# mine\n");
  });

  await t.step("and uninstall leaves policy and state", async () => {
    await fleet.done("agent", "uninstall", "--root", root.path);
    for (const folder of ["lib", "bin"]) {
      assert.deepEqual([...Deno.readDirSync(`${root.path}/usr/local/${folder}`)], []);
    }
    for (const path of [PLACES.fleet, PLACES.state]) Deno.statSync(`${root.path}${path}`);
    const status = await fleet.writ(["agent", "status", "--root", root.path, "--json"]);
    assert.deepEqual([status.exit, status.json().unit], [1, null]);
  });
});

Deno.test("agent install and uninstall leave a command of the same name alone", {
  ignore: !LINUX,
}, async () => {
  using fleet = await FleetFolder.make();
  using root = new TemporaryDir();
  const file = root.file(PLACES.command.slice(1), "#!/bin/sh\necho mine\n");
  await fleet.done("agent", "install", "--root", root.path);
  await fleet.done("agent", "uninstall", "--root", root.path);
  assert.match(Deno.readTextFileSync(file), /mine/);
});

Deno.test("systemd finds no fault in the unit, and little that it exposes", {
  ignore: !LINUX,
}, async (t) => {
  const analyze = "/usr/bin/systemd-analyze";
  const found = await Deno.stat(analyze).then(() => true, () => false);
  if (!found) {
    if (Deno.env.get("WRIT_REQUIRE_REAL") === "1") throw new Error("systemd is not installed");
    Deno.stderr.writeSync(new TextEncoder().encode("systemd is not installed: unit not judged\n"));
    return;
  }
  using dir = new TemporaryDir();
  // Its program need not be here to be judged.
  const file = dir.file("writ.service", UNIT.replace(PLACES.program + "/launch", "/bin/true"));
  const judge = async (...args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(analyze, { args: [...args, file] })
      .output();
    const decoder = new TextDecoder();
    return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
  };
  await t.step("verify", async () => {
    const { code, text } = await judge("verify", "--man=no");
    assert.equal(code, 0, text);
    assert.doesNotMatch(text, /writ\.service/);
  });
  await t.step("security", async () => {
    const threshold = `--threshold=${EXPOSURE * 10}`;
    const { code, text } = await judge("security", "--offline=yes", "--no-pager", threshold);
    assert.equal(code, 0, text.slice(-300));
  });
});

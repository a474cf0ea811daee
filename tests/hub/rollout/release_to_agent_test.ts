import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { LAUNCH_TEXT } from "../../../runtime/cli/service/start_scripts.ts";
import { sealDocument } from "../../../runtime/core/dsse.ts";
import { WRIT_VERSION } from "../../../runtime/core/version.ts";
import type { RolloutState } from "../../../runtime/hub/mod.ts";
import { SupervisedAgent } from "../../cli/supervised_agent.ts";
import { within } from "../../within.ts";
import { TestHub, until, WHO } from "../hub_fixture.ts";
import { signedList, signedMachine, works } from "../signed_lists.ts";
import { makeRelease, withReleaseKey } from "./signed_release.ts";

const SOURCE = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");
const NEXT_VERSION = "0.2.0";
const ENVIRONMENT = ["HOME", "DENO_DIR"].flatMap((name) => {
  const value = Deno.env.get(name);
  return value === undefined ? [] : [`export ${name}='${value}'`];
}).join("\n");

/**
 * The files of a program that is this very one, with links to what is the same.
 *
 * @param before What it does first when it is started, in a shell.
 */
function programFiles(version: string, before = ""): Record<string, string> {
  const read = (path: string) => Deno.readTextFileSync(`${SOURCE}/${path}`);
  return {
    deno: `#!/bin/sh\nexec '${Deno.execPath()}' "$@"\n`,
    "deno.json": read("deno.json"),
    "deno.lock": read("deno.lock"),
    "runtime/core/version.ts": read("runtime/core/version.ts").replace(WRIT_VERSION, version),
    start: `#!/bin/sh
${ENVIRONMENT}
folder=$1
shift 2
${before}
cp -rsn '${SOURCE}/main.ts' '${SOURCE}/runtime' "$folder/"
exec "$folder/deno" run -A --no-check --cached-only --config "$folder/deno.json" \\
  "$folder/main.ts" "$@"
`,
  };
}

/** Lays a program down as `writ agent install` does. */
function install(folder: string): void {
  for (
    const [path, text] of Object.entries({ ...programFiles(WRIT_VERSION), launch: LAUNCH_TEXT })
  ) {
    const file = `${folder}/${path}`;
    Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(file, text, { mode: 0o755 });
  }
}

Deno.test(
  "a release of the hub is given up by an agent where it does not come up, and the next one kept",
  {
    ignore: Deno.build.os !== "linux",
  },
  async () => {
    await using hub = await TestHub.start();
    const { agents, lists, rollouts } = hub.services;
    const releases = await withReleaseKey(hub);
    await lists.put("acme", WHO, signedList(hub, 1, null));
    await using machine = await signedMachine(hub, { labels: ["canary"] });
    const folder = machine.folder.path;
    const yaml = `${folder}/policy/fleet.yaml`;
    Deno.writeTextFileSync(yaml, `${Deno.readTextFileSync(yaml)}listen: 127.0.0.1:0\n`);
    install(`${folder}/installed`);
    await using agent = new SupervisedAgent(`${folder}/installed`, machine.stateDir, folder);
    await within(agent.ready(), "the agent");
    await works(hub, machine, 1);

    const rollOut = async (
      sequence: number,
      files: Record<string, string>,
      state: RolloutState,
    ) => {
      const head = { sequence, version: NEXT_VERSION, deno: Deno.version.deno };
      const release = sealDocument("release", await makeRelease(hub, files, head), [releases]);
      const { id } = await rollouts.createForRelease("acme", WHO, release, {
        gate: { okPercent: 100, settleMs: 0, withinMs: 600_000 },
      });
      await within(agent.ready(), "the agent after a release");
      const { rings: [ring] } = await until(hub, async () => {
        const rollout = await rollouts.get("acme", id);
        return rollout.state === state && rollout;
      });
      return ring!.reasons.map(({ code }) => code);
    };
    // It says which it is, and then does not come up.
    const broken = programFiles(NEXT_VERSION, '[ "$1" = --version ] || exit 1');
    assert.deepEqual(await rollOut(2, broken, "halted"), ["given_up"]);
    assert.equal((await agents.get("acme", machine.id)).version, WRIT_VERSION);
    assert.deepEqual(await rollOut(3, programFiles(NEXT_VERSION), "done"), []);
    assert.equal((await agents.get("acme", machine.id)).version, NEXT_VERSION);
    assert.deepEqual(agent.codes, [75, 1, 75]);
  },
);

import assert from "node:assert/strict";
import { Cell } from "../../runtime/sandbox/cell.ts";
import { calibrate } from "../../runtime/sandbox/calibrate.ts";
import { LoadedScript } from "../../runtime/sandbox/loaded_script.ts";
import { type CellRights, detectHost, Sandbox } from "../../runtime/sandbox/mod.ts";
import { spawnVector } from "../../runtime/sandbox/spawn_vector.ts";
import { requireReal } from "../real/require_real.ts";
import { calling, sealed } from "./cells.ts";
import { cellBehind, childPids, untilGone } from "./processes.ts";

const host = await detectHost();
/** Ignored, loudly, where bubblewrap is missing or of no use; with `WRIT_REQUIRE_REAL=1` they fail. */
const ignore = !requireReal(["bwrap"]) ||
  (host.level < 2 && Deno.env.get("WRIT_REQUIRE_REAL") !== "1");
const EVERYTHING: CellRights = {
  allow: ["--allow-all"],
  deny: [],
  worker: "inherit",
};

/** What a script can do whose Deno refuses it nothing. */
async function unchecked<T>(highest: 1 | 2, source: string, input?: unknown): Promise<T> {
  await using sandbox = await Sandbox.open({ host: await detectHost({ highest }) });
  assert.equal(sandbox.level, highest, host.missing.join());
  const grant = { ...sealed(), rights: EVERYTHING };
  const { outcome } = await sandbox.run(grant, calling(source, { input }));
  assert.equal(outcome.outcome, "ok", JSON.stringify(outcome));
  return (outcome as { result: unknown }).result as T;
}

/** The attack must fail at level 2 and, or it proves nothing, succeed at level 1. */
function attack<T>(
  name: string,
  source: string,
  succeeded: (result: T) => boolean,
  input?: unknown,
) {
  Deno.test({
    name: `a cell of level 2 without any of Deno's checks does not ${name}`,
    ignore,
    async fn(t) {
      await t.step("it does not", async () => {
        const result = await unchecked<T>(2, source, input);
        assert.ok(!succeeded(result), JSON.stringify(result));
      });
      await t.step("control: it does at level 1", async () => {
        const result = await unchecked<T>(1, source, input);
        assert.ok(succeeded(result), JSON.stringify(result));
      });
    },
  });
}

const TRIED = "try { return (ACT); } catch (error) { return String(error); }";
const trying = (act: string) => `(input) => { ${TRIED.replace("ACT", act)} }`;

attack<string>(
  "read /etc/passwd",
  trying('Deno.readTextFileSync("/etc/passwd")'),
  (text) => text.includes("root:"),
);

attack<string[]>(
  "see other processes, or its agent's",
  `() => [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) => /^\\d+$/.test(name))`,
  (pids) => pids.includes(String(Deno.pid)),
);

attack<string>(
  "write into a folder that is everybody's",
  trying(`(Deno.writeTextFileSync(input, "planted"), Deno.removeSync(input), "written")`),
  (text) => text === "written",
  `/tmp/planted-${crypto.randomUUID()}`,
);

attack<string>(
  "start a program",
  trying(
    'new TextDecoder().decode(new Deno.Command("/bin/sh", { args: ["-c", "echo ran"] })' +
      ".outputSync().stdout)",
  ),
  (text) => text.includes("ran"),
);

attack<string[]>(
  "see a file of the machine",
  `() => [...Deno.readDirSync("/")].map(({ name }) => name)`,
  (names) => names.some((name) => !["dev", "lib", "lib64", "proc", "usr", "writ"].includes(name)),
);

attack<number>(
  "write anywhere at all",
  `() => {
    const written = [];
    const look = (folder) => {
      try {
        Deno.writeTextFileSync(folder + "/x", "x");
        Deno.removeSync(folder + "/x");
        written.push(folder);
      } catch { /* as it should be */ }
    };
    for (const path of ["", "/dev", "/dev/shm", "/lib", "/proc", "/tmp", "/var/tmp", "/writ"]) look(path);
    return written.length;
  }`,
  (folders) => folders > 0,
);

Deno.test({
  name: "a cell of level 2 reads and writes what it is granted, and a link out of it leads nowhere",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.chmod(folder, 0o777);
      await Deno.writeTextFile(`${folder}/in.txt`, "granted");
      await Deno.symlink("/etc/passwd", `${folder}/link`);
      const rights: CellRights = {
        allow: [`--allow-read=${folder}`, `--allow-write=${folder}`],
        deny: [],
        worker: { read: [folder], write: [folder] },
      };
      const script = calling(
        `(folder) => {
          Deno.writeTextFileSync(folder + "/out.txt", "written");
          let linked;
          try { linked = Deno.readTextFileSync(folder + "/link"); } catch (error) { linked = error.name; }
          return [Deno.readTextFileSync(folder + "/in.txt"), linked];
        }`,
        { input: folder },
      );
      await using sandbox = await Sandbox.open();
      const { outcome } = await sandbox.run({ ...sealed(), rights }, script);
      assert.deepEqual(outcome, { outcome: "ok", result: ["granted", "NotFound"] });
      assert.equal(await Deno.readTextFile(`${folder}/out.txt`), "written");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "a cell of level 2 that may only read a folder finds it read-only, whatever Deno allows",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.chmod(folder, 0o777);
      const rights = { ...EVERYTHING, allow: ["--allow-all", `--allow-read=${folder}`] };
      const vector = spawnVector(host, { ...sealed(), rights }, await calibrate(host), true);
      const args = vector.args.filter((arg) => !arg.startsWith("--allow-read="));
      const script = calling(trying('Deno.writeTextFileSync(input + "/x", "x")'));
      const loaded = new LoadedScript(new Cell({ ...vector, args }), sealed(), 2, script);
      const { outcome } = await loaded.call({ input: folder });
      assert.equal(outcome.outcome, "ok", JSON.stringify(outcome));
      assert.match((outcome as { result: string }).result, /Read-only file system/);
      loaded.close();
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "a cell of level 2 has no capability, no way to a new one, and the cells' own user",
  ignore,
  async fn() {
    const status = await unchecked<string>(2, trying('Deno.readTextFileSync("/proc/self/status")'));
    for (const set of ["Inh", "Prm", "Eff", "Bnd", "Amb"]) {
      assert.match(status, new RegExp(`^Cap${set}:\\s+0{16}$`, "m"));
    }
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    const uid = host.cellUid ?? Deno.uid();
    assert.match(status, new RegExp(`^Uid:\\s+${uid}\\s`, "m"));
  },
});

Deno.test({
  name: "Cell.kill() ends a cell of level 2 that has stopped itself, and what watched over it",
  ignore,
  async fn() {
    await using sandbox = await Sandbox.open();
    const up = Promise.withResolvers<void>();
    const script = sandbox.load(
      sealed(),
      calling(`(_, ctx) => {
        ctx.emit("up");
        process.kill(process.pid, "SIGSTOP");
        return new Promise(() => {});
      }`),
    );
    const controller = new AbortController();
    script.call({ input: null, signal: controller.signal, onEvent: () => up.resolve() });
    await up.promise;
    const [child] = await childPids();
    const cell = await cellBehind(child!);
    assert.notEqual(cell, child);
    await sandbox.close();
    await untilGone(cell);
  },
});

Deno.test({
  name: "Cell.kill() leaves nothing of a cell of level 2, at whatever moment of its start",
  ignore,
  async fn() {
    const vector = spawnVector(host, sealed(), await calibrate(host), true);
    // From inside bubblewrap's own setup, which takes about four milliseconds, to Deno's boot.
    for (const ms of [0, 1, 2, 3, 4, 5, 6, 8, 12, 20, 40]) {
      const cell = new Cell(vector);
      new LoadedScript(cell, sealed(), 2, calling("() => { for (;;); }"));
      await new Promise((resolve) => setTimeout(resolve, ms));
      const [child] = await childPids();
      const inner = child === undefined ? undefined : await cellBehind(child);
      cell.kill();
      await cell.closed;
      assert.deepEqual(await childPids(), [], `${ms} ms`);
      if (inner) await untilGone(inner);
    }
  },
});

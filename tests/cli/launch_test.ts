import assert from "node:assert/strict";
import { LAUNCH_TEXT } from "../../runtime/cli/service/start_scripts.ts";
import { TemporaryDir } from "../temporary_dir.ts";

const LINUX = Deno.build.os === "linux";

/** What is installed, and an agent's state, with programs that say their name and end. */
class Machine implements Disposable {
  readonly #dir = new TemporaryDir();

  constructor() {
    this.#program("launch", LAUNCH_TEXT);
    this.install("one");
  }

  /** Puts a program at the place of an installed one. */
  install(name: string): void {
    this.#program(`${name}/start`, `#!/bin/sh\necho "installed $@"\n`);
  }

  release(number: number, does = `echo "release ${number} $4"`): void {
    this.#program(`state/releases/${number}/start`, `#!/bin/sh\n${does}\n`);
  }

  mark(mark: string, content: string | number): void {
    this.#dir.file(`state/releases/${mark}`, `${content}\n`);
  }

  marks(): Record<string, string> {
    const files = [...Deno.readDirSync(`${this.#dir.path}/state/releases`)]
      .filter(({ name, isFile }) => isFile && name !== "installed");
    return Object.fromEntries(files.map(({ name }) => [
      name,
      Deno.readTextFileSync(`${this.#dir.path}/state/releases/${name}`).trim(),
    ]));
  }

  /** What the launcher starts says. */
  launch(installed = "one", launcher = "launch"): Deno.ChildProcess {
    const at = (name: string) => `${this.#dir.path}/${name}`;
    return new Deno.Command(at(launcher), {
      args: [at(installed), at("state"), "agent", "an argument"],
      stdout: "piped",
    }).spawn();
  }

  async said(installed?: string): Promise<string> {
    const { stdout } = await this.launch(installed).output();
    return new TextDecoder().decode(stdout).replace(this.#dir.path, "").trim();
  }

  /** The launcher with a shorter time for a trial. */
  impatient(seconds: number): string {
    this.#program("soon", LAUNCH_TEXT.replace(/sleep \d+/, `sleep ${seconds}`));
    return "soon";
  }

  #program(name: string, text: string): void {
    Deno.chmodSync(this.#dir.file(name, text), 0o755);
  }

  [Symbol.dispose](): void {
    this.#dir[Symbol.dispose]();
  }
}

Deno.test(
  "launch starts what was installed where there is no release",
  { ignore: !LINUX },
  async () => {
    using machine = new Machine();
    assert.match(await machine.said(), /^installed .*one .*state agent an argument$/);
  },
);

Deno.test("launch tries the next release once, and goes back when it says nothing", {
  ignore: !LINUX,
}, async () => {
  using machine = new Machine();
  machine.release(2);
  machine.mark("next", 2);
  assert.equal(await machine.said(), "release 2 an argument");
  assert.deepEqual(machine.marks(), { trying: "2" });
  assert.match(await machine.said(), /^installed/);
  assert.deepEqual(machine.marks(), { failed: "2" });
});

Deno.test("launch stays with a release that said that it is well", { ignore: !LINUX }, async () => {
  using machine = new Machine();
  machine.release(2, `mv "$2/releases/trying" "$2/releases/current"; echo well`);
  machine.mark("next", 2);
  assert.equal(await machine.said(), "well");
  machine.release(2);
  assert.equal(await machine.said(), "release 2 an argument");
  machine.release(3, "exit 1");
  machine.mark("next", 3);
  assert.equal((await machine.launch().output()).code, 1);
  assert.equal(await machine.said(), "release 2 an argument", "and not what was installed");
  assert.deepEqual(machine.marks(), { current: "2", failed: "3" });
});

Deno.test("launch ends a release that neither ends nor says that it is well", {
  ignore: !LINUX,
}, async () => {
  using machine = new Machine();
  machine.release(2, "exec sleep 600");
  machine.mark("next", 2);
  const child = machine.launch("one", machine.impatient(1));
  await child.stdout.cancel();
  assert.equal((await child.status).signal, "SIGKILL");
  assert.match(await machine.said(), /^installed/);
});

Deno.test("launch starts what was installed anew rather than a release from before", {
  ignore: !LINUX,
}, async () => {
  using machine = new Machine();
  machine.release(2, `mv "$2/releases/trying" "$2/releases/current"; echo well`);
  machine.mark("next", 2);
  await machine.said();
  machine.release(2);
  assert.equal(await machine.said(), "release 2 an argument");
  machine.install("two");
  assert.match(await machine.said("two"), /^installed/);
});

Deno.test("launch starts no release that a mark names wrongly", { ignore: !LINUX }, async (t) => {
  for (const content of ["../../one", "7", "", "2 3", "$(touch x)", "-1", "2;id"]) {
    await t.step(JSON.stringify(content), async () => {
      using machine = new Machine();
      machine.release(2);
      machine.mark("next", content);
      assert.match(await machine.said(), /^installed/);
    });
  }
});

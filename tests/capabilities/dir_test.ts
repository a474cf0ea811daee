import assert from "node:assert/strict";
import { ScratchDirs } from "../../runtime/capabilities/dir.ts";
import {
  FOLDER_LIMITS,
  type FolderLimits,
  misuseOf,
} from "../../runtime/capabilities/folder_use.ts";
import { pauseAfter } from "../../runtime/capabilities/quota_watch.ts";
import { Trash } from "../../runtime/capabilities/trash.ts";
import { nest } from "./nested.ts";

const DEEP_DIR = new URL("./deep_dir.ts", import.meta.url);
const posix = Deno.build.os !== "windows";
const MB = 1_000_000;

Deno.test("ScratchDirs removes folders nested so deep that recursion overflows the stack", async () => {
  using root = new Folder();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", "--allow-write", DEEP_DIR.href, root.path],
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  assert.deepEqual([root.contents("trash"), root.contents("runs")], [[], undefined]);
});

Deno.test("ScratchDirs.sweep() removes what shuts everybody out, and tells of what stays", {
  ignore: !posix,
}, async () => {
  using root = new Folder();
  for (const [name, mode] of [["shut", 0o000], ["read-only", 0o500]] as const) {
    const folder = `${root.path}/runs/left/${name}`;
    Deno.mkdirSync(`${folder}/inner`, { recursive: true });
    Deno.writeTextFileSync(`${folder}/file`, "1");
    Deno.chmodSync(`${folder}/inner`, mode);
    Deno.chmodSync(folder, mode);
  }
  await new ScratchDirs(root.path, nobody, assert.fail).sweep();
  assert.deepEqual([root.contents("trash"), root.contents("runs")], [[], undefined]);

  // A trash that is a file takes nothing, and stops nothing.
  Deno.removeSync(`${root.path}/trash`);
  Deno.writeTextFileSync(`${root.path}/trash`, "");
  Deno.mkdirSync(`${root.path}/runs/again`, { recursive: true });
  const left: string[] = [];
  await new ScratchDirs(root.path, nobody, (path) => left.push(path)).sweep();
  assert.equal(left[0], `${root.path}/runs`);
});

Deno.test("Trash.empty() goes on beside what cannot be removed", {
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
}, async () => {
  using root = new Folder();
  const [before, stuck, after] = ["a", "b", "c"].map((name) => `${root.path}/trash/in/${name}`);
  Deno.mkdirSync(`${root.path}/trash/in`, { recursive: true });
  for (const path of [before!, stuck!, after!]) write(path, 1);
  if (!chattr("+i", stuck!)) return; // This disk knows no such files.
  using _free = { [Symbol.dispose]: () => void chattr("-i", stuck!) };
  const left: string[] = [];
  await new Trash(`${root.path}/trash`, (path) => left.push(path)).empty();
  assert.deepEqual([root.contents("trash/in"), left[0]], [["b"], stuck]);
});

Deno.test("ScratchDirs removes links and not what they lead to", { ignore: !posix }, async () => {
  using root = new Folder();
  Deno.mkdirSync(`${root.path}/precious`);
  Deno.writeTextFileSync(`${root.path}/precious/file`, "1");
  const dirs = new ScratchDirs(root.path, nobody, assert.fail);
  const scratch = await dirs.take("acme/links", { quotaBytes: MB, fresh: true });
  Deno.mkdirSync(`${scratch.path}/in`);
  for (const at of ["link", "in/link"]) {
    Deno.symlinkSync(`${root.path}/precious`, `${scratch.path}/${at}`);
  }
  await scratch[Symbol.asyncDispose]();
  assert.deepEqual([root.contents("trash"), root.contents("precious")], [[], ["file"]]);
});

Deno.test("misuseOf() finds what is too large, too many, too deep or out of reach", async (t) => {
  const { depth, leastBytes } = FOLDER_LIMITS;
  const cases: [string, (folder: string) => void, string | undefined][] = [
    ["nothing", () => {}, undefined],
    ["as many files as fit", files(3), undefined],
    ["one file more", files(4), "holds more than its quota"],
    ["bytes that fit", (folder) => write(`${folder}/a`, 3 * leastBytes), undefined],
    ["one byte more", (folder) => write(`${folder}/a`, 3 * leastBytes + 1), "holds more than"],
  ];
  for (const [name, fill, expected] of cases) {
    await t.step(name, async () => await finds(fill, 3 * leastBytes, expected));
  }
  await t.step("a file in as many folders as may be nested", async () => {
    await finds(
      (folder) => {
        const leaf = folder + "/d".repeat(depth);
        Deno.mkdirSync(leaf, { recursive: true });
        write(`${leaf}/file`, 1);
      },
      MB,
      undefined,
    );
  });
  await t.step("one folder more", async () => {
    await finds((folder) => nest(folder, depth + 1, "d", 1), MB, "nests more than");
  });
  await t.step("a path too long to be looked at", async () => {
    const name = "d".repeat(250);
    await finds((folder) => nest(folder, 28, name, 14), MB, "holds a folder that cannot be");
  });
  const few = { ...FOLDER_LIMITS, entries: 10 };
  await t.step("as many files as may be counted", async () => {
    await finds(files(10), MB, undefined, few);
  });
  await t.step("one file more than may be counted", async () => {
    await finds(files(11), MB, "holds more than 10 files", few);
  });
});

Deno.test("misuseOf() takes for gone what is gone", async () => {
  assert.equal(await misuseOf("/nowhere/at/all", 0, new AbortController().signal), undefined);
});

Deno.test("misuseOf() takes what it may not look into for misuse", {
  ignore: !posix || Deno.uid() === 0,
}, async () => {
  await finds((folder) => Deno.mkdirSync(`${folder}/shut`, { mode: 0 }), MB, "holds a folder that");
});

Deno.test("pauseAfter() leaves a look 2 % of a core, within bounds", () => {
  assert.deepEqual([0, 5, 6, 100, 200, 5_000].map(pauseAfter), [
    250,
    250,
    300,
    5_000,
    10_000,
    10_000,
  ]);
});

/** Fills a folder and asserts what is found wrong with it. */
async function finds(
  fill: (folder: string) => void,
  quotaBytes: number,
  expected: string | undefined,
  limits: FolderLimits = FOLDER_LIMITS,
): Promise<void> {
  using folder = new Folder();
  fill(folder.path);
  const misuse = await misuseOf(folder.path, quotaBytes, new AbortController().signal, limits);
  if (expected === undefined) assert.equal(misuse, undefined);
  else assert.ok(misuse?.startsWith(expected), misuse);
}

function files(count: number): (folder: string) => void {
  return (folder) => {
    for (let n = 0; n < count; n++) write(`${folder}/${n}`, 0);
  };
}

function write(path: string, length: number): void {
  Deno.writeFileSync(path, new Uint8Array(length).fill(7));
}

function nobody(): Promise<undefined> {
  return Promise.resolve(undefined);
}

/** Makes a file one that not even root removes, or that again. */
function chattr(change: "+i" | "-i", path: string): boolean {
  try {
    return new Deno.Command("chattr", { args: [change, path], stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

class Folder implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "writ-dirs-" });

  /** Names in one folder of it; undefined where there is no such folder. */
  contents(name: string): string[] | undefined {
    try {
      return [...Deno.readDirSync(`${this.path}/${name}`)].map((entry) => entry.name);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** By a program, as what failed may be too deep for recursion. */
  [Symbol.dispose](): void {
    new Deno.Command("rm", { args: ["-rf", this.path] }).outputSync();
  }
}

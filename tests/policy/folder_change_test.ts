import assert from "node:assert/strict";
import { readFolder } from "../../runtime/policy/folder.ts";
import { TemporaryDir } from "../temporary_dir.ts";

/** Does something each time a file whose name ends so is opened, while `work` lasts. */
async function whenOpened<T>(end: string, action: () => void, work: () => Promise<T>): Promise<T> {
  const { open } = Deno;
  Deno.open = (path, options) => {
    if (String(path).endsWith(end)) action();
    return open(path, options);
  };
  try {
    return await work();
  } finally {
    Deno.open = open;
  }
}

function policyFolder(): TemporaryDir {
  const dir = new TemporaryDir();
  for (const name of ["accept.yaml", "fleet.yaml"]) {
    dir.file(`policy/${name}`, "old");
    Deno.chmodSync(`${dir.path}/policy/${name}`, 0o600);
  }
  Deno.chmodSync(`${dir.path}/policy`, 0o700);
  return dir;
}

const textsOf = ({ files }: Awaited<ReturnType<typeof readFolder>>) => files.map((f) => f.text);

Deno.test("readFolder() reads anew when a file that it had read is edited meanwhile", async () => {
  using dir = policyFolder();
  const path = `${dir.path}/policy`;
  let edits = 0;
  const edit = () => {
    if (edits++ > 0) return;
    Deno.writeTextFileSync(`${path}/accept.yaml`, "newer", { mode: 0o600 });
    Deno.writeTextFileSync(`${path}/fleet.yaml`, "newer", { mode: 0o600 });
  };
  const folder = await whenOpened("fleet.yaml", edit, () => readFolder(path));
  assert.deepEqual(textsOf(folder), ["newer", "newer"]);
  assert.deepEqual(folder.mistakes, []);
});

Deno.test("readFolder() reads anew when a file comes meanwhile", async () => {
  using dir = policyFolder();
  const path = `${dir.path}/policy`;
  let edits = 0;
  const edit = () => {
    if (edits++ > 0) return;
    dir.file("policy/grants/one.yaml", "grant");
    Deno.chmodSync(`${path}/grants`, 0o700);
    Deno.chmodSync(`${path}/grants/one.yaml`, 0o600);
  };
  const folder = await whenOpened("fleet.yaml", edit, () => readFolder(path));
  assert.deepEqual(textsOf(folder), ["old", "old", "grant"]);
});

Deno.test("readFolder() reads anew when a file comes within one tick of the clock", async () => {
  using dir = policyFolder();
  const path = `${dir.path}/policy`;
  dir.file("policy/grants/one.yaml", "grant");
  Deno.chmodSync(`${path}/grants`, 0o700);
  Deno.chmodSync(`${path}/grants/one.yaml`, 0o600);
  let edits = 0;
  const edit = () => {
    if (edits++ > 0) return;
    const { atime, mtime } = Deno.statSync(`${path}/grants`);
    dir.file("policy/grants/two.yaml", "other");
    Deno.chmodSync(`${path}/grants/two.yaml`, 0o600);
    Deno.utimeSync(`${path}/grants`, atime!, mtime!);
  };
  const folder = await whenOpened("one.yaml", edit, () => readFolder(path));
  assert.deepEqual(textsOf(folder), ["old", "old", "grant", "other"]);
});

Deno.test("readFolder() refuses a folder that is edited again and again", async () => {
  using dir = policyFolder();
  const path = `${dir.path}/policy`;
  let edits = 0;
  const edit = () => Deno.writeTextFileSync(`${path}/accept.yaml`, "x".repeat(++edits));
  const folder = await whenOpened("fleet.yaml", edit, () => readFolder(path));
  assert.deepEqual(folder.mistakes.map(({ code }) => code), ["unreadable_file"]);
});

import assert from "node:assert/strict";
import { assertGrantedPaths, checkGrantedPaths, PolicyError } from "../../runtime/policy/mod.ts";

Deno.test("checkGrantedPaths() accepts folders whose links stay inside, and plain files", async () => {
  await using tree = await makeTree();
  await Deno.symlink(`${tree.dir}/in/file`, `${tree.dir}/in/link`);
  const permissions = { read: [`${tree.dir}/in`, `${tree.dir}/out/file`] };
  assert.deepEqual(await checkGrantedPaths(permissions), []);
  await assertGrantedPaths(permissions);
});

Deno.test("checkGrantedPaths() refuses what leads out of a granted folder", async (t) => {
  const cases: [what: string, code: string, make: (dir: string) => Promise<string>][] = [
    ["a link to a file outside", "symlink", async (dir) => {
      await Deno.symlink(`${dir}/out/file`, `${dir}/in/link`);
      return `${dir}/in`;
    }],
    ["a deep link to a folder outside", "symlink", async (dir) => {
      await Deno.mkdir(`${dir}/in/a/b`, { recursive: true });
      await Deno.symlink(`../../../out`, `${dir}/in/a/b/link`);
      return `${dir}/in`;
    }],
    ["a link that leads nowhere yet", "symlink", async (dir) => {
      await Deno.symlink(`${dir}/later`, `${dir}/in/link`);
      return `${dir}/in`;
    }],
    ["a link to itself", "symlink", async (dir) => {
      await Deno.symlink(`${dir}/in/loop`, `${dir}/in/loop`);
      return `${dir}/in`;
    }],
    ["a granted path that is a link", "symlink", async (dir) => {
      await Deno.symlink(`${dir}/in`, `${dir}/alias`);
      return `${dir}/alias`;
    }],
    ["a path that does not exist", "missing_file", (dir) => Promise.resolve(`${dir}/none`)],
  ];
  for (const [what, code, make] of cases) {
    await t.step(what, async () => {
      await using tree = await makeTree();
      const path = await make(tree.dir);
      const problems = await checkGrantedPaths({ write: [path] });
      assert.deepEqual(problems.map((p) => [p.kind, p.path, p.code]), [["write", path, code]]);
      await assert.rejects(
        assertGrantedPaths({ write: [path] }),
        (error) => error instanceof PolicyError && error.code === code,
      );
    });
  }
});

Deno.test("checkGrantedPaths() refuses the folders it is told to keep", async () => {
  await using tree = await makeTree();
  const problems = await checkGrantedPaths({ read: [tree.dir] }, { kept: [`${tree.dir}/in`] });
  assert.deepEqual(problems.map((p) => p.code), ["needs_unsafe"]);
});

Deno.test("checkGrantedPaths() gives up on a folder that has no end", async () => {
  const endless = {
    realPath: (path: string) => Promise.resolve(path),
    isDirectory: () => Promise.resolve(true),
    async *readDir() {
      for (let i = 0;; i++) yield { name: `${i}`, isDirectory: false, isSymlink: false };
    },
  };
  const problems = await checkGrantedPaths({ read: ["/srv/endless"] }, { system: endless });
  assert.deepEqual(problems.map((p) => p.code), ["too_large"]);
});

async function makeTree(): Promise<AsyncDisposable & { dir: string }> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "writ-paths-" }));
  for (const name of ["in", "out"]) {
    await Deno.mkdir(`${dir}/${name}`);
    await Deno.writeTextFile(`${dir}/${name}/file`, "");
  }
  return { dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

import assert from "node:assert/strict";
import type { FileChange } from "../../runtime/author/diff/source_changes.ts";
import {
  type ManifestChange,
  manifestChanges,
} from "../../runtime/author/diff/manifest_changes.ts";
import type { Manifest } from "../../runtime/core/documents/manifest.ts";
import { FleetFolder } from "./fleet_folder.ts";

interface Diff {
  same: boolean;
  changes: ManifestChange[];
  files: FileChange[];
}

/** A fleet whose example script is published, and then edited. */
async function edited(): Promise<FleetFolder> {
  const fleet = await FleetFolder.make();
  await fleet.publishHello();
  const edit = (name: string, change: (text: string) => string) =>
    fleet.file(name, change(fleet.read(name)));
  edit("scripts/hello/manifest.yaml", (text) =>
    text.replace("version: 1.0.0", "version: 1.1.0")
      .replace("sequence: 1", "sequence: 2")
      .replace("requests: []", 'requests: [{ permission: net, value: "a.example:80", reason: R }]')
      .replace("memory: 64 MB", "memory: 128 MB"));
  edit("scripts/hello/mod.ts", (text) => text.replace("Hello, ", "Good day, "));
  return fleet;
}

Deno.test("diff shows what a new version asks for, and its lines", async () => {
  using fleet = await edited();
  const args = ["diff", "example/hello@1.0.0", "scripts/hello"];
  const { same, changes, files } = (await fleet.done(...args, "--json")).json<Diff>();
  assert.equal(same, false);
  const told = changes.map(({ about, words, effect }) => `${effect} ${about} ${words}`);
  assert.deepEqual(told, [
    "other version 1.0.0 → 1.1.0",
    "other sequence 1 → 2",
    "more permission net a.example:80 (R)",
    "more limit memory 64 MB → 128 MB",
  ]);
  const lines = files.flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.lines));
  assert.equal(lines.filter((line) => /^[+-]/.test(line)).length, 2);
  const { stdout } = await fleet.done(...args);
  assert.match(stdout, /^\+ permission .*net a\.example:80[^]*^\+.*Good day/m);
});

Deno.test("diff says that nothing differs, of a release and the folder it was packed of", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  for (const before of ["example/hello", "dist", "scripts/hello"]) {
    const ran = (await fleet.done("diff", before, "dist", "--json")).json<Diff>();
    assert.deepEqual([before, ran.same], [before, true]);
  }
});

Deno.test("diff --source compares the author's own files of a bundled module", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("new", "labels");
  await fleet.done("pack", "labels", "--out", "before");
  const greeting = fleet.read("labels/greeting.ts");
  fleet.file("labels/greeting.ts", greeting.replace("Hello", "Good day"));
  const diff = async (...args: string[]) =>
    (await fleet.done("diff", "before", "labels", "--json", ...args)).json<Diff>().files;
  assert.deepEqual((await diff("--source")).map(({ file }) => file), ["greeting.ts"]);
  assert.deepEqual((await diff()).map(({ file }) => file), ["module"]);
});

Deno.test("diff refuses what is no release, and a module that is not the packed one", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  const code = async (...args: string[]) =>
    (await fleet.writ(["diff", ...args, "--json"])).json<{ error: { code: string } }>().error.code;
  assert.equal(await code("example/other", "dist"), "no_such_file");
  assert.equal(await code("nowhere", "dist"), "usage");
  fleet.file("dist/mod.ts", fleet.read("dist/mod.ts").replace("Hello", "Hallo"));
  assert.equal(await code("dist", "dist"), "wrong_file");
});

Deno.test("manifestChanges() tells more from less, and what an agent would refuse", () => {
  const base: Manifest = {
    publisher: "acme",
    name: "a",
    version: "1.0.0",
    sequence: 2,
    module: { sha256: `sha256:${"0".repeat(64)}`, length: 1, mediaType: "text/javascript" },
    requests: [{ permission: "read", value: "/a", reason: "R" }],
    capabilities: ["store"],
    runtime: "*",
    life: "fresh",
    idempotent: false,
    created: "2026-03-01T12:00:00Z",
  };
  const effects = (change: Partial<Manifest>) =>
    manifestChanges(base, { ...base, ...change }).map(({ effect, about }) => `${effect} ${about}`);
  assert.deepEqual(effects({}), []);
  assert.deepEqual(effects({ requests: [] }), ["less permission"]);
  assert.deepEqual(effects({ capabilities: ["dir"] }), ["more capability", "less capability"]);
  assert.deepEqual(effects({ limits: { cpuMs: 1 } }), ["less limit cpu"]);
  assert.deepEqual(effects({ limits: { cpuMs: 9_000_000 } }), ["more limit cpu"]);
  assert.deepEqual(effects({ sequence: 1 }), ["wrong sequence"]);
  assert.deepEqual(effects({ version: "1.1.0" }), ["other version", "wrong sequence"]);
  assert.deepEqual(effects({ name: "b", sequence: 3 }), ["wrong script", "other sequence"]);
  assert.deepEqual(effects({ life: "live" }), ["other life"]);
  assert.deepEqual(effects({ inputSchema: {} }), ["other input-schema"]);
});

import assert from "node:assert/strict";
import { homedir } from "node:os";
import { dirname } from "node:path";
import { config, projectFiles, ROOT, textOf } from "./project_files.ts";

const isForPeople = (file: string) => /^(?:README\.md|docs\/.*\.md|scripts\/.*\.md)$/.test(file);

Deno.test("every task that the documents name exists", () => {
  const tasks = new Set(Object.keys(config().tasks));
  const missing = projectFiles().filter(isForPeople).flatMap((file) =>
    tasksIn(textOf(file)).filter((task) => !tasks.has(task)).map((task) => `${file}: ${task}`)
  );
  assert.deepEqual(missing, []);
});

Deno.test("every task says what it does", () => {
  const silent = Object.entries(config().tasks)
    .filter(([, task]) => typeof (task as { description?: unknown }).description !== "string")
    .map(([name]) => name);
  assert.deepEqual(silent, []);
});

Deno.test("every file that a document links to exists", () => {
  const files = projectFiles();
  const missing = files.filter(isForPeople).flatMap((file) =>
    linksIn(textOf(file))
      .map((link) => resolve(file, link))
      .filter((target) =>
        !files.some((known) => known === target || known.startsWith(`${target}/`))
      )
      .map((target) => `${file}: ${target}`)
  );
  assert.deepEqual(missing, []);
});

Deno.test("docs/architecture.md names every room, and no other", () => {
  const text = textOf("docs/architecture.md");
  const files = projectFiles();
  const missing = [
    ...unnamed(foldersOf("runtime", files).map((room) => `runtime/${room}`), text),
  ];
  assert.deepEqual(missing, []);
  const gone = [...text.matchAll(/`(runtime\/[\w/.]+)`/g)].map(([, path]) => path!)
    .filter((path) => !files.some((file) => file === path || file.startsWith(path)));
  assert.deepEqual(gone, []);
  for (const room of ["agent", "cli", "hub"]) {
    assert.deepEqual(tableOf(room, text).sort(), foldersOf(`runtime/${room}`, files).sort());
  }
});

Deno.test("no file holds a path of the machine it was written on", () => {
  const paths = machinePaths();
  const found = projectFiles().flatMap((file) => {
    const text = textOf(file);
    return paths.filter((path) => holds(text, path)).map((path) => `${file}: ${path}`);
  });
  assert.deepEqual(found, []);
});

Deno.test("tasksIn(), linksIn(), tableOf() and holds() find what is there and nothing else", () => {
  const text =
    "Run `deno task --quiet writ try a.ts`, `npx -y deno@2.9.6 task test` or a task list.";
  assert.deepEqual(tasksIn(text), ["writ", "test"]);
  assert.deepEqual(linksIn("[a](docs/a.md#top) [b](https://b.example/) [c](#c)"), ["docs/a.md"]);
  assert.equal(resolve("docs/a.md", "../README.md"), "README.md");
  assert.ok(holds("see /home/ada/writ/main.ts", "/home/ada/writ"));
  assert.ok(!holds("see /home/ada/writing", "/home/ada/writ"));
  assert.deepEqual(foldersOf("a", ["a/b/c.ts", "a/b/d.ts", "a/e.ts", "ab/c/d.ts"]), ["b"]);
  assert.deepEqual(unnamed(["start", "lost"], "see start"), ["lost"]);
  const table = "| `runtime/a/…` | is |\n|---|---|\n| `b/`, `c_d/` | `x/` |\n\n| `e/` | no |\n";
  assert.deepEqual(tableOf("a", table), ["b", "c_d"]);
});

/** Names after `deno task`, however Deno is called. */
function tasksIn(text: string): string[] {
  return [...text.matchAll(/\bdeno(?:@[\d.]+)? task (?:--?[\w-]+ )*([a-z][\w:-]*)/g)]
    .map(([, name]) => name!);
}

/** Targets of Markdown links to files. */
function linksIn(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** Names of the folders right in a folder. */
function foldersOf(folder: string, files: readonly string[]): string[] {
  const below = files.filter((file) => file.startsWith(`${folder}/`))
    .map((file) => file.slice(folder.length + 1).split("/"))
    .filter((parts) => parts.length > 1);
  return [...new Set(below.map(([first]) => first!))];
}

/** Those of these folders that a text does not name. */
function unnamed(folders: readonly string[], text: string): string[] {
  return folders.filter((folder) => !holds(text, folder));
}

/** Folders in the first column of the table of a room. */
function tableOf(room: string, text: string): string[] {
  const [, table = ""] = text.split(`| \`runtime/${room}/…\``);
  const rows = table.split("\n\n")[0]!.split("\n").slice(2);
  return rows.flatMap((row) =>
    [...row.split("|")[1]!.matchAll(/`(\w+)\/`/g)].map(([, name]) => name!)
  );
}

function resolve(file: string, link: string): string {
  return new URL(link, `file:///${file}`).pathname.slice(1).replace(/\/$/, "");
}

/** Folders that exist here and nowhere else; a folder of one step is too common a word. */
function machinePaths(): string[] {
  return [ROOT, `${dirname(ROOT)}/shared`, homedir()].filter((path) => path.split("/").length > 2);
}

function holds(text: string, path: string): boolean {
  const at = text.indexOf(path);
  return at >= 0 && !/[\w-]/.test(text[at + path.length] ?? "");
}

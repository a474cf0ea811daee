import assert from "node:assert/strict";
import { type Arrow, readArrows } from "./module_graph.ts";
import { config, projectFiles, textOf } from "./project_files.ts";

/** Packages that only describe another one, by the package they describe. */
const TYPES_OF: Readonly<Record<string, string>> = { "@types/semver": "semver" };

const arrows = await readArrows(projectFiles().filter((file) => /\.tsx?$/.test(file)));

Deno.test("every import of deno.json is imported somewhere", () => {
  assert.deepEqual(unused(config().imports, arrows), []);
});

Deno.test("every package that is imported stands in deno.json", () => {
  assert.deepEqual(unlisted(config().imports, arrows), []);
});

Deno.test("every package of deno.json has its reason in docs/dependencies.md, and no other", () => {
  const { missing, gone } = compareReasons(config().imports, textOf("docs/dependencies.md"));
  assert.deepEqual({ missing, gone }, { missing: [], gone: [] });
});

Deno.test("every import of deno.json is pinned to one version, or a file of ours", () => {
  const loose = Object.entries(config().imports)
    .filter(([name, target]) => !isPinned(name, target))
    .map(([name]) => name);
  assert.deepEqual(loose, []);
});

Deno.test("unused(), unlisted() and compareReasons() find what is wrong and nothing else", () => {
  const imports = { hono: "npm:hono@4.13.19", yaml: "npm:yaml@2.9.1" };
  const found = (specifier: string, to: string): Arrow => ({ from: "a.ts", to, specifier });
  const hono = found("hono/streaming", "npm:hono");
  const other = found("npm:left-pad@1.0.0", "npm:left-pad");
  assert.deepEqual(unused(imports, [hono, found("yaml", "npm:yaml")]), []);
  assert.deepEqual(unused(imports, [hono]), ["yaml"]);
  assert.deepEqual(unlisted(imports, [hono]), []);
  assert.deepEqual(unlisted(imports, [hono, other]), ["a.ts: npm:left-pad@1.0.0"]);
  const reasons = "| `hono` | routes |\n| `left-pad` | padding |\n";
  assert.deepEqual(compareReasons(imports, reasons), { missing: ["yaml"], gone: ["left-pad"] });
  assert.ok(isPinned("hono", "npm:hono@4.13.19"));
  assert.ok(!isPinned("hono", "npm:hono@^4.13.19"));
});

/** Names that nothing imports. */
function unused(imports: Record<string, string>, arrows: readonly Arrow[]): string[] {
  return Object.keys(imports).filter((name) => {
    const wanted = TYPES_OF[name] ?? name;
    return !arrows.some(({ specifier }) => isOf(wanted, specifier));
  });
}

/** Packages that are imported past the list. */
function unlisted(imports: Record<string, string>, arrows: readonly Arrow[]): string[] {
  return arrows
    .filter(({ to }) => !to.startsWith("node:") && /^[a-z]+:/.test(to))
    .filter(({ specifier }) => !Object.keys(imports).some((name) => isOf(name, specifier)))
    .map(({ from, specifier }) => `${from}: ${specifier}`);
}

/** Packages without a row in the table of reasons, and rows of packages that are not there. */
function compareReasons(imports: Record<string, string>, text: string) {
  const packages = Object.keys(imports).filter((name) => imports[name]!.startsWith("npm:"));
  const rows = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name!);
  return {
    missing: packages.filter((name) => !rows.includes(TYPES_OF[name] ?? name)),
    gone: rows.filter((name) => !packages.includes(name)),
  };
}

function isOf(name: string, specifier: string): boolean {
  return specifier === name || specifier.startsWith(`${name}/`);
}

function isPinned(name: string, target: string): boolean {
  return target.startsWith("./") || new RegExp(`^npm:${name}@\\d+\\.\\d+\\.\\d+$`).test(target);
}

/** What a specifier asks of a registry: a package, perhaps a range of it, and a path inside. */
export interface NpmImport {
  /** With its scope, as in `@scope/name`. */
  readonly name: string;
  /** As written after the name; absent when nothing is. */
  readonly range?: string;
  /** `.` or `./path`, as the `exports` of a package name it. */
  readonly subpath: string;
}

const FORM = /^((?:@[a-z0-9][\w.-]*\/)?[A-Za-z0-9_][\w.-]*)(?:@([^/]+))?(\/.+)?$/;

/**
 * Reads `npm:name@range/path` or the bare `name/path`.
 *
 * @returns `undefined` when it names no package.
 * @example
 * ```ts
 * import { parseNpmImport } from "./npm_import.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseNpmImport("npm:@std/x@1.0.0/deep"), {
 *   name: "@std/x",
 *   range: "1.0.0",
 *   subpath: "./deep",
 * });
 * assert.equal(parseNpmImport("./x.ts"), undefined);
 * ```
 */
export function parseNpmImport(specifier: string): NpmImport | undefined {
  const match = FORM.exec(specifier.replace(/^npm:\/?/, ""));
  if (!match) return undefined;
  const [, name, range, path] = match;
  return { name: name!, ...(range !== undefined && { range }), subpath: path ? `.${path}` : "." };
}

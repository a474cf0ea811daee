import { type Import, parse } from "es-module-lexer";
import { ALLOWED_BUILTINS } from "./allowed_builtins.ts";
import { digestOf } from "./digest.ts";
import type { Digest } from "./documents/common.ts";
import { VerificationError } from "./errors.ts";

/** The types of the SDK; an import of it is erased. */
const SDK = "writ";
/** What is left of an import of which only types were named. */
const ERASED_IMPORT = /^import\s*(\{\s*\}\s*from\s*)?(["'])writ\2$/;
/** The words `import` and `export` in one module, wherever they stand. */
const STATEMENTS = 20_000;
/** Characters from which looking takes longer than knowing the text again by its hash. */
const LONG = 256 << 10;
/** Long texts of which it is known what came of them, which hangs on nothing but the text. */
const KEPT = 32;

type Residue = readonly [start: number, end: number];
type Verdict = { readonly residues: readonly Residue[] } | { readonly fault: unknown };

/** The one looked at longest ago leaves first. */
const verdicts = new Map<Digest, Verdict>();

const COMMENT = /\/\*[^]*?\*\/|\/\/.*/g;

/**
 * Checks what a module imports and that it has a default export.
 *
 * Looks at JavaScript, after types were erased: TypeScript can hide an import from a lexer. It is
 * for tidiness and for an early word to authors, **not a wall**: a computed `import()`, `eval` and
 * `process.getBuiltinModule` pass it by nature, and the cell is what bounds them.
 *
 * @param javascript A whole module.
 * @returns The same text, in which `import {} from "writ"` is blanked, every column in its place.
 * @throws {VerificationError} module_syntax – when it does not parse, exports no default, or has
 *   more than 20,000 imports and exports
 * @throws {VerificationError} module_import – when it imports what no script may
 */
export function gateImports(javascript: string): string {
  if (javascript.length < LONG) return blankedAt(javascript, residuesOf(javascript));
  const digest = digestOf(new TextEncoder().encode(javascript));
  const verdict = verdicts.get(digest) ?? verdictOn(javascript);
  verdicts.delete(digest);
  verdicts.set(digest, verdict);
  if (verdicts.size > KEPT) verdicts.delete(verdicts.keys().next().value!);
  if ("fault" in verdict) throw verdict.fault;
  return blankedAt(javascript, verdict.residues);
}

function verdictOn(javascript: string): Verdict {
  try {
    return { residues: residuesOf(javascript) };
  } catch (fault) {
    return { fault };
  }
}

/** Where imports stand of which only types were named. Throws what {@linkcode gateImports} does. */
function residuesOf(javascript: string): Residue[] {
  requireFewStatements(javascript);
  const [imports, exports] = parseModule(javascript);
  const residues: Residue[] = [];
  for (const found of imports) {
    const fault = faultOf(found, javascript);
    if (fault === "erased") residues.push([found.importStart, found.importEnd]);
    else if (fault !== undefined) {
      throw new VerificationError(
        "module_import",
        `Cannot use the module as ${fault}: line ${positionOf(javascript, found.importStart)}`,
      );
    }
  }
  if (!exports.some((entry) => "name" in entry && entry.name === "default")) {
    throw new VerificationError(
      "module_syntax",
      "Cannot use the module as it has no default export: " +
        "write `export default { run(input, ctx) { … } } satisfies Script`",
    );
  }
  return residues;
}

/** The lexer tells of all of them at once, and takes a second for a few hundred thousand. */
function requireFewStatements(javascript: string): void {
  const words = javascript.matchAll(/\b(?:import|export)\b/g);
  if (words.drop(STATEMENTS).next().done) return;
  throw new VerificationError(
    "module_syntax",
    `Cannot use the module as it says import and export more than ${STATEMENTS} times`,
  );
}

/** In one pass: a module may hold many of them. */
function blankedAt(javascript: string, residues: readonly Residue[]): string {
  const parts: string[] = [];
  let rest = 0;
  for (const [start, end] of residues) {
    parts.push(javascript.slice(rest, start), blank(javascript.slice(start, end)));
    rest = end;
  }
  return parts.join("") + javascript.slice(rest);
}

/** `line:column`, both from 1, of an index into a text. */
export function positionOf(text: string, index: number): string {
  const before = text.slice(0, index).split(/\r\n|[\n\r\u2028\u2029]/);
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

function parseModule(javascript: string): ReturnType<typeof parse> {
  try {
    return parse(javascript);
  } catch (cause) {
    const index = (cause as { idx?: unknown }).idx;
    // The lexer answers 0 when it only knows at the end that something was left open.
    const at = typeof index === "number" && index > 0
      ? `line ${positionOf(javascript, index)}`
      : "something is not closed";
    throw new VerificationError(
      "module_syntax",
      `Cannot use the module as it does not parse: ${at}`,
      {
        cause,
      },
    );
  }
}

/** What is wrong with one import, in words; `erased` for a residue; `undefined` if all is well. */
function faultOf(found: Import, javascript: string): string | undefined {
  if (found.type === "import-meta") return undefined;
  const { specifier } = found;
  // A computed import: the cell decides.
  if (found.type === "dynamic" && (specifier === undefined || found.glob)) return undefined;
  if (specifier === SDK) {
    const statement = javascript.slice(found.importStart, found.importEnd).replace(COMMENT, " ");
    return found.type !== "dynamic" && ERASED_IMPORT.test(statement)
      ? "erased"
      : 'it imports more than types from "writ", which has nothing else: write `import type`';
  }
  if (specifier === undefined || specifier === null || !ALLOWED_BUILTINS.has(specifier)) {
    return `it imports ${JSON.stringify(specifier ?? "something unreadable")}, and a script is ` +
      "one file that may import only harmless node: modules";
  }
  if (found.attributesStart !== -1 || found.phase !== null) {
    return `it imports ${JSON.stringify(specifier)} in an unusual way`;
  }
  return undefined;
}

/** Spaces instead of what stood there; line breaks stay. */
function blank(text: string): string {
  return text.replace(/[^\r\n\u2028\u2029]/g, " ");
}

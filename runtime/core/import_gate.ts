import type { Import } from "es-module-lexer";
import { ALLOWED_BUILTINS } from "./allowed_builtins.ts";
import { VerificationError } from "./errors.ts";

/** The imports and exports of a whole module; of exports only `default` need be among them. */
export type Lexed = readonly [
  imports: readonly LexedImport[],
  exports: readonly LexedExport[],
  ...more: unknown[],
];

/** What counts of an import. */
export type LexedImport = Pick<Import, "type" | "importStart" | "importEnd"> & {
  /** Absent when it is computed. */
  readonly specifier?: string | null | undefined;
  readonly glob?: boolean | undefined;
  readonly attributesStart?: number | undefined;
  readonly phase?: string | null | undefined;
};

/** What counts of an export. */
export type LexedExport = { readonly type: string; readonly name?: string | undefined };

/**
 * Finds what a module imports and exports, as `parse` of es-module-lexer does. Throws an error with
 * the index of the fault as `idx`.
 */
export type Lex = (javascript: string) => Lexed;

/** The types of the SDK; an import of it is erased. */
const SDK = "writ";
/** What is left of an import of which only types were named. */
const ERASED_IMPORT = /^import\s*(\{\s*\}\s*from\s*)?(["'])writ\2$/;
/** Imports of one module, each of which is judged. */
export const MOST_IMPORTS = 20_000;

type Residue = readonly [start: number, end: number];

/** Line breaks: LF, CR, line separator, paragraph separator. */
const [LF, CR, LS, PS] = [0x0a, 0x0d, 0x2028, 0x2029];

const COMMENT = /\/\*[^]*?\*\/|\/\/.*/g;

/**
 * Checks what a module imports and that it has a default export.
 *
 * Looks at JavaScript, after types were erased: TypeScript can hide an import from a lexer. It is
 * for tidiness and for an early word to authors, **not a wall**: a computed `import()`, `eval` and
 * `process.getBuiltinModule` pass it by nature, and the cell is what bounds them.
 *
 * @param javascript A whole module.
 * @param lex What finds imports and exports; it takes long for some texts, see `parseModule`.
 * @returns The same text, in which `import {} from "writ"` is blanked, every column in its place.
 * @throws {VerificationError} module_syntax – when it does not parse, exports no default, or has
 *   more than 20,000 imports
 * @throws {VerificationError} module_import – when it imports what no script may
 */
export function gateImports(javascript: string, lex: Lex): string {
  const [imports, exports] = lexed(javascript, lex);
  if (imports.length > MOST_IMPORTS) {
    throw syntax(`it has more than ${MOST_IMPORTS} imports`);
  }
  const residues = residuesOf(imports, javascript);
  if (!exports.some(({ name }) => name === "default")) {
    throw syntax(
      "it has no default export: " +
        "write `export default { run(input, ctx) { … } } satisfies Script`",
    );
  }
  return blankedAt(javascript, residues);
}

/** Where imports stand of which only types were named. Throws what {@linkcode gateImports} does. */
function residuesOf(imports: readonly LexedImport[], javascript: string): Residue[] {
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
  return residues;
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

/** `line:column`, both from 1, of an index into a text, which may be all line breaks. */
export function positionOf(text: string, index: number): string {
  let [line, start] = [1, 0];
  for (let at = 0; at < index; at++) {
    const code = text.charCodeAt(at);
    if (code !== LF && code !== CR && code !== LS && code !== PS) continue;
    if (code === CR && text.charCodeAt(at + 1) === LF && at + 1 < index) at++;
    line++;
    start = at + 1;
  }
  return `${line}:${index - start + 1}`;
}

function lexed(javascript: string, lex: Lex): Lexed {
  try {
    return lex(javascript);
  } catch (cause) {
    const { idx: index, message } = cause as { idx?: unknown; message?: string };
    if (index === undefined) throw syntax(`it does not parse: ${message}`, cause);
    // The lexer answers 0 when it only knows at the end that something was left open.
    const at = typeof index === "number" && index > 0
      ? `line ${positionOf(javascript, index)}`
      : "something is not closed";
    throw syntax(`it does not parse: ${at}`, cause);
  }
}

function syntax(found: string, cause?: unknown): VerificationError {
  return new VerificationError("module_syntax", `Cannot use the module as ${found}`, { cause });
}

/** What is wrong with one import, in words; `erased` for a residue; `undefined` if all is well. */
function faultOf(found: LexedImport, javascript: string): string | undefined {
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

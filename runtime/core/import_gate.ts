import { type Import, parse } from "es-module-lexer";
import { ALLOWED_BUILTINS } from "./allowed_builtins.ts";
import { VerificationError } from "./errors.ts";

/** The types of the SDK; an import of it is erased. */
const SDK = "writ";
/** What is left of an import of which only types were named. */
const ERASED_IMPORT = /^import\s*(\{\s*\}\s*from\s*)?(["'])writ\2$/;
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
 * @throws {VerificationError} module_syntax – when it does not parse, or exports no default
 * @throws {VerificationError} module_import – when it imports what no script may
 */
export function gateImports(javascript: string): string {
  const [imports, exports] = parseModule(javascript);
  // In one pass: a module may hold a hundred thousand of them.
  const gated: string[] = [];
  let rest = 0;
  for (const found of imports) {
    const fault = faultOf(found, javascript);
    if (fault === "erased") {
      gated.push(javascript.slice(rest, found.importStart));
      gated.push(blank(javascript.slice(found.importStart, found.importEnd)));
      rest = found.importEnd;
    } else if (fault !== undefined) {
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
  return gated.join("") + javascript.slice(rest);
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

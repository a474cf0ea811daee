import type { Limits } from "../core/documents/grant.ts";
import { type LexedExport, type LexedImport, MOST_IMPORTS } from "../core/import_gate.ts";
import { LIMITS } from "../core/limits.ts";
import type { ModuleParsers } from "../core/module.ts";
import type { Outcome } from "../core/outcome.ts";
import type { RunReport, RunRequest } from "./run_request.ts";

const PARSER_URL = "script://writ/parse-module@1.0.0";

/** For 8 MiB of TypeScript, which is the most a module may be. */
export const PARSER_LIMITS: Limits = {
  memoryBytes: 1_000_000_000,
  cpuMs: 5_000,
  wallMs: 20_000,
  outputBytes: 32_000_000,
  runs: 1,
};

/** What one import takes in memory, roughly, apart from its specifier. */
const IMPORT_CHARACTERS = 100;

/** A module, to be parsed. */
export interface UnparsedModule {
  /** UTF-8. */
  readonly bytes: Uint8Array;
  /** `application/typescript` has types to erase. */
  readonly mediaType: string;
}

/** What came of a text that was to be parsed. */
export type Parsed =
  /** Answers for exactly that text; `characters` is what is kept of it. */
  | { readonly parsers: ModuleParsers; readonly characters: number }
  /** Throws the text's fault. */
  | { readonly faulty: ModuleParsers }
  /** No cell could be started, so nothing is known of the text. */
  | { readonly notStarted: string };

/** What the script answers: where the lexer stopped, or what it found. */
interface Answer {
  /** Absent where there were no types. */
  readonly javascript?: string;
  readonly stoppedAt?: number;
  readonly imports?: readonly LexedImport[];
  readonly exports?: readonly LexedExport[];
}

/**
 * Parses one module in a cell of its own. What erases types is native code: three thousand
 * parentheses overflow its stack and end the process, and two hundred characters of nested generics
 * keep it busy for ever, deaf to signals. The lexer takes most of a second for the longest module.
 * No process that must answer for itself may call them.
 *
 * @param run Runs a script in a cell without any right, within {@linkcode PARSER_LIMITS}.
 */
export async function parseModule(
  { bytes, mediaType }: UnparsedModule,
  run: (request: RunRequest) => Promise<RunReport>,
  signal?: AbortSignal,
): Promise<Parsed> {
  if (bytes.length > LIMITS.MODULE_BYTES) return faulty(new SyntaxError("it is too long"));
  const { outcome } = await run({
    javascript: await parserScript(),
    scriptUrl: PARSER_URL,
    input: null,
    // Read piece by piece: as input it would be written as JSON in one go.
    attachments: [{
      name: "module",
      length: bytes.length,
      mediaType,
      // Whoever reads a piece may give it away.
      read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
    }],
    ...(signal ? { signal } : {}),
  });
  signal?.throwIfAborted();
  if (outcome.outcome === "refused") return { notStarted: outcome.detail.message };
  if (outcome.outcome !== "ok") return faulty(new SyntaxError(faultOf(outcome)));
  const { javascript, stoppedAt, imports = [], exports = [] } = outcome.result as Answer;
  const erase = (text: string) => javascript ?? text;
  if (stoppedAt !== undefined) return faulty(new LexerFault(stoppedAt), erase);
  const specifiers = imports.reduce((sum, { specifier }) => sum + (specifier?.length ?? 0), 0);
  return {
    parsers: { erase, lex: () => [imports, exports] },
    characters: (javascript?.length ?? 0) + specifiers + imports.length * IMPORT_CHARACTERS,
  };
}

/** The lexer's own error, as far as it is told on. */
class LexerFault extends SyntaxError {
  readonly idx: number;

  constructor(idx: number) {
    super("Cannot find imports and exports in a text that does not parse");
    this.idx = idx;
  }
}

/** The script that parses: our own, in a cell like any other, with the lexer's text in it. */
async function parserScript(): Promise<string> {
  const { default: lexer } = await import("es-module-lexer", { with: { type: "text" } });
  return `import { stripTypeScriptTypes } from "node:module";
const lexer = URL.createObjectURL(new Blob([${JSON.stringify(lexer)}]));
const { parse } = await import(lexer);
const lexed = (javascript) => {
  try {
    return parse(javascript);
  } catch ({ idx = 0 }) {
    return idx;
  }
};
export default {
  async run(_, { attachments: [module] }) {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await module.bytes());
    const isTyped = module.mediaType === "application/typescript";
    const javascript = isTyped ? stripTypeScriptTypes(text, { mode: "strip" }) : text;
    const erased = isTyped ? { javascript } : {};
    const found = lexed(javascript);
    if (typeof found === "number") return { ...erased, stoppedAt: found };
    const [imports, exports] = found;
    return {
      ...erased,
      imports: imports.slice(0, ${MOST_IMPORTS} + 1),
      exports: exports.filter(({ name }) => name === "default").slice(0, 1),
    };
  },
};`;
}

function faulty(fault: SyntaxError, erase?: ModuleParsers["erase"]): Parsed {
  const throws = () => {
    throw fault;
  };
  return { faulty: { erase: erase ?? throws, lex: throws } };
}

function faultOf(outcome: Outcome): string {
  return outcome.outcome === "script_error"
    ? outcome.detail.message
    : `it nests too deep or takes too long (${outcome.outcome})`;
}

import { decodeUtf8 } from "./canonical_json.ts";
import { MODULE_MEDIA_TYPES } from "./documents/manifest.ts";
import { VerificationError } from "./errors.ts";
import { gateImports, type Lex } from "./import_gate.ts";
import { LIMITS } from "./limits.ts";

/** A module as a cell runs it. */
export interface PreparedModule {
  /** Types erased in place: every line and column is the author's. */
  readonly javascript: string;
}

/**
 * What looks into a module's text. Some texts of a few kilobytes end the process it runs in or keep
 * it busy for ever, so whoever must not stop has it done elsewhere, ahead of verification.
 */
export interface ModuleParsers {
  /**
   * Erases the types of a TypeScript text in place. Throws an error with a message for people when
   * it cannot.
   */
  erase(typescript: string): string;
  readonly lex: Lex;
}

/**
 * Makes the JavaScript a cell runs out of a module's bytes, without asking who signed them.
 *
 * In order: size, media type, strict UTF-8, types erased, import gate.
 *
 * @param bytes The module as its author wrote it. Not changed.
 * @param mediaType `application/typescript` or `text/javascript`.
 * @param parsers What looks into the text.
 * @throws {VerificationError} too_large – when longer than {@linkcode LIMITS.MODULE_BYTES}
 * @throws {VerificationError} module_encoding – when it is not UTF-8 without byte order mark, or
 * the media type is another
 * @throws {VerificationError} module_syntax – when it does not parse, uses TypeScript that is more
 * than erasable types, or exports no default
 * @throws {VerificationError} module_import – when it imports what no script may
 * @example
 * ```ts
 * import { prepareModule } from "./module.ts";
 * import { parse } from "es-module-lexer";
 * import assert from "node:assert/strict";
 * import { stripTypeScriptTypes } from "node:module";
 *
 * const source = "export default { run(n: number) { return n + 1; } };";
 * const bytes = new TextEncoder().encode(source);
 * const parsers = { erase: (text: string) => stripTypeScriptTypes(text), lex: parse };
 * const { javascript } = prepareModule(bytes, "application/typescript", parsers);
 * assert.equal(javascript, "export default { run(n        ) { return n + 1; } };");
 * ```
 */
export function prepareModule(
  bytes: Uint8Array,
  mediaType: string,
  parsers: ModuleParsers,
): PreparedModule {
  if (bytes.length > LIMITS.MODULE_BYTES) {
    throw new VerificationError(
      "too_large",
      `Cannot use the module as it is longer than ${LIMITS.MODULE_BYTES} bytes: ${bytes.length}`,
    );
  }
  if (!(MODULE_MEDIA_TYPES as readonly string[]).includes(mediaType)) {
    throw encoding(`its media type is not one of ${MODULE_MEDIA_TYPES.join(", ")}: ${mediaType}`);
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) throw encoding("it is not UTF-8");
  if (text.startsWith("\ufeff")) throw encoding("it begins with a byte order mark");
  const javascript = mediaType === "text/javascript" ? text : erased(text, parsers);
  return { javascript: gateImports(javascript, parsers.lex) };
}

function erased(typescript: string, parsers: ModuleParsers): string {
  try {
    return parsers.erase(typescript);
  } catch (cause) {
    const { message } = cause as Error;
    // "… not supported in strip-only mode at file:///stripTypeScriptTypes.ts:3:1"
    const [, what, at] = /^(.*?)(?: at \S*?:(\d+:\d+))?$/s.exec(message)!;
    throw new VerificationError(
      "module_syntax",
      `Cannot use the module as its types cannot be erased: ${what}${at ? `, line ${at}` : ""}`,
      { cause },
    );
  }
}

function encoding(found: string): VerificationError {
  return new VerificationError("module_encoding", `Cannot use the module as ${found}`);
}

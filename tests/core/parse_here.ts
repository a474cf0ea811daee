import { parse } from "es-module-lexer";
import { stripTypeScriptTypes } from "node:module";
import type { ModuleParsers } from "../../runtime/core/module.ts";

/** Parses in this process, which a hostile text could keep busy: for texts of a test's own. */
export const PARSE_HERE: ModuleParsers = {
  erase: (typescript) => stripTypeScriptTypes(typescript, { mode: "strip" }),
  lex: parse,
};

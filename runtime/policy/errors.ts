import { CodedError } from "../core/coded_error.ts";

/** Why a policy, or one value in it, was refused. One comment per code. */
export type PolicyCode =
  /** The file is longer than a policy file may be. */
  | "too_large"
  /** The file is not UTF-8. */
  | "not_utf8"
  /** The file is not YAML. */
  | "yaml_syntax"
  /** An alias, anchor, tag, directive or second document: YAML that a policy may not use. */
  | "yaml_feature"
  /** Nested deeper than any policy is. */
  | "too_deep"
  /** The same key twice in one mapping. */
  | "duplicate_key"
  /** A key that no rule of ours has. */
  | "unknown_key"
  /** A key that must be there is not. */
  | "missing_key"
  /** A mapping where a list was expected, and the like. */
  | "bad_type"
  /** A value of the right kind that is not one of the allowed ones. */
  | "bad_value"
  /** A size or a time without a unit, or with an unknown one. */
  | "bad_unit"
  /** The same thing is said twice. */
  | "duplicate"
  /** A name that nothing defines. */
  | "unknown_name"
  /** A private key stands where only a public one belongs. */
  | "private_key"
  /** An Ed25519 public key of small order. */
  | "low_order_key"
  /** A threshold that its keys can never reach. */
  | "threshold"
  /** A permission too wide to be given without the word `unsafe`. */
  | "needs_unsafe"
  /** One path lies inside another of the same kind, or two rules cannot be told apart. */
  | "overlap"
  /** The grant gives more than the ceiling allows. */
  | "beyond_ceiling"
  /** The file may only narrow what a signed list says, and does more. */
  | "only_narrows"
  /** Somebody other than the owner can write the file or folder. */
  | "insecure_permissions"
  /** A symbolic link leads out of the folder it stands in. */
  | "symlink"
  /** The file or folder does not exist. */
  | "missing_file"
  /** The file or folder cannot be read. */
  | "unreadable_file"
  /** Something is there that looks like a policy file and would be ignored. */
  | "unexpected_file"
  /** Two rules do not fit each other; a warning, never a mistake. */
  | "useless_rule";

/** One thing that is wrong, and where. `line` and `column` count from 1; 0 means the whole file. */
export interface Mistake {
  readonly code: PolicyCode;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Like `permissions.net[0]`; empty for the whole file. */
  readonly keyPath: string;
  /** What is allowed and what was found. */
  readonly message: string;
  /** What to do about it, mostly the nearest valid word. */
  readonly hint?: string;
}

/**
 * Writes one mistake as one line.
 *
 * @example
 * ```ts
 * import { renderMistake } from "./errors.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   renderMistake({
 *     code: "bad_value",
 *     file: "policy/grants/print.yaml",
 *     line: 7,
 *     column: 10,
 *     keyPath: "permissions.net[0]",
 *     message: 'must be "host:port": got "192.168.1.20"',
 *     hint: 'did you mean "192.168.1.20:631"?',
 *   }),
 *   'policy/grants/print.yaml:7:10 permissions.net[0] must be "host:port": ' +
 *     'got "192.168.1.20" — did you mean "192.168.1.20:631"?',
 * );
 * ```
 */
export function renderMistake(mistake: Mistake): string {
  const { file, line, column, keyPath, message, hint } = mistake;
  const place = line > 0 ? `${file}:${line}:${column}` : file;
  return [place, keyPath, message, hint && `— ${hint}`].filter(Boolean).join(" ");
}

/** A policy that cannot be used, with everything that is wrong with it. `code` is the first one's. */
export class PolicyError extends CodedError<PolicyCode> {
  override readonly name = "PolicyError";
  readonly mistakes: readonly [Mistake, ...Mistake[]];

  constructor(mistakes: readonly [Mistake, ...Mistake[]], options?: ErrorOptions) {
    super(
      mistakes[0].code,
      mistakes.length === 1
        ? renderMistake(mistakes[0])
        : `${mistakes.length} mistakes\n${mistakes.map(renderMistake).join("\n")}`,
      options,
    );
    this.mistakes = mistakes;
  }
}

/** Sorts mistakes by file and place, so that an admin works from top to bottom. Not mutated. */
export function inReadingOrder(mistakes: readonly Mistake[]): Mistake[] {
  return [...mistakes].sort((a, b) =>
    a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1
  );
}

/** Throws all mistakes at once when there are any. @throws {PolicyError} the first one's code – when not empty */
export function throwMistakes(mistakes: readonly Mistake[]): void {
  const [first, ...rest] = inReadingOrder(mistakes);
  if (first) throw new PolicyError([first, ...rest]);
}

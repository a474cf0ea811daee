import type { RE2JS } from "re2js";
import { SchemaFault } from "./schema_fault.ts";

const PATTERN_LENGTH = 1_000;

/**
 * A publisher's regular expression in an engine that never goes back (RE2), as the language's own
 * can be kept busy for years by twenty characters. What only such engines know, like looking
 * ahead or naming what matched before, is refused.
 */
export class LinearPattern {
  readonly #expression: RE2JS;
  /** Instructions of the compiled pattern: what one character of a text costs. */
  readonly size: number;

  private constructor(expression: RE2JS) {
    this.#expression = expression;
    this.size = expression.programSize();
  }

  /**
   * The engine is loaded with the first pattern: most schemas have none.
   *
   * @param source ECMA-262, as JSON Schema has it.
   * @throws {SchemaFault} when it is none, or not one that takes linear time
   */
  static async compile(source: string): Promise<LinearPattern> {
    if (source.length > PATTERN_LENGTH) {
      throw new SchemaFault("", `has a pattern longer than ${PATTERN_LENGTH} characters`);
    }
    const { RE2JS } = await import("re2js");
    try {
      return new LinearPattern(RE2JS.compile(RE2JS.translateRegExp(source)));
    } catch {
      throw new SchemaFault("", `has a pattern that cannot be matched in linear time: ${source}`);
    }
  }

  /** Steps that {@linkcode test} may take. */
  cost(text: string): number {
    return this.size * (text.length + 1);
  }

  test(text: string): boolean {
    return this.#expression.test(text);
  }
}

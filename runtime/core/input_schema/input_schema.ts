import { VerificationError } from "../errors.ts";
import { evaluate } from "./evaluate.ts";
import { LinearPattern } from "./linear_pattern.ts";
import { pointerOf } from "./place.ts";
import { readSchema } from "./read_schema.ts";
import { SchemaFault } from "./schema_fault.ts";

/** Paths and patterns are as long as their authors like. */
const MESSAGE_LENGTH = 1_000;

/** Different patterns of one schema. */
const PATTERNS = 200;
/** Of all its patterns, compiled, which takes about a hundredth of a millisecond for each. */
const PATTERN_INSTRUCTIONS = 10_000;

/** Steps that one input may cost, beside those for its length: some tens of milliseconds. */
const INPUT_STEPS = 500_000;
/** Steps for each character of the input's JSON: the longest may cost a third of a second. */
const STEPS_PER_CHARACTER = 6;

/** What does not fit, and where: a JSON pointer into the input, empty for all of it. */
export interface InputFault {
  path: string;
  message: string;
}

/**
 * What a publisher says of a script's input, as a JSON Schema 2020-12 that was looked through.
 *
 * The publisher is not trusted with the time of whoever checks: patterns run in an engine whose
 * time is linear, and every step of the checking is counted, so that references which double at
 * each level, or a list compared with itself, end it and not the process.
 *
 * @see JSON Schema 2020-12, "JSON Schema Validation"
 */
export class InputSchema {
  readonly #schema: unknown;
  readonly #patterns: ReadonlyMap<string, LinearPattern>;

  private constructor(schema: unknown, patterns: ReadonlyMap<string, LinearPattern>) {
    this.#schema = schema;
    this.#patterns = patterns;
  }

  /**
   * Looks a schema through: known keywords with values of their kind, references that lead
   * somewhere in it, patterns that can be matched in linear time.
   *
   * @param schema JSON.
   * @throws {VerificationError} input_schema – when it cannot be used
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { InputSchema } from "./input_schema.ts";
   *
   * const schema = await InputSchema.read({ properties: { copies: { minimum: 1 } } });
   * assert.equal(schema.fault({ copies: 2 }), undefined);
   * assert.deepEqual(schema.fault({ copies: 0 }), {
   *   path: "/copies",
   *   message: "must be at least 1",
   * });
   * ```
   */
  static async read(schema: unknown): Promise<InputSchema> {
    try {
      return new InputSchema(schema, await compiled(new Set(readSchema(schema))));
    } catch (error) {
      if (!(error instanceof SchemaFault)) throw error;
      throw unusable(`${error.path || "its top"} ${error.message}`);
    }
  }

  /**
   * The first thing that is wrong with an input.
   *
   * @param input JSON.
   * @returns `undefined` when it fits.
   * @throws {VerificationError} input_schema – when it would take more steps to know than
   *   {@linkcode INPUT_STEPS} and {@linkcode STEPS_PER_CHARACTER} allow, or the schema leads back to itself without end
   */
  fault(input: unknown): InputFault | undefined {
    const length = JSON.stringify(input)?.length ?? 0;
    try {
      const steps = INPUT_STEPS + STEPS_PER_CHARACTER * length;
      const fault = evaluate(this.#schema, input, this.#patterns, steps);
      return fault && { path: pointerOf(fault.place), message: fault.message };
    } catch (error) {
      if (!(error instanceof SchemaFault)) throw error;
      throw unusable(`it ${error.message}`);
    }
  }

  /**
   * Requires that an input fits.
   *
   * @throws {VerificationError} input – when it does not
   * @throws {VerificationError} input_schema – as {@linkcode fault}
   */
  require(input: unknown): void {
    const fault = this.fault(input);
    if (!fault) return;
    const found = `${fault.path || "it"} ${fault.message}`.slice(0, MESSAGE_LENGTH);
    throw new VerificationError("input", `Cannot run with this input as ${found}`);
  }
}

/**
 * Whether a schema has patterns, of which one alone may take a fifth of a second to compile.
 *
 * @param schema JSON, which may not be usable as a schema.
 */
export function hasPatterns(schema: unknown): boolean {
  try {
    return readSchema(schema).length > 0;
  } catch (error) {
    if (error instanceof SchemaFault) return false;
    throw error;
  }
}

async function compiled(sources: ReadonlySet<string>): Promise<Map<string, LinearPattern>> {
  if (sources.size > PATTERNS) throw new SchemaFault("", `has more than ${PATTERNS} patterns`);
  const patterns = new Map<string, LinearPattern>();
  let left = PATTERN_INSTRUCTIONS;
  for (const source of sources) {
    const pattern = await LinearPattern.compile(source);
    left -= pattern.size;
    if (left < 0) throw new SchemaFault("", "has patterns that repeat too much");
    patterns.set(source, pattern);
  }
  return patterns;
}

function unusable(found: string): VerificationError {
  const shown = found.slice(0, MESSAGE_LENGTH);
  return new VerificationError("input_schema", `Cannot use the input schema as ${shown}`);
}

/** What does not fit, and where: a JSON pointer into the input, empty for all of it. */
export interface Fault {
  path: string;
  message: string;
}

/** Checks one value against one schema. The parts of it are in the files `check_*.ts`. */
export interface Evaluation {
  /** Counts so many steps. @throws {SchemaFault} when there were too many */
  spend(steps: number): void;
  /** The first fault of a value that lies at `path`. */
  check(schema: unknown, value: unknown, path: string): Fault | undefined;
  /** Whether a pattern of the schema is found in a text; counts its steps. */
  matches(pattern: string, text: string): boolean;
  /** The same text for equal values. */
  textOf(value: unknown): string;
}

/** A schema whose keywords have been looked through. */
// deno-lint-ignore no-explicit-any -- each keyword's value was checked when the schema was read
export type ReadSchema = Record<string, any>;

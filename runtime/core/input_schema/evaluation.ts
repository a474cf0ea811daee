import type { Place } from "./place.ts";

/** What does not fit, and where. */
export interface Fault {
  place: Place;
  message: string;
}

/** Checks one value against one schema. The parts of it are in the files `check_*.ts`. */
export interface Evaluation {
  /** Counts so many steps. @throws {SchemaFault} when there were too many */
  spend(steps: number): void;
  /** The first fault of a value that lies at `place`. */
  check(schema: unknown, value: unknown, place: Place): Fault | undefined;
  /** Whether a pattern of the schema is found in a text; counts its steps. */
  matches(pattern: string, text: string): boolean;
  /** The same text for equal values; counts its length. */
  textOf(value: unknown): string;
  /** The texts of a list of the schema, which are made once. */
  textsOf(list: readonly unknown[]): ReadonlySet<string>;
  /** The keys of an object, which are listed once; counts them. */
  keysOf(record: object): readonly string[];
}

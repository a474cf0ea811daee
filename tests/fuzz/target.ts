import type fc from "fast-check";

/** Something that reads what strangers wrote, and what it must do with anything it is given. */
export interface Target {
  /** As `--only` takes it. */
  readonly name: string;
  /** One sentence: what is fed, and what must hold. */
  readonly what: string;
  /** Sets up what all inputs share. */
  open(): Probe | Promise<Probe>;
}

/** A target that is ready: inputs, and the check that throws when one is handled wrongly. */
export interface Probe {
  // deno-lint-ignore no-explicit-any -- the arbitrary and the check agree; see probe()
  readonly inputs: fc.Arbitrary<any>;
  // deno-lint-ignore no-explicit-any -- as above
  check(input: any): unknown;
  close?(): Promise<void> | void;
}

/** Pairs inputs with the check that takes them. */
export function probe<T>(
  inputs: fc.Arbitrary<T>,
  check: (input: T) => unknown,
  close?: () => Promise<void> | void,
): Probe {
  return { inputs, check, ...(close ? { close } : {}) };
}

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

/** One input, and the check that throws when it is handled wrongly. */
export interface Trial {
  readonly input: unknown;
  check(): unknown;
}

/** A target that is ready. */
export interface Probe {
  readonly trials: fc.Arbitrary<Trial>;
  close?(): Promise<void> | void;
}

/** Pairs inputs with the check that takes them. */
export function probe<T>(
  inputs: fc.Arbitrary<T>,
  check: (input: T) => unknown,
  close?: () => Promise<void> | void,
): Probe {
  const trials = inputs.map((input) => ({ input, check: () => check(input) }));
  return { trials, ...(close ? { close } : {}) };
}

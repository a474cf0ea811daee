import type { Limits } from "../../runtime/core/documents/grant.ts";
import type { Outcome } from "../../runtime/core/outcome.ts";
import type { CellRights } from "../../runtime/sandbox/mod.ts";
import type { Canaries, Targets } from "./canaries.ts";
import type { Loan } from "./loans.ts";
import type { Observation } from "./observation.ts";
import type { Proof } from "./proofs.ts";
import type { Served } from "./served.ts";
import type { Stage } from "./stage.ts";

/** Source text of a hostile script, or a function that writes it for the targets of one run. */
export type Source = string | ((at: Targets) => string);

/** How the protected run must end: the outcome, and the parts of it that are named here. */
export interface Expected {
  readonly outcome: Outcome["outcome"];
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
}

/** A second script that takes part. */
export interface Accomplice {
  readonly module: Source;
  /** Run to its end first, or kept running all the while. */
  readonly when: "before" | "beside";
}

/** One attack on the cell. Lives in a file of its own in `corpus/`, as its default export. */
export interface Attack {
  /** The file's name without `.ts`. */
  readonly name: string;
  /** One sentence: the mechanism, and the protection it meets. */
  readonly what: string;
  /** The Deno advisory whose mechanism this is, `CVE-…` or, where it has none, `GHSA-…`. */
  readonly advisory?: string;
  /** JavaScript or TypeScript; its `run` gets the {@linkcode Targets} as input. */
  readonly module: Source;
  readonly accomplice?: Accomplice;
  /** What the admin granted; nothing by default. */
  readonly rights?: CellRights | ((at: Targets) => CellRights);
  /** Over the defaults; short ones keep the corpus quick. */
  readonly limits?: Partial<Limits>;
  /** Asked for by requests in a live cell, not by an order: its `fetch` answers, not its `run`. */
  readonly served?: Served;
  /** Lent the store of served.ts, or this. */
  readonly lent?: boolean | Loan;
  /** Content of the one attached document. */
  readonly attachment?: string;
  /**
   * Handed to the cell without the import gate, which would refuse it: the gate is not a wall, so
   * the cell must hold when something passes it.
   */
  readonly ungated?: boolean;
  readonly expect: Expected | ((at: Targets) => Expected);
  /** Where the view of the file system stops it before what stops it at level 1. */
  readonly expectAtLevel2?: Expected;
  /** Programs of this machine that it is tried with; where one is missing it is left out, loudly. */
  readonly needs?: readonly string[];
  /** How the same module is run with its protection off. */
  readonly control: Control;
  /** What shows, from outside, that it then succeeded. */
  readonly proof: Proof;
}

/** A way to run an attack with one protection off. */
export interface Control {
  /** Which protection is off, in words that continue "with …". */
  readonly off: string;
  run(attack: Attack, canaries: Canaries, stage: Stage): Promise<Observation>;
}

/** Marks the source of a hostile script; the text is used as it stands, escapes included. */
export const js = String.raw;

/** A permission that the script does not have. */
export function denied(permission: string, value?: string): Expected {
  return {
    outcome: "denied",
    detail: value === undefined ? { permission } : { permission, value },
  };
}

export function sourceFor(source: Source, at: Targets): string {
  return typeof source === "string" ? source : source(at);
}

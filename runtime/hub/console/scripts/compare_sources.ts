import type { Digest } from "../../../core/documents/common.ts";

/** How long comparing two modules may take, and how far apart they may be. */
const COMPARE_MS = 500;
const EDITS = 20_000;
/** Comparisons that are remembered, and that wait at the same time. */
const KEPT = 32;
const WAITING = 8;

/** One line of a comparison. */
export interface SourceChange {
  readonly kind: "same" | "add" | "del" | "place";
  readonly text: string;
}

/** A module and its hash. */
export interface Source {
  readonly sha256: Digest;
  readonly text: string;
}

/**
 * Compares modules, one pair after another and a little at a time, so that whoever looks at a page
 * keeps nobody else waiting. What was found is remembered: modules never change.
 */
export class SourceComparison {
  readonly #found = new Map<string, SourceChange[] | undefined>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** What is different, with some lines around it; undefined when it takes too long to tell. */
  async compare(before: Source, after: Source): Promise<SourceChange[] | undefined> {
    const pair = `${before.sha256} ${after.sha256}`;
    if (this.#found.has(pair)) return this.#found.get(pair);
    if (this.#waiting >= WAITING) return undefined;
    this.#waiting++;
    const turn = this.#last.then(async () => {
      if (!this.#found.has(pair)) this.#keep(pair, await changesBetween(before.text, after.text));
      return this.#found.get(pair);
    }).finally(() => this.#waiting--);
    this.#last = turn.catch(() => {});
    return await turn;
  }

  #keep(pair: string, changes: SourceChange[] | undefined): void {
    const [oldest] = this.#found.keys();
    if (this.#found.size >= KEPT) this.#found.delete(oldest!);
    this.#found.set(pair, changes);
  }
}

async function changesBetween(before: string, after: string): Promise<SourceChange[] | undefined> {
  const { structuredPatch } = await import("diff");
  const { promise, resolve } = Promise.withResolvers<
    ReturnType<typeof structuredPatch> | undefined
  >();
  // With a callback the library lets others go first after each step.
  structuredPatch("", "", before, after, "", "", {
    context: 3,
    timeout: COMPARE_MS,
    maxEditLength: EDITS,
    callback: resolve,
  });
  const patch = await promise;
  return patch?.hunks.flatMap(({ newStart, lines }): SourceChange[] => [
    { kind: "place", text: `line ${newStart}` },
    ...lines.map(changeOf),
  ]);
}

function changeOf(line: string): SourceChange {
  const kind = line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : "same";
  return { kind, text: line };
}

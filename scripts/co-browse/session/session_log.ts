import { Bucket } from "./bucket.ts";

/** What strangers, guests and pages can bring about as often as they like: a second, and at once. */
const OFTEN: Readonly<Record<string, readonly [perSecond: number, atOnce: number]>> = {
  refused: [1 / 60, 10],
  away: [1 / 10, 20],
  back: [1 / 10, 20],
  saw: [1, 60],
};

/** Writes down what happens in a session: a log is bounded, and ends the run that fills it. */
export class SessionLog {
  readonly #write: (event: string, data: Readonly<Record<string, unknown>>) => void;
  readonly #now: () => number;
  readonly #kinds = new Map<string, { bucket: Bucket; leftOut: number }>();

  constructor(
    write: (event: string, data: Readonly<Record<string, unknown>>) => void,
    now: () => number,
  ) {
    this.#write = write;
    this.#now = now;
    for (const [event, rate] of Object.entries(OFTEN)) {
      this.#kinds.set(event, { bucket: new Bucket(...rate), leftOut: 0 });
    }
  }

  /** Notes something; the next one of its kind says how many were left out before it. */
  note(event: string, data: Readonly<Record<string, unknown>>): void {
    const kind = this.#kinds.get(event);
    if (!kind) return this.#write(event, data);
    const { bucket, leftOut } = kind;
    if (!bucket.take(this.#now())) kind.leftOut++;
    else {
      kind.leftOut = 0;
      this.#write(event, leftOut > 0 ? { ...data, leftOut } : data);
    }
  }
}

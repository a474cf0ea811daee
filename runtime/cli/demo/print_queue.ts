/** Numbers of `job-state` (RFC 8011, "job-state") that this printer's jobs pass through. */
export const JOB_STATE = { pending: 3, processing: 5, canceled: 7, completed: 9 } as const;

/** A job as the printer got it. */
export interface PrintedJob {
  readonly id: number;
  readonly name: string;
  readonly user: string;
  readonly format: string;
  readonly copies: number;
  readonly sides: string;
  readonly media: string;
  /** The document, byte for byte. */
  readonly bytes: Uint8Array;
  /** Sides of paper that one copy takes. */
  readonly pages: number;
  /** When it came, began to print and ended, as `performance.now()` says. */
  readonly times: { created: number; processing: number | null; ended: number | null };
  /** One of {@link JOB_STATE}. */
  state: number;
}

/** Prints one job after another, in memory, at the pace of a given printer. */
export class PrintQueue {
  /** Every job, in the order they came. */
  readonly jobs: PrintedJob[] = [];
  readonly #jobMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param jobMs milliseconds a job takes; `Infinity` never ends one */
  constructor(jobMs: number) {
    this.#jobMs = jobMs;
  }

  /** Takes a job; it waits for those before it. */
  add(received: Omit<PrintedJob, "id" | "pages" | "times" | "state">): PrintedJob {
    const { bytes, format } = received;
    const job = {
      ...received,
      id: this.jobs.length + 1,
      pages: countPages(bytes, format),
      times: { created: performance.now(), processing: null, ended: null },
      state: JOB_STATE.pending,
    };
    this.jobs.push(job);
    // Asynchronous, so that whoever sent the job learns of "pending" first.
    if (!this.#timer) this.#timer = setTimeout(() => this.#next(), 0);
    return job;
  }

  /** Ends a job that is not over. Returns whether there was anything to end. */
  cancel(job: PrintedJob): boolean {
    if (job.state >= JOB_STATE.canceled) return false;
    const printing = job.state === JOB_STATE.processing;
    end(job, JOB_STATE.canceled);
    if (printing) this.#next();
    return true;
  }

  /** Stops printing, whatever is left. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #next(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const job = this.jobs.find(({ state }) => state === JOB_STATE.pending);
    if (!job) return;
    job.state = JOB_STATE.processing;
    job.times.processing = performance.now();
    if (this.#jobMs === Infinity) return;
    this.#timer = setTimeout(() => {
      end(job, JOB_STATE.completed);
      this.#next();
    }, this.#jobMs);
  }
}

function end(job: PrintedJob, state: number): void {
  job.state = state;
  job.times.ended = performance.now();
}

/** Sides of paper, as far as it shows without rendering. */
function countPages(bytes: Uint8Array, format: string): number {
  const text = new TextDecoder("latin1").decode(bytes);
  if (format === "application/pdf") {
    return Math.max(1, text.match(/\/Type\s*\/Page\b/g)?.length ?? 0);
  }
  return format === "text/plain" ? text.split("\f").length : 1;
}

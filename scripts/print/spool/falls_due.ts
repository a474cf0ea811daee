import type { QueueSettings } from "../settings.ts";
import type { Job } from "./job.ts";
import type { Spool } from "./spool.ts";
import type { SteadyClock } from "./steady_clock.ts";

/** How long Create-Job waits for its document. */
export const INCOMING_MS = 300_000;

/** How long a job has been there: a clock that was set since makes none older. */
export function ageMs({ created }: Job, clock: SteadyClock): number {
  return Math.max(0, Math.min(Date.now(), clock.now()) - created);
}

/** How old a job may get before its document, or its printer, has come. */
export function mostMs(job: Job, queue: QueueSettings): number {
  return job.state === "incoming" ? INCOMING_MS : queue.maxAgeMs;
}

/** When time alone changes something: a hold or an age ends, a document has been kept enough. */
export function nextTidy(spool: Spool, queue: QueueSettings): number | undefined {
  const times = [...spool.all()].filter((job) => job.queue === queue.name).flatMap((job) => {
    if (job.ended !== null) return job.document ? [job.ended + queue.keepMs] : [];
    if (job.state === "in doubt" || job.state === "processing") return [];
    const agesAt = Date.now() + mostMs(job, queue) - ageMs(job, spool.clock);
    return [agesAt, ...job.until === null ? [] : [job.until]];
  });
  // A document that could not go yet, since another came, goes a little later.
  return times.length > 0 ? Math.max(Math.min(...times), Date.now() + 1_000) : undefined;
}

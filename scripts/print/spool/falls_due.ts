import type { QueueSettings } from "../settings.ts";
import type { Job } from "./job.ts";
import type { Spool } from "./spool.ts";

/** How long Create-Job waits for its document. */
export const INCOMING_MS = 300_000;

/** When this cell began, by the clock on the wall and by one that nobody sets. */
const BEGAN = { wall: Date.now(), steady: performance.now() };

/**
 * How long a job has been there. A clock that is set forward makes none older: of the time that this
 * cell lives, the steady clock counts.
 */
export function ageMs({ created }: Job): number {
  const before = Math.max(0, BEGAN.wall - created), lived = performance.now() - BEGAN.steady;
  return Math.max(0, Math.min(Date.now() - created, before + lived));
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
    const agesAt = Date.now() + mostMs(job, queue) - ageMs(job);
    return [agesAt, ...job.until === null ? [] : [job.until]];
  });
  // A document that could not go yet, since another came, goes a little later.
  return times.length > 0 ? Math.max(Math.min(...times), Date.now() + 1_000) : undefined;
}

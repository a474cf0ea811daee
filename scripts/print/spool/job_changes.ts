import { type Delivery, type Job, type Kept, mayHavePrinted } from "./job.ts";
import { HELD } from "./new_job.ts";
import { type JobChange, mayBecome } from "./spool.ts";

/** What a person or a client can do to a job. */
export type JobAction = "hold" | "release" | "cancel" | "printed";

/**
 * What becomes of a job by that.
 *
 * @param until When a job that is held goes on by itself.
 * @returns `undefined` when it cannot be done to the job as it is
 */
export function changeBy(
  job: Job,
  what: JobAction,
  until: number | null,
): JobChange | undefined {
  const { state } = job;
  if (what === "hold") {
    if (state === "incoming") return { reasons: ["job-incoming", HELD], until };
    return state === "pending" ? { state: "held", reasons: [HELD], until } : undefined;
  }
  if (what === "release") {
    if (state === "incoming") return { reasons: ["job-incoming"], until: null };
    if (state === "held") return { state: "pending", reasons: [], message: "", until: null };
    // Whoever releases a job in doubt says that it did not print.
    const again: JobChange = { state: "pending", reasons: [], message: "", delivery: null };
    return state === "in doubt" ? again : undefined;
  }
  if (what === "printed") {
    const reasons = ["job-completed-successfully"];
    return state === "in doubt" ? { state: "completed", reasons, message: "" } : undefined;
  }
  if (state === "processing") return job.canceling ? undefined : { canceling: true };
  const reasons = ["job-canceled-by-user"];
  return mayBecome(job, "canceled") ? { state: "canceled", reasons, message: "" } : undefined;
}

/** What becomes of an incoming job once its document is there; `undefined` when it waits for none. */
export function filledWith(job: Job, format: string, document: Kept): JobChange | undefined {
  if (job.state !== "incoming") return undefined;
  const held = job.reasons.includes(HELD);
  return { state: held ? "held" : "pending", reasons: held ? [HELD] : [], format, document };
}

/** What becomes of a job that waited too long; `undefined` while its printer has it. */
export function agedOut(job: Job): JobChange | undefined {
  if (!mayBecome(job, "aborted") || job.state === "processing") return undefined;
  const message = job.state === "incoming"
    ? "its document never came"
    : "it waited longer than its queue allows";
  return { state: "aborted", reasons: ["aborted-by-system"], message };
}

/** A person has to look. */
export function doubt(why: string): JobChange {
  const message = `Whether it printed is not known: ${why}`;
  return { state: "in doubt", reasons: ["job-held-for-review"], message };
}

/** It begins again, first in its queue: nothing of it was printed. */
export const ANEW: JobChange = { state: "pending", delivery: null };

/** What becomes of a job that was begun while its queue led elsewhere. */
export function strayed(delivery: Delivery): JobChange {
  return mayHavePrinted(delivery)
    ? doubt(`its queue led to ${delivery.to ?? "another place"} when it was sent`)
    : ANEW;
}

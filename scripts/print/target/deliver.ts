import type { IppMessage } from "../ipp/message.ts";
import { mayPassLater, STATUS } from "../ipp/status.ts";
import { PrintError } from "../errors.ts";
import { type Delivery, type Job, mayHavePrinted } from "../spool/job.ts";
import { ANEW, doubt, strayed } from "../spool/job_changes.ts";
import type { JobChange, Spool, SpoolContext } from "../spool/spool.ts";
import { type Asked, words } from "./ask.ts";
import type { Offer } from "./offer.ts";
import { documentOf, newJobOf } from "./prepare.ts";
import {
  cancelJob,
  createJob,
  find,
  type Found,
  idIn,
  isEnd,
  look,
  type PrinterJob,
  printJob,
  sendDocument,
} from "./printer_jobs.ts";
import { untilCanceled } from "./until_canceled.ts";

/** What a step of a delivery came to: the job moved on, or the printer needs time. */
export type Step = "moved" | { readonly waitMs: number; readonly why: string };

/** Times that a document may begin anew that never came through whole. */
const ATTEMPTS = 20;
/** A printer that forgets jobs sooner than this cannot be asked whether it got one. */
const REMEMBERED_MS = 30_000;
/** Time to cancel a job whose document is on its way: one that reads may not answer. */
const CANCEL_MS = 3_000;
/** Waits between two looks at a job that prints. */
const LOOK_MS = { first: 50, longest: 2_000, growth: 1.4 };
const BUSY_MS = 250;

/**
 * Brings one job to a printer, step by step. A step that could make paper is on disk before its
 * request is sent; after a crash the printer is asked what came of it, and where it cannot tell,
 * the job is in doubt.
 */
export class PrinterDelivery {
  readonly #ctx: SpoolContext;
  readonly #spool: Spool;
  readonly #asked: Asked;
  readonly #offer: () => Promise<Offer>;
  /** The phase that this very delivery wrote: its request was not sent before. */
  #own: Delivery | undefined;
  #lookMs: number = LOOK_MS.first;
  readonly #id: number;

  constructor(
    ctx: SpoolContext,
    spool: Spool,
    target: { readonly uri: string; readonly url: string },
    job: Job,
    offer: () => Promise<Offer>,
  ) {
    this.#ctx = ctx;
    this.#spool = spool;
    this.#asked = { uri: target.uri, url: target.url, user: job.user };
    this.#offer = offer;
    this.#id = job.id;
  }

  /** Takes the next step. The job is over, in doubt or pending again when it is not processing. */
  async step(): Promise<Step> {
    const job = this.#spool.get(this.#id)!;
    const { delivery } = job;
    if (!delivery) {
      if (job.attempts >= ATTEMPTS) {
        return this.#end("aborted", "the printer broke it off too often");
      }
      const how = (await this.#offer()).createsJobs ? "create" : "print";
      return this.#phase({ phase: "creating", how }, { attempts: job.attempts + 1 });
    }
    if (delivery.to !== undefined && delivery.to !== this.#asked.uri) {
      return await this.#moved(strayed(delivery));
    }
    if (delivery.phase === "creating") {
      return delivery.how === "create" ? this.#create(job, delivery) : this.#print(job, delivery);
    }
    if (delivery.phase === "created") return this.#created(job, delivery);
    if (delivery.phase === "sending") return this.#sending(job, delivery);
    return this.#follow(job, delivery);
  }

  /** No document was ever sent: whatever became of the request, it can be made again. */
  async #create(job: Job, delivery: Delivery): Promise<Step> {
    if (!this.#isOwn(delivery)) {
      // An empty job that nobody fills may keep a printer busy for ever.
      const { id } = await find(this.#asked, job.uuid, "not-completed", this.#ctx.signal);
      if (id !== undefined) return this.#phase({ ...delivery, phase: "created", job: id });
    }
    if (job.canceling) return this.#end("canceled");
    this.#own = undefined;
    const newJob = newJobOf(job, await this.#offer());
    const answer = await createJob(this.#asked, newJob, this.#ctx.signal);
    if (answer.code >= 0x0100) return this.#refused(answer);
    return this.#phase({ ...delivery, phase: "created", job: idIn(answer) });
  }

  async #created(job: Job, delivery: Delivery): Promise<Step> {
    if (!this.#isOwn(delivery)) {
      const seen = await this.#look(job, delivery);
      if (seen?.state === "canceled") return this.#end("canceled", "", seen);
      if (!seen || isEnd(seen.state)) return this.#moved(ANEW);
    }
    if (job.canceling) {
      await cancelJob(this.#asked, delivery.job!, this.#ctx.signal);
      return this.#end("canceled");
    }
    return this.#phase({ ...delivery, phase: "sending" });
  }

  /** From here on there may be paper. */
  async #sending(job: Job, delivery: Delivery): Promise<Step> {
    if (!this.#isOwn(delivery)) return this.#asksWhatCame(job, delivery);
    this.#own = undefined;
    const { signal } = this.#ctx, id = delivery.job!;
    const offer = await this.#offer();
    const { document, why } = await documentOf(this.#ctx, job, offer);
    if (!document) {
      await cancelJob(this.#asked, id, signal);
      return this.#end("aborted", why);
    }
    const cancel = () => cancelJob(this.#asked, id, AbortSignal.timeout(CANCEL_MS));
    const answer = await untilCanceled(
      this.#cancelable(),
      (signal) => sendDocument(this.#asked, id, newJobOf(job, offer), document, signal),
      cancel,
    );
    if (!answer) return "moved";
    if (answer.code < 0x0100) return this.#phase({ ...delivery, phase: "sent" });
    // What it says no to may print all the same.
    if (mayPassLater(answer.code) && hasBegun(await this.#look(job, delivery))) {
      return this.#phase({ ...delivery, phase: "sent" });
    }
    await cancelJob(this.#asked, id, signal);
    return this.#refused(answer);
  }

  /** Job and document at once: the printer's list is all there is to tell whether it came. */
  async #print(job: Job, delivery: Delivery): Promise<Step> {
    if (!this.#isOwn(delivery)) {
      const { id, remembers, isWhole } = await this.#find(job);
      if (id !== undefined) return this.#phase({ ...delivery, phase: "sent", job: id });
      if (job.canceling) return this.#end("canceled");
      if (!remembers || !isWhole || Math.abs(Date.now() - delivery.at) > REMEMBERED_MS) {
        return this.doubt("the printer does not list it, and may have forgotten it");
      }
    }
    if (job.canceling) return this.#end("canceled");
    this.#own = undefined;
    const offer = await this.#offer();
    const { document, why } = await documentOf(this.#ctx, job, offer);
    if (!document) return this.#end("aborted", why);
    const answer = await untilCanceled(
      this.#cancelable(),
      (signal) => printJob(this.#asked, newJobOf(job, offer), document, signal),
      () => Promise.resolve(),
    );
    if (!answer) return "moved";
    if (answer.code < 0x0100) {
      return this.#phase({ ...delivery, phase: "sent", job: idIn(answer) });
    }
    // What it says no to it may have taken all the same.
    if (!mayPassLater(answer.code) || answer.code === STATUS.busy) return this.#refused(answer);
    const { id, isWhole } = await this.#find(job);
    if (id !== undefined) return this.#phase({ ...delivery, phase: "sent", job: id });
    return isWhole ? this.#refused(answer) : this.doubt("the printer's list of jobs cannot tell");
  }

  /** The job in the printer's lists, and whether the printer remembers any that is over. */
  async #find({ uuid }: Job): Promise<Omit<Found, "count"> & { remembers: boolean }> {
    const { signal } = this.#ctx;
    const waiting = await find(this.#asked, uuid, "not-completed", signal);
    if (waiting.id !== undefined) return { ...waiting, remembers: true };
    const { id, count, isWhole } = await find(this.#asked, uuid, "completed", signal);
    return { id, isWhole: isWhole && waiting.isWhole, remembers: count > 0 };
  }

  /** The document was on its way when this cell, or the connection, ended. */
  async #asksWhatCame(job: Job, delivery: Delivery): Promise<Step> {
    const seen = await this.#look(job, delivery);
    if (!seen) return this.#forgotten(job, "the printer no longer knows it");
    if (seen.state === "aborted" && seen.begun === false) return this.#moved(ANEW);
    const waits = seen.state === "pending-held" || seen.state === "pending";
    if (waits && seen.reasons.some((reason) => INCOMPLETE.includes(reason))) {
      await cancelJob(this.#asked, delivery.job!, this.#ctx.signal);
      return job.canceling ? this.#end("canceled") : this.#moved(ANEW);
    }
    return this.#phase({ ...delivery, phase: "sent" });
  }

  async #follow(job: Job, delivery: Delivery): Promise<Step> {
    const seen = await this.#look(job, delivery);
    if (!seen) return this.#forgotten(job, "the printer took it and no longer knows it");
    if (isEnd(seen.state)) return this.#end(seen.state as "completed", seen.message, seen);
    // Only now: until it was looked at, this id may be a stranger's job.
    if (job.canceling) await cancelJob(this.#asked, delivery.job!, this.#ctx.signal);
    const reasons = seen.state === "processing-stopped" && seen.reasons.length === 0
      ? ["printer-stopped"]
      : seen.reasons;
    if (String(reasons) !== String(job.reasons) || seen.pages !== job.pages) {
      await this.#change({ reasons, pages: seen.pages, message: seen.message });
      this.#lookMs = LOOK_MS.first;
    }
    this.#lookMs = Math.min(this.#lookMs * LOOK_MS.growth, LOOK_MS.longest);
    return { waitMs: this.#lookMs, why: "" };
  }

  /** The printer's own no: worth another try, or the end of this job and of no other. */
  async #refused(answer: IppMessage): Promise<Step> {
    if (!mayPassLater(answer.code)) return this.#end("aborted", words(answer));
    const job = this.#spool.get(this.#id)!;
    if (job.canceling) return this.#end("canceled");
    const why = words(answer);
    await this.#change({ state: "pending", delivery: null, attempts: job.attempts - 1 });
    return { waitMs: answer.code === STATUS.busy ? BUSY_MS : 1_000, why };
  }

  #cancelable() {
    return { id: this.#id, spool: this.#spool, signal: this.#ctx.signal };
  }

  #look(job: Job, delivery: Delivery): Promise<PrinterJob | undefined> {
    return look(this.#asked, delivery.job!, this.#ctx.signal, job);
  }

  #isOwn(delivery: Delivery): boolean {
    return this.#own === delivery;
  }

  async #phase(next: Omit<Delivery, "at" | "to">, change: JobChange = {}): Promise<Step> {
    const delivery: Delivery = { ...next, at: Date.now(), to: this.#asked.uri };
    await this.#change({ state: "processing", delivery, reasons: [], ...change });
    this.#own = delivery;
    return "moved";
  }

  /** What is written in the job cannot be worked with: nothing that is tried again does better. */
  giveUp(why: string): Promise<Step> {
    const { delivery } = this.#spool.get(this.#id)!;
    const inDoubt = delivery !== null && mayHavePrinted(delivery);
    return inDoubt ? this.doubt(why) : this.#end("aborted", why);
  }

  /** Nobody wants it any more, or a person has to look. */
  #forgotten(job: Job, why: string): Promise<Step> {
    return job.canceling ? this.#end("canceled") : this.doubt(why);
  }

  /** A person has to look. */
  doubt(why: string): Promise<Step> {
    return this.#moved(doubt(why));
  }

  async #end(
    state: "completed" | "aborted" | "canceled",
    message = "",
    seen?: PrinterJob,
  ): Promise<Step> {
    const own = { completed: "successfully", aborted: "", canceled: "by-user" }[state];
    const usual = state === "aborted" ? "aborted-by-system" : `job-${state}-${own}`;
    const reasons = seen?.reasons.length ? seen.reasons : [usual];
    return await this.#moved({ state, reasons, message, pages: seen?.pages ?? null });
  }

  async #moved(change: JobChange): Promise<Step> {
    await this.#change(change);
    return "moved";
  }

  async #change(change: JobChange): Promise<void> {
    // Somebody may have cancelled or held it before it was begun.
    const isOurs = ({ state }: Job) => state === "pending" || state === "processing";
    await this.#spool.change(this.#ctx, this.#id, (job) => isOurs(job) ? change : undefined);
  }
}

/** Whether there may be paper of a job. */
function hasBegun(seen: PrinterJob | undefined): boolean {
  if (!seen) return false;
  const { state, begun } = seen;
  return state === "completed" || state.startsWith("processing") ||
    state === "aborted" && begun === true;
}

/** How printers call a job whose document has not come. */
const INCOMPLETE = ["job-incoming", "job-data-insufficient"];

/** Whether the printer cannot be spoken with at this moment, whatever the job. */
export function isPassing(error: unknown): error is PrintError {
  return error instanceof PrintError &&
    ["unavailable", "bad_answer", "refused"].includes(error.code);
}

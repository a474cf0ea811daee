import type { CallContext } from "writ";
import { PrintError } from "./errors.ts";
import type { ComingDocument } from "./ipp/request_head.ts";
import { plain } from "./ipp/values.ts";
import { type PrintSettings, type QueueSettings, readSettings } from "./settings.ts";
import { Documents, type Keeping } from "./spool/documents.ts";
import { ageMs, mostMs, nextTidy } from "./spool/falls_due.ts";
import { InTurn } from "./spool/in_turn.ts";
import { isOver, type Job } from "./spool/job.ts";
import { agedOut, changeBy, filledWith, type JobAction } from "./spool/job_changes.ts";
import { newJob, type Ticket } from "./spool/new_job.ts";
import { Spool, type SpoolContext } from "./spool/spool.ts";
import { Waker } from "./spool/waker.ts";
import { Offers } from "./target/offers.ts";
import { QueueWorker, type Workshop } from "./worker.ts";

/** The print system of one agent: what its endpoint and its runs share, in one long-lived cell. */
export class PrintService {
  readonly waker = new Waker();
  readonly offers = new Offers();
  /** What other agents order of a job, by its UUID. */
  readonly handed = new InTurn<string>();
  readonly #documents = new Documents();
  readonly #arriving = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  #settings: { readonly from: string; readonly read: PrintSettings } | undefined;
  #spool: Promise<Spool> | undefined;

  /** What the admin says now. */
  settings(ctx: CallContext): PrintSettings {
    const from = JSON.stringify(ctx.settings ?? {});
    if (this.#settings?.from !== from) this.#settings = { from, read: readSettings(ctx.settings) };
    return this.#settings.read;
  }

  /** @throws {PrintError} bad_settings – when there is no such queue */
  queue(ctx: CallContext, name: string): QueueSettings {
    const queue = this.settings(ctx).queues.get(name);
    if (queue) return queue;
    throw new PrintError("bad_settings", `Cannot find a queue named "${plain(name)}"`);
  }

  /** All jobs; the first who asks reads them and sees to it that they go on. */
  async spool(ctx: SpoolContext): Promise<Spool> {
    this.#spool ??= this.#load(ctx);
    try {
      return await this.#spool;
    } catch (error) {
      this.#spool = undefined;
      throw error;
    }
  }

  async #load(ctx: SpoolContext): Promise<Spool> {
    const spool = await Spool.load(ctx, (name) => {
      const target = this.#settings?.read.queues.get(name)?.target;
      return target?.kind === "printer" ? target.uri : target?.agent ?? "";
    });
    for (const name of this.settings(ctx).queues.keys()) {
      if (spool.activeCount(name) > 0) await this.waker.arm(ctx, name, Date.now());
    }
    return spool;
  }

  /**
   * Takes a job with its document. When this resolves both are on disk, and so is the run that
   * will print them. A UUID that is known is the job that has it.
   *
   * @throws {PrintError} full – when the queue takes no more
   * @throws {RangeError} when the document is too long
   */
  async accept(
    ctx: SpoolContext,
    queue: QueueSettings,
    ticket: Ticket,
    document: ComingDocument,
  ): Promise<Job> {
    const spool = await this.spool(ctx);
    const known = spool.withUuid(ticket.uuid);
    if (known) {
      await document.rest.cancel();
      return known;
    }
    this.checkRoom(spool, queue, ticket.user);
    const id = await spool.newId(ctx);
    const job = newJob(id, queue.name, ticket, "taken");
    return await this.#documents.take(
      ctx,
      document,
      keeping(queue, ticket),
      (keep) => this.#arrive(ctx, queue, () => spool.addWith(ctx, job, keep)),
    );
  }

  /** Takes a job whose document comes later. */
  async create(ctx: SpoolContext, queue: QueueSettings, ticket: Ticket): Promise<Job> {
    const spool = await this.spool(ctx);
    this.checkRoom(spool, queue, ticket.user);
    const id = await spool.newId(ctx);
    const job = newJob(id, queue.name, ticket, "incoming");
    return await this.#arrive(ctx, queue, () => spool.add(ctx, job));
  }

  /**
   * Gives a job its document; it is in the queue when this resolves.
   *
   * @returns `undefined` when the job has one, or is over
   */
  async fill(
    ctx: SpoolContext,
    queue: QueueSettings,
    job: Job,
    format: string,
    document: ComingDocument,
  ): Promise<Job | undefined> {
    const spool = await this.spool(ctx);
    let done = false;
    return await this.#documents.take(ctx, document, keeping(queue, { format }), async (keep) => {
      const kept = await keep();
      const filled = await this.#arrive(ctx, queue, () =>
        spool.change(ctx, job.id, (now) => {
          const change = filledWith(now, format, kept);
          done = change !== undefined;
          return change;
        }));
      return done ? filled : undefined;
    });
  }

  /** Changes a job for a person or a client, and wakes its queue. */
  async control(
    ctx: SpoolContext,
    id: number,
    what: JobAction,
    until: number | null = null,
  ): Promise<{ done: boolean; job: Job | undefined }> {
    const spool = await this.spool(ctx);
    let done = false;
    const job = await spool.change(ctx, id, (job) => {
      const change = changeBy(job, what, until);
      done = change !== undefined;
      return change;
    });
    if (job && done && this.settings(ctx).queues.has(job.queue)) {
      await this.waker.hurry(ctx, job.queue);
    }
    return { done, job };
  }

  /** Works on a queue. */
  async work(ctx: SpoolContext, name: string): Promise<void> {
    const queue = this.settings(ctx).queues.get(name);
    if (!queue) return;
    const spool = await this.spool(ctx);
    const shop: Workshop = {
      spool,
      waker: this.waker,
      offers: this.offers,
      arriving: (name) => this.#arriving.get(name) ?? 0,
      tidy: (ctx, queue) => this.#tidy(ctx, spool, queue),
      nextTidy: (queue) => nextTidy(spool, queue),
    };
    await new QueueWorker(ctx, shop, queue, this.#failures).run();
  }

  /** @throws {PrintError} full */
  checkRoom(spool: Spool, queue: QueueSettings, user: string): void {
    const count = spool.activeCount(queue.name);
    const full = (whose: string) =>
      new PrintError("full", `Cannot take the job as ${whose} is full: ${queue.name}`);
    if (count >= queue.jobs) throw full("the queue");
    if (count < queue.jobsPerUser) return;
    const own = spool.active(queue.name).filter((job) => job.user === user).length;
    if (own >= queue.jobsPerUser) throw full("this user's part of the queue");
  }

  /** The run is on disk before the job is, so that no job is ever there without one. */
  async #arrive<T>(
    ctx: SpoolContext,
    { name }: QueueSettings,
    work: () => Promise<T>,
  ): Promise<T> {
    this.#arriving.set(name, (this.#arriving.get(name) ?? 0) + 1);
    try {
      await this.waker.arm(ctx, name, Date.now());
      return await work();
    } finally {
      this.#arriving.set(name, this.#arriving.get(name)! - 1);
    }
  }

  async #tidy(ctx: SpoolContext, spool: Spool, queue: QueueSettings): Promise<void> {
    const now = Date.now();
    // What comes next was planned by the clock as it was.
    if (await followClock(ctx, spool)) await this.waker.begin(ctx, queue.name, now);
    for (const job of spool.active(queue.name)) {
      if (job.state === "held" && job.until !== null && job.until <= now) {
        await this.control(ctx, job.id, "release");
      } else if (ageMs(job, spool.clock) >= mostMs(job, queue)) {
        await spool.change(ctx, job.id, agedOut);
      }
    }
    const keepMs = (name: string) => this.settings(ctx).queues.get(name)?.keepMs ?? 0;
    await this.#documents.discard(ctx, spool, keepMs);
    await spool.forget(ctx, now);
  }
}

/**
 * Jobs keep their age when the clock is set, also over a restart; those of its future came by another.
 *
 * @returns whether it was set
 */
async function followClock(ctx: SpoolContext, spool: Spool): Promise<boolean> {
  const set = spool.clock.follow();
  if (!set) return false;
  for (const { id, created } of [...spool.all()].filter((job) => !isOver(job))) {
    if (created > set.before) continue;
    await spool.change(ctx, id, ({ created }) => ({ created: created + set.byMs }));
  }
  return true;
}

function keeping(queue: QueueSettings, { format }: { format: string }): Keeping {
  return { bytes: queue.documentBytes, mediaType: format };
}

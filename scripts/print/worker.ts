import type { CallContext } from "writ";
import { PrintError } from "./errors.ts";
import { placeOf, type QueueSettings } from "./settings.ts";
import { ageMs } from "./spool/falls_due.ts";
import type { Job } from "./spool/job.ts";
import { strayed } from "./spool/job_changes.ts";
import type { Spool, SpoolContext } from "./spool/spool.ts";
import { LONGEST_WAIT_MS, type Waker } from "./spool/waker.ts";
import { isPassing, PrinterDelivery } from "./target/deliver.ts";
import { applyNews, cancelThere, handOver, newsOf } from "./target/hand_over.ts";
import type { Offers } from "./target/offers.ts";

/** How long one run works on a queue, and in how many steps, before its successor goes on. */
const RUN_MS = 60_000, RUN_STEPS = 1_500;
/** When the successor of a run that broke begins. */
const SUCCESSOR_MS = 2_000;
/** Waits for a printer that cannot be spoken with: each twice the one before, with some chance. */
const BACK_OFF_MS = { first: 500, longest: LONGEST_WAIT_MS };
/** A wait that is not worth ending a run for. */
const SHORT_MS = 3_000;
/** Waits for a job whose document is coming: once it is there it is told at once. */
const ARRIVING_MS = 1_000;
/** Answers without sense in a row after which a job that was sent is in doubt. */
const NONSENSE = 3;

/** What a run needs to work on a queue. */
export interface Workshop {
  readonly spool: Spool;
  readonly waker: Waker;
  readonly offers: Offers;
  /** Jobs that are being written at this moment. */
  readonly arriving: (queue: string) => number;
  /** What falls due by time alone: holds, ages, documents to delete. */
  readonly tidy: (ctx: SpoolContext, queue: QueueSettings) => Promise<void>;
  /** When something of that kind is next. */
  readonly nextTidy: (queue: QueueSettings) => number | undefined;
}

/** Works on one queue until nothing is left to do now, in one run. */
export class QueueWorker {
  readonly #ctx: SpoolContext;
  readonly #shop: Workshop;
  readonly #queue: QueueSettings;
  readonly #failures: Map<string, number>;
  #deliveries = new Map<number, PrinterDelivery>();
  #nonsense = new Map<number, number>();

  /** @param failures Of each queue in a row, remembered from run to run. */
  constructor(
    ctx: SpoolContext,
    shop: Workshop,
    queue: QueueSettings,
    failures: Map<string, number>,
  ) {
    this.#ctx = ctx;
    this.#shop = shop;
    this.#queue = queue;
    this.#failures = failures;
  }

  async run(): Promise<void> {
    try {
      await this.#run();
    } finally {
      this.#shop.waker.break(this.#queue.name);
    }
  }

  async #run(): Promise<void> {
    const { name } = this.#queue, { waker } = this.#shop;
    const until = Date.now() + RUN_MS;
    await waker.begin(this.#ctx, name, Date.now() + SUCCESSOR_MS);
    let notBefore = 0, busy = true;
    for (let steps = 0; busy && steps < RUN_STEPS && Date.now() < until; steps++) {
      if (this.#ctx.signal.aborted || this.#ctx.leaving?.aborted) break;
      await this.#shop.tidy(this.#ctx, this.#queue);
      const waitMs = await this.#work();
      if (waitMs === undefined) busy = this.#shop.arriving(name) > 0;
      else if (waitMs > SHORT_MS) {
        notBefore = Date.now() + waitMs;
        busy = false;
      }
      // One may have come since it was looked.
      const arrivingMs = this.#shop.spool.first(name) ? 0 : ARRIVING_MS;
      if (busy) await this.#pause(waitMs ?? arrivingMs);
    }
    await waker.end(this.#ctx, name, () => this.#due(), notBefore);
  }

  /** When the next run is needed; `undefined`: when a job comes. */
  #due(): number | undefined {
    const { spool, arriving, nextTidy } = this.#shop, { name } = this.#queue;
    const work = arriving(name) > 0 || spool.first(name) !== undefined || this.#under().length > 0;
    return work ? Date.now() : nextTidy(this.#queue);
  }

  #under(): Job[] {
    return this.#shop.spool.active(this.#queue.name).filter(({ state }) => state === "processing");
  }

  /** @returns for how long there is nothing to do; `undefined` when no job is left that can go. */
  async #work(): Promise<number | undefined> {
    try {
      const { target } = this.#queue;
      const waitMs = target.kind === "printer" ? await this.#print() : await this.#handOn();
      this.#failures.delete(this.#queue.name);
      return waitMs;
    } catch (error) {
      this.#ctx.signal.throwIfAborted();
      if (!isPassing(error)) throw error;
      return await this.#backOff(error);
    }
  }

  async #backOff(error: PrintError): Promise<number> {
    const { name } = this.#queue;
    const failures = (this.#failures.get(name) ?? 0) + 1;
    this.#failures.set(name, failures);
    if (failures === 1) this.#ctx.log.warn(`queue "${name}" waits: ${error.message}`);
    const longest = Math.min(BACK_OFF_MS.first * 2 ** (failures - 1), BACK_OFF_MS.longest);
    await this.#tellWaiting(error.message);
    return longest * (0.5 + Math.random() / 2);
  }

  async #tellWaiting(message: string): Promise<void> {
    const { spool } = this.#shop;
    const [job = spool.first(this.#queue.name)] = this.#under();
    if (!job || job.message === message) return;
    await spool.change(
      this.#ctx,
      job.id,
      ({ state }) =>
        state === "pending" || state === "processing"
          ? { message, reasons: ["connecting-to-device"] }
          : undefined,
    );
  }

  async #print(): Promise<number | undefined> {
    const { spool, offers } = this.#shop, { name } = this.#queue;
    let [job] = this.#under();
    if (!job) {
      job = spool.first(name);
      if (!job) return undefined;
      const health = await offers.healthOf(this.#ctx, this.#queue);
      if (!health.accepting) throw new PrintError("unavailable", "the printer accepts no jobs");
    }
    const delivery = this.#deliveryOf(job);
    try {
      const step = await delivery.step();
      this.#nonsense.delete(job.id);
      if (step === "moved") return 0;
      if (step.why !== "") await this.#tellWaiting(step.why);
      return step.waitMs;
    } catch (error) {
      this.#ctx.signal.throwIfAborted();
      if (isOfTheJob(error)) {
        await delivery.giveUp(error.message);
        return 0;
      }
      const phase = spool.get(job.id)?.delivery?.phase;
      const passing = isPassing(error) && error.code === "unavailable";
      if (!isPassing(error) || phase === "creating" || phase === "created" || !phase) throw error;
      const count = passing ? 0 : (this.#nonsense.get(job.id) ?? 0) + 1;
      this.#nonsense.set(job.id, count);
      const old = ageMs(job) > this.#queue.maxAgeMs;
      if (count < NONSENSE && !old) throw error;
      await delivery.doubt(error.message);
      return 0;
    }
  }

  #deliveryOf(job: Job): PrinterDelivery {
    let delivery = this.#deliveries.get(job.id);
    if (!delivery) {
      const { target } = this.#queue;
      if (target.kind !== "printer") throw new TypeError("not a printer's queue");
      const offer = () => this.#shop.offers.current(this.#ctx, this.#queue);
      delivery = new PrinterDelivery(this.#ctx, this.#shop.spool, target, job, offer);
      this.#deliveries.set(job.id, delivery);
    }
    return delivery;
  }

  /** Hands all that waits to the other agent, one after another; then hears how they do. */
  async #handOn(): Promise<number | undefined> {
    const { spool } = this.#shop, ctx = this.#ctx, queue = this.#queue;
    const { target } = queue;
    if (target.kind !== "agent") throw new TypeError("not an agent's queue");
    const there = { ...queue, target }, to = placeOf(target);
    for (const { id, delivery } of this.#under()) {
      const isHere = delivery!.how === "agent" && (delivery!.to ?? to) === to;
      if (!isHere) await spool.change(ctx, id, () => strayed(delivery!));
    }
    const under = this.#under();
    const halfway = under.find(({ delivery }) => delivery?.phase === "creating");
    if (halfway?.canceling) {
      const { taken } = await cancelThere(ctx, there, halfway.uuid);
      await spool.change(
        ctx,
        halfway.id,
        (job) =>
          taken
            ? { delivery: { ...job.delivery!, phase: "sent" } }
            : { state: "canceled", reasons: ["job-canceled-by-user"], message: "" },
      );
      return 0;
    }
    const next = halfway ?? spool.first(queue.name);
    if (next) {
      const at = Date.now();
      await spool.change(ctx, next.id, (job) =>
        job.delivery ? undefined : {
          state: "processing",
          attempts: job.attempts + 1,
          delivery: { phase: "creating", how: "agent", at, to },
        });
      try {
        await handOver(ctx, there, next);
      } catch (error) {
        if (!(error instanceof PrintError && error.code === "refused")) throw error;
        await spool.change(ctx, next.id, () => ({
          state: "aborted",
          reasons: ["aborted-by-system"],
          message: error.message,
        }));
        return 0;
      }
      await spool.change(ctx, next.id, (job) => ({
        delivery: { ...job.delivery!, phase: "sent" },
        message: "",
        reasons: [],
      }));
      return 0;
    }
    if (under.length === 0) return undefined;
    for (const job of under.filter(({ canceling }) => canceling)) {
      await cancelThere(ctx, there, job.uuid);
    }
    for (const news of await newsOf(ctx, there, under.slice(0, 100))) {
      await applyNews(ctx, spool, news);
    }
    return 0;
  }

  /** Until time passes or a job of this queue changes. */
  #pause(ms: number): Promise<void> {
    const { signal, leaving = signal } = this.#ctx;
    if (ms === 0 || leaving.aborted) return Promise.resolve();
    const signals = [signal, leaving];
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        stop();
        for (const signal of signals) signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      const stop = this.#shop.spool.watch(({ queue, state, canceling }) => {
        if (queue === this.#queue.name && (state === "pending" || canceling)) end();
      });
      for (const signal of signals) signal.addEventListener("abort", end, { once: true });
    });
  }
}

/** Whether what is written in a job cannot be worked with, however often: it must not block others. */
function isOfTheJob(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
}

/** The context of a run that has all the spool needs. */
export function spoolContext<C extends CallContext>(ctx: C): C & SpoolContext {
  const missing = (["store", "blobs"] as const).filter((name) => !ctx[name]);
  if (missing.length > 0) {
    const found = `the grant lends it no ${missing.join(" and no ")}`;
    throw new PrintError("bad_settings", `Cannot keep a queue as ${found}`);
  }
  return ctx as C & SpoolContext;
}

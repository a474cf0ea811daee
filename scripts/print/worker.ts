import type { CallContext } from "writ";
import { PrintError } from "./errors.ts";
import type { QueueSettings } from "./settings.ts";
import { ageMs } from "./spool/falls_due.ts";
import type { Job } from "./spool/job.ts";
import type { Spool, SpoolContext } from "./spool/spool.ts";
import { LONGEST_WAIT_MS, type Waker } from "./spool/waker.ts";
import { isPassing, PrinterDelivery } from "./target/deliver.ts";
import { handOn } from "./target/hand_on.ts";
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
    const work = arriving(name) > 0 || spool.first(name) !== undefined ||
      spool.underWay(name).length > 0;
    return work ? Date.now() : nextTidy(this.#queue);
  }

  /** @returns for how long there is nothing to do; `undefined` when no job is left that can go. */
  async #work(): Promise<number | undefined> {
    try {
      const { target } = this.#queue;
      const waitMs = target.kind === "printer"
        ? await this.#print()
        : await handOn(this.#ctx, this.#shop.spool, { ...this.#queue, target });
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
    const { name } = this.#queue;
    const [job = spool.first(name)] = spool.underWay(name);
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
    let [job] = spool.underWay(name);
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
      const old = ageMs(job, this.#shop.spool.clock) > this.#queue.maxAgeMs;
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

import type { BlobRecord, CallContext, Context, Store } from "writ";
import { InTurn } from "./in_turn.ts";
import { isOver, type Job, type JobState, type Kept, NEXT_STATES } from "./job.ts";
import { isFull, Reserve } from "./reserve.ts";
import { SteadyClock } from "./steady_clock.ts";

/** Ids are taken from the store so many at a time: a crash skips a few, and repeats none. */
const IDS_AT_ONCE = 32;
/** Ended jobs that are remembered, and for how long. */
const HISTORY = { jobs: 500, ms: 86_400_000 } as const;
/** How long who waits for the end of a job, such as the agent that handed it over, may not have heard. */
const UNHEARD_MS = 100_000;
/** Jobs that are forgotten in one write. */
const FORGOTTEN_AT_ONCE = 100;

/** What can change of a job. */
export type JobChange = Partial<Omit<Job, "id" | "uuid" | "queue" | "turn">>;

/** Another cell has taken over the spool; what this one knows is old. */
export class SpoolTakenError extends Error {
  override readonly name = "SpoolTakenError";
}

/**
 * All jobs of this agent, in memory and in the store: nothing is true here before it is on disk.
 * One cell at a time writes; an older one that still lives is refused by the store itself.
 */
export class Spool {
  readonly clock = new SteadyClock();
  readonly #jobs = new Map<number, Job>();
  readonly #byUuid = new Map<string, number>();
  /** Jobs that are not over, by queue, in the sequence they came. */
  readonly #active = new Map<string, Map<number, Job>>();
  readonly #changes = new InTurn<number>();
  readonly #watchers = new Set<(job: Job) => void>();
  readonly #owner = crypto.randomUUID();
  readonly #reserve = new Reserve();
  #ids = { next: 1, end: 1 };
  #turn = 0;
  readonly #printerOf: (queue: string) => string;

  private constructor(printerOf: (queue: string) => string) {
    this.#printerOf = printerOf;
  }

  /**
   * Reads all jobs, and shuts out whatever cell wrote before.
   *
   * @param printerOf What events call the target of a queue.
   */
  static async load(ctx: SpoolContext, printerOf: (queue: string) => string): Promise<Spool> {
    const spool = new Spool(printerOf);
    await ctx.store.set("owner", spool.#owner);
    for (let after = "job/";;) {
      const entries = await ctx.store.list<Job>({ prefix: "job/", after });
      for (const { value } of entries) spool.#keep(value);
      if (entries.length === 0) break;
      after = entries.at(-1)!.key;
    }
    await spool.#reserve.keep(ctx.store);
    return spool;
  }

  get(id: number): Job | undefined {
    return this.#jobs.get(id);
  }

  withUuid(uuid: string): Job | undefined {
    return this.#jobs.get(this.#byUuid.get(uuid) ?? 0);
  }

  /** Every job, in the sequence of their ids. */
  all(): Iterable<Job> {
    return this.#jobs.values();
  }

  /** The jobs of a queue that are not over. */
  active(queue: string): Job[] {
    return [...this.#active.get(queue)?.values() ?? []];
  }

  /** Those of them that the target has, or is getting. */
  underWay(queue: string): Job[] {
    return this.active(queue).filter(({ state }) => state === "processing");
  }

  activeCount(queue: string): number {
    return this.#active.get(queue)?.size ?? 0;
  }

  /** The job whose turn it is. */
  first(queue: string): Job | undefined {
    let first: Job | undefined;
    for (const job of this.#active.get(queue)?.values() ?? []) {
      if (job.state === "pending" && (!first || job.turn < first.turn)) first = job;
    }
    return first;
  }

  /** Calls `tell` at each change of a job, until the returned function is called. */
  watch(tell: (job: Job) => void): () => void {
    this.#watchers.add(tell);
    return () => void this.#watchers.delete(tell);
  }

  /** An id that no job ever had or will have. */
  async newId({ store }: SpoolContext): Promise<number> {
    while (this.#ids.next >= this.#ids.end) {
      const end = await store.add("ids", IDS_AT_ONCE);
      // Others may have waited here too; each takes the block it was given.
      if (end > this.#ids.end) this.#ids = { next: end - IDS_AT_ONCE + 1, end: end + 1 };
    }
    return this.#ids.next++;
  }

  /** Adds a job. It exists once this resolves. */
  async add(ctx: SpoolContext, job: Omit<Job, "turn">): Promise<Job> {
    const added = this.#inTurn(job);
    await this.#write(ctx, [{ set: keyOf(added.id), value: added }]);
    return this.#added(ctx, added);
  }

  /**
   * Adds a job together with its document.
   *
   * @param keep Puts both on disk, in the same moment.
   */
  async addWith(
    ctx: SpoolContext,
    job: Omit<Job, "turn">,
    keep: (record: BlobRecord) => Promise<Kept>,
  ): Promise<Job> {
    const planned = this.#inTurn(job);
    const document = await this.#keepWith(planned, keep);
    let added: Job = { ...planned, document };
    // Its turn is that of who came last, also when others came while its document did.
    if (added.state === "pending" && added.turn < this.#turn) {
      added = this.#inTurn(added);
      await this.#write(ctx, [{ set: keyOf(added.id), value: added }]);
    }
    return this.#added(ctx, added);
  }

  /**
   * Changes a job as it is when all changes before are done.
   *
   * @param change Gets the job and says what becomes different; `undefined` changes nothing.
   * @returns the job as it is then; `undefined` when there is none
   * @throws {RangeError} when a job cannot go from its state to the new one
   */
  change(
    ctx: SpoolContext,
    id: number,
    change: (job: Job) => JobChange | undefined,
  ): Promise<Job | undefined> {
    return this.#changes.alone(id, async () => {
      const job = this.#jobs.get(id);
      const different = job && change(job);
      if (!job || !different) return job;
      const changed = this.#apply(job, different);
      await this.#writeAtLast(ctx, changed);
      this.#keep(changed);
      this.#tell(ctx, changed, changed.state !== job.state);
      return changed;
    });
  }

  /** Forgets the oldest of the jobs that are over. */
  async forget(ctx: SpoolContext, now: number): Promise<void> {
    const old = this.#over().filter(({ ended }, i) =>
      i >= HISTORY.jobs || now - ended! > HISTORY.ms
    );
    await this.#drop(ctx, old);
    if (old.length > 0) await this.#reserve.keep(ctx.store);
  }

  /** What nothing more becomes of, the newest first. */
  #over(): Job[] {
    return [...this.#jobs.values()].filter((job) => isOver(job) && job.document === null)
      .sort((a, b) => b.ended! - a.ended!);
  }

  async #drop(ctx: SpoolContext, jobs: readonly Job[]): Promise<void> {
    for (let i = 0; i < jobs.length; i += FORGOTTEN_AT_ONCE) {
      const some = jobs.slice(i, i + FORGOTTEN_AT_ONCE);
      await this.#write(ctx, some.map(({ id }) => ({ delete: keyOf(id) })));
      for (const { id, uuid } of some) {
        this.#jobs.delete(id);
        this.#byUuid.delete(uuid);
      }
    }
  }

  #apply(job: Job, change: JobChange): Job {
    const state = change.state ?? job.state;
    if (state === job.state) return { ...job, ...change };
    if (!NEXT_STATES[job.state].includes(state)) {
      throw new RangeError(`Cannot make job ${job.id} ${state} as it is ${job.state}`);
    }
    // What was begun and not taken keeps its place; all else that becomes pending is the last.
    const turn = state === "pending" && job.state !== "processing" ? ++this.#turn : job.turn;
    const ended = NEXT_STATES[state].length === 0 ? Date.now() : null;
    const began = state === "processing" ? job.began ?? Date.now() : job.began;
    return { ...job, turn, began, ended, ...change };
  }

  #inTurn(job: Omit<Job, "turn">): Job {
    return { ...job, turn: job.state === "pending" ? ++this.#turn : 0 };
  }

  #added(ctx: SpoolContext, job: Job): Job {
    this.#keep(job);
    this.#tell(ctx, job, true);
    return job;
  }

  async #keepWith(job: Job, keep: (record: BlobRecord) => Promise<Kept>): Promise<Kept> {
    const { document: _, ...value } = job;
    const checks = [this.#mine()];
    try {
      return await keep({ key: keyOf(job.id), value, as: "document", checks });
    } catch (error) {
      if ((error as { code?: unknown }).code !== "conflict") throw error;
      throw taken({ cause: error });
    }
  }

  #mine(): { key: string; equals: string } {
    return { key: "owner", equals: this.#owner };
  }

  async #write({ store }: SpoolContext, writes: Parameters<Store["batch"]>[0]): Promise<void> {
    if (!await store.batch(writes, [this.#mine()])) throw taken();
  }

  /** A change of a job that is there finds room where a new job would not. */
  async #writeAtLast(ctx: SpoolContext, job: Job): Promise<void> {
    for (;;) {
      try {
        return await this.#write(ctx, [{ set: keyOf(job.id), value: job }]);
      } catch (error) {
        if (!isFull(error) || !await this.#makeRoom(ctx)) throw error;
      }
    }
  }

  /**
   * What ended long ago goes first, and last of all what somebody may still wait to hear of.
   *
   * @returns whether there was anything to give up
   */
  async #makeRoom(ctx: SpoolContext): Promise<boolean> {
    const over = this.#over(), now = Date.now();
    const heard = over.filter(({ ended }) => now - ended! > UNHEARD_MS);
    if (heard.length === 0 && await this.#reserve.spend(ctx.store)) return true;
    const going = (heard.length > 0 ? heard : over).slice(-FORGOTTEN_AT_ONCE);
    await this.#drop(ctx, going);
    return going.length > 0;
  }

  #keep(job: Job): void {
    this.#jobs.set(job.id, job);
    this.#byUuid.set(job.uuid, job.id);
    this.#turn = Math.max(this.#turn, job.turn);
    let active = this.#active.get(job.queue);
    if (!active) this.#active.set(job.queue, active = new Map());
    if (isOver(job)) active.delete(job.id);
    else active.set(job.id, job);
  }

  /** A new state is an event of the run or request that made it, for the audit log. */
  #tell(ctx: SpoolContext, job: Job, news: boolean): void {
    if (news) {
      const { id, uuid, queue, user, name, state, reasons, pages, message } = job;
      const about = { job: id, uuid, queue, printer: this.#printerOf(queue), user, name };
      ctx.emit("job", { ...about, state, reasons, pages, message });
    }
    for (const tell of this.#watchers) tell(job);
  }
}

function taken(options?: ErrorOptions): SpoolTakenError {
  return new SpoolTakenError("Cannot write to the spool as another cell has it", options);
}

/** Whether a job may go from one state to another. */
export function mayBecome(job: Job, state: JobState): boolean {
  return NEXT_STATES[job.state].includes(state);
}

/** Keys sort as ids do. */
function keyOf(id: number): string {
  return `job/${String(id).padStart(10, "0")}`;
}

/** What the spool needs of the agent. */
export type SpoolContext =
  & CallContext
  & Pick<Context, "leaving">
  & Required<Pick<CallContext, "store" | "blobs">>;

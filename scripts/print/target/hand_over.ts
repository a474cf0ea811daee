import type { Peers } from "writ";
import { PrintError } from "../errors.ts";
import type { QueueSettings } from "../settings.ts";
import type { Job, JobState } from "../spool/job.ts";
import { doubt } from "../spool/job_changes.ts";
import type { JobChange, Spool, SpoolContext } from "../spool/spool.ts";
import { asName, isCount, MOST_REASONS, plain } from "../ipp/values.ts";
import { type Offer, readOffer, type WrittenOffer } from "./offer.ts";

/** A job on its way to another agent's queue, which knows it by its UUID. */
export interface HandedJob {
  readonly uuid: string;
  readonly name: string;
  readonly user: string;
  readonly format: string;
  readonly template: string;
  readonly copies: number;
  readonly fidelity: boolean;
}

/** What an agent tells of a job that it was handed. */
export interface JobNews {
  readonly uuid: string;
  readonly state: JobState | "unknown";
  readonly reasons: readonly string[];
  readonly message: string;
  readonly pages: number | null;
}

/** How long the other agent may think before it says that nothing changed. */
export const WATCH_MS = 10_000;
/** Waits between looks at a run on another agent. */
const LOOK_MS = { first: 20, longest: 1_000, growth: 1.5 };

export type AgentQueue = QueueSettings & { readonly target: { readonly kind: "agent" } };

/**
 * Orders the other agent to take the job. It takes a UUID once, however often it is told.
 *
 * @throws {PrintError} unavailable – when it is not known whether it has it; refused – when it says no
 */
export async function handOver(ctx: SpoolContext, queue: AgentQueue, job: Job): Promise<void> {
  const { uuid, name, user, format, template, copies, fidelity } = job;
  const handed: HandedJob = { uuid, name, user, format, template, copies, fidelity };
  const attachments = [{ name, sha256: job.document!.sha256, mediaType: format }];
  await orderThere(ctx, queue, { queue: queue.target.queue, job: handed }, {
    attachments,
    idempotencyKey: uuid,
  });
}

/**
 * Tells the other agent that nobody wants the job any more.
 *
 * @returns whether it has taken it: then it tells what became of it
 */
export async function cancelThere(
  ctx: SpoolContext,
  queue: AgentQueue,
  uuid: string,
): Promise<{ taken: boolean }> {
  const told = await orderThere(ctx, queue, { queue: queue.target.queue, cancel: uuid }, {});
  return { taken: (told as { taken?: unknown } | null)?.taken !== false };
}

/** Asks how jobs are, and waits for a change of those that are as they were known. */
export async function newsOf(
  ctx: SpoolContext,
  queue: AgentQueue,
  jobs: readonly Job[],
): Promise<JobNews[]> {
  const known = jobs.map(({ uuid, reasons, pages }) => ({ uuid, reasons, pages }));
  const told = await orderThere(ctx, queue, { queue: queue.target.queue, watch: known }, {});
  const news = (told as { news?: unknown } | null)?.news;
  if (!Array.isArray(news)) throw new PrintError("bad_answer", "the agent tells nothing of jobs");
  return news.filter((one): one is JobNews =>
    typeof one?.uuid === "string" && typeof one.state === "string" && Array.isArray(one.reasons)
  );
}

/**
 * What the other agent's queue offers.
 *
 * @throws {PrintError} unavailable, refused, bad_answer
 */
export async function offerThere(ctx: SpoolContext, queue: AgentQueue): Promise<Offer> {
  const told = await orderThere(ctx, queue, { queue: queue.target.queue, describe: true }, {});
  try {
    return readOffer(told as WrittenOffer);
  } catch (cause) {
    throw new PrintError("bad_answer", "the agent's offer cannot be read", { cause });
  }
}

/** The states that end a job here when they end it there. */
const ENDS: readonly JobState[] = ["completed", "aborted", "canceled", "in doubt"];

/** Writes down what another agent told. */
export async function applyNews(ctx: SpoolContext, spool: Spool, news: JobNews): Promise<void> {
  const id = spool.withUuid(news.uuid)?.id ?? 0;
  await spool.change(
    ctx,
    id,
    (job) => job.state === "processing" ? changeBy(job, news) : undefined,
  );
}

/** All of it is a stranger's, and shown to clients of this agent. */
function changeBy(job: Job, news: JobNews): JobChange | undefined {
  if (news.state === "unknown") return doubt("the other agent no longer knows it");
  const state = ENDS.find((end) => end === news.state);
  const reasons = news.reasons.slice(0, MOST_REASONS).map((reason) => asName(String(reason)));
  const pages = isCount(news.pages) ? news.pages : null;
  const message = plain(String(news.message ?? "")).slice(0, 500);
  if (!state && String(reasons) === String(job.reasons) && pages === job.pages) return undefined;
  return { ...(state && { state }), reasons, message, pages };
}

async function orderThere(
  ctx: SpoolContext,
  { target }: AgentQueue,
  input: unknown,
  options: Parameters<Peers["order"]>[2],
): Promise<unknown> {
  const { peers, signal } = ctx;
  if (!peers) throw new PrintError("bad_settings", "the grant lends no peers");
  try {
    const { run } = await peers.order(target.agent, input, options);
    for (let wait = LOOK_MS.first;;) {
      const { state, outcome } = await peers.run(target.agent, run);
      if (state === "ended") return resultOf(outcome);
      await new Promise((resolve) => setTimeout(resolve, wait));
      signal.throwIfAborted();
      wait = Math.min(wait * LOOK_MS.growth, LOOK_MS.longest);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PrintError) throw error;
    const found = error instanceof Error ? error.message : String(error);
    throw new PrintError("unavailable", `agent "${target.agent}": ${plain(found)}`, {
      cause: error,
    });
  }
}

function resultOf(
  outcome: { outcome: string; result?: unknown; detail?: unknown } | undefined,
): unknown {
  if (outcome?.outcome === "ok") return outcome.result;
  const detail = outcome?.detail as { message?: unknown } | undefined;
  const found = `${outcome?.outcome ?? "nothing"}: ${plain(String(detail?.message ?? ""))}`;
  // A full queue, or an agent that was stopped, is another matter tomorrow.
  const final = outcome?.outcome === "script_error" && /cannot take/i.test(found) &&
    !/is full/i.test(found);
  throw new PrintError(final ? "refused" : "unavailable", `the agent answers ${found}`);
}

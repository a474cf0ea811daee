import { PrintError } from "../errors.ts";
import { placeOf } from "../settings.ts";
import type { Job } from "../spool/job.ts";
import { strayed } from "../spool/job_changes.ts";
import type { Spool, SpoolContext } from "../spool/spool.ts";
import { type AgentQueue, applyNews, cancelThere, handOver, newsOf } from "./hand_over.ts";

/** Jobs that are asked about at once. */
const ASKED = 100;

/**
 * Takes the next step for a queue of another agent: hands one job over, or hears how those do that
 * it has.
 *
 * @returns for how long there is nothing to do; `undefined` when no job is left that can go
 * @throws {PrintError} unavailable, bad_answer
 */
export async function handOn(
  ctx: SpoolContext,
  spool: Spool,
  queue: AgentQueue,
): Promise<number | undefined> {
  const to = placeOf(queue.target);
  for (const { id, delivery } of spool.underWay(queue.name)) {
    const isHere = delivery!.how === "agent" && (delivery!.to ?? to) === to;
    if (!isHere) await spool.change(ctx, id, () => strayed(delivery!));
  }
  const under = spool.underWay(queue.name);
  const halfway = under.find(({ delivery }) => delivery!.phase === "creating");
  const next = halfway ?? spool.first(queue.name);
  if (halfway?.canceling) await callBack(ctx, spool, queue, halfway);
  else if (next) await handOne(ctx, spool, queue, next);
  else if (under.length === 0) return undefined;
  else {
    for (const { uuid } of under.filter(({ canceling }) => canceling)) {
      await cancelThere(ctx, queue, uuid);
    }
    for (const news of await newsOf(ctx, queue, under.slice(0, ASKED))) {
      await applyNews(ctx, spool, news);
    }
  }
  return 0;
}

/** Cancels a job of which it is not known whether the other agent has it. */
async function callBack(
  ctx: SpoolContext,
  spool: Spool,
  queue: AgentQueue,
  { id, uuid }: Job,
): Promise<void> {
  const { taken } = await cancelThere(ctx, queue, uuid);
  await spool.change(
    ctx,
    id,
    ({ delivery }) =>
      taken
        ? { delivery: { ...delivery!, phase: "sent" } }
        : { state: "canceled", reasons: ["job-canceled-by-user"], message: "" },
  );
}

async function handOne(
  ctx: SpoolContext,
  spool: Spool,
  queue: AgentQueue,
  { id }: Job,
): Promise<void> {
  const delivery = { phase: "creating", how: "agent", to: placeOf(queue.target) } as const;
  const job = await spool.change(
    ctx,
    id,
    ({ state, attempts }) =>
      state === "pending"
        ? { state: "processing", attempts: attempts + 1, delivery: { ...delivery, at: Date.now() } }
        : undefined,
  );
  // Somebody may have cancelled or held it meanwhile.
  if (job?.state !== "processing") return;
  try {
    await handOver(ctx, queue, job);
  } catch (error) {
    if (!(error instanceof PrintError && error.code === "refused")) throw error;
    const { message } = error;
    const reasons = ["aborted-by-system"];
    await spool.change(ctx, id, () => ({ state: "aborted", reasons, message }));
    return;
  }
  await spool.change(ctx, id, ({ delivery }) => ({
    delivery: { ...delivery!, phase: "sent" },
    message: "",
    reasons: [],
  }));
}

import { GROUP, type IppGroup } from "../ipp/message.ts";
import { STATUS } from "../ipp/status.ts";
import { flagOf, numberOf, textOf, textsOf } from "../ipp/values.ts";
import { IPP_STATE, isOver, type Job } from "../spool/job.ts";
import { type AskedQueue, jobOf, mayControl, type Reply, userOf } from "./asked.ts";
import { describeJob, only, WHICH_JOBS } from "./describe.ts";
import { holdIn } from "./hold_until.ts";
import { IppRefusal } from "./refusal.ts";

/** Get-Job-Attributes. */
export async function getJobAttributes(asked: AskedQueue): Promise<Reply> {
  const job = await jobOf(asked);
  return { groups: [described(asked, job, ["all"])] };
}

/** Jobs in one answer. */
const LISTED = 2_000;

/** Get-Jobs: the next to print first, or the last that ended. */
export async function getJobs(asked: AskedQueue): Promise<Reply> {
  const { service, ctx, queue, operation } = asked;
  const which = textOf(operation, "which-jobs") ?? "not-completed";
  if (!(WHICH_JOBS as readonly string[]).includes(which)) {
    const values = operation.get("which-jobs")!;
    throw new IppRefusal(
      STATUS.valuesNotSupported,
      "no such jobs",
      new Map([["which-jobs", values]]),
    );
  }
  const user = flagOf(operation, "my-jobs") ? userOf(operation) : undefined;
  const limit = Math.max(1, Math.min(numberOf(operation, "limit") ?? LISTED, LISTED));
  const jobs = [...(await service.spool(ctx)).all()]
    .filter((job) => job.queue === queue.name && isOf(job, which))
    .filter((job) => user === undefined || job.user === user)
    .sort(inSequence).slice(0, limit);
  return { groups: jobs.map((job) => described(asked, job, ["job-uri", "job-id"])) };
}

/** Cancel-Job: at any stage; the printer is told when it has the job. */
export async function cancelJob(asked: AskedQueue): Promise<Reply> {
  return await control(asked, "cancel");
}

/** Hold-Job: until it is released, or a time. A time that has gone, and `no-hold`, hold nothing. */
export async function holdJob(asked: AskedQueue): Promise<Reply> {
  const { operation } = asked;
  const hold = holdIn([operation], Date.now());
  const says = operation.has("job-hold-until") || operation.has("job-hold-until-time");
  if (hold || !says) return await control(asked, "hold", hold?.until ?? null);
  const job = await jobOf(asked);
  mayControl(asked, job);
  return job.state === "held" ? await control(asked, "release") : { groups: [] };
}

/** Release-Job. */
export async function releaseJob(asked: AskedQueue): Promise<Reply> {
  return await control(asked, "release");
}

/** Cancel-My-Jobs: all of this user that are not over, or those that are named. */
export async function cancelMyJobs(asked: AskedQueue): Promise<Reply> {
  const { service, ctx, queue, operation } = asked;
  const user = userOf(operation);
  const ids = operation.get("job-ids")?.map(({ data }) => data);
  for (const job of (await service.spool(ctx)).active(queue.name)) {
    if (job.user !== user || ids && !ids.includes(job.id)) continue;
    await service.control(ctx, job.id, "cancel");
  }
  return { groups: [] };
}

async function control(
  asked: AskedQueue,
  what: "cancel" | "hold" | "release",
  until: number | null = null,
): Promise<Reply> {
  const job = await jobOf(asked);
  mayControl(asked, job);
  const { done } = await asked.service.control(asked.ctx, job.id, what, until);
  if (!done) throw new IppRefusal(STATUS.notPossible, `job ${job.id} is ${job.state}`);
  return { groups: [] };
}

function described({ uri, operation }: AskedQueue, job: Job, otherwise: string[]): IppGroup {
  const requested = textsOf(operation, "requested-attributes");
  return { tag: GROUP.job, attributes: only(describeJob(job, uri), requested, otherwise) };
}

function isOf(job: Job, which: string): boolean {
  if (which === "all") return true;
  if (which === "completed" || which === "not-completed") {
    return isOver(job) === (which === "completed");
  }
  const states: Record<string, number> = { pending: 3, "pending-held": 4, processing: 5 };
  return which in states ? IPP_STATE[job.state] === states[which] : job.state === which;
}

/** What prints, what waits by its turn, what is held; then what is over, the last first. */
function inSequence(a: Job, b: Job): number {
  if (a.ended !== null && b.ended !== null) return b.ended - a.ended || b.id - a.id;
  return rank(a) - rank(b) || a.turn - b.turn || a.id - b.id;
}

function rank({ state, ended }: Job): number {
  return ended !== null ? 3 : state === "processing" ? 0 : state === "pending" ? 1 : 2;
}

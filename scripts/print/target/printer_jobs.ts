import { PrintError } from "../errors.ts";
import { GROUP, type IppAttributes, type IppMessage, OPERATION, TAG } from "../ipp/message.ts";
import { STATUS } from "../ipp/status.ts";
import {
  attributesOf,
  fit,
  groupsOf,
  numberOf,
  plain,
  reasonsOf,
  type Row,
  textOf,
} from "../ipp/values.ts";
import { accepted, ask, type Asked } from "./ask.ts";
import { canBeNamed, type Named, nameWithUuid, uuidIn } from "./job_name.ts";

/** Names of `job-state`, from 3 on. */
// deno-fmt-ignore
const STATES = ["pending", "pending-held", "processing", "processing-stopped", "canceled",
  "aborted", "completed"] as const;
/** How a printer says that a job is. */
export type PrinterState = (typeof STATES)[number];

/** One look at a job on its printer. */
export interface PrinterJob {
  readonly state: PrinterState;
  readonly reasons: readonly string[];
  readonly message: string;
  /** `null` where the printer does not count. */
  readonly pages: number | null;
  /** How much of all is on paper, from 0 to 1. */
  readonly share: number;
  /** Whether the printer ever began it; `undefined` where it does not say. */
  readonly begun: boolean | undefined;
}

/** What Create-Job and Print-Job are told of a job. */
export interface NewJob {
  readonly uuid: string;
  readonly name: string;
  readonly format: string;
  readonly fidelity: boolean;
  readonly template: IppAttributes;
}

/** Whether a printer's job is over. */
export function isEnd(state: PrinterState): boolean {
  return STATES.indexOf(state) >= 4;
}

/** Asks for a job without a document: nothing can print of it. */
export function createJob(
  asked: Asked,
  job: NewJob,
  signal: AbortSignal,
): Promise<IppMessage> {
  const { template } = job;
  return ask(asked, OPERATION.createJob, jobRows(job), { signal, template });
}

/** Sends the document of a job that was created. */
export function sendDocument(
  asked: Asked,
  job: number,
  { name, format }: NewJob,
  document: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<IppMessage> {
  return ask(asked, OPERATION.sendDocument, [
    ["job-id", TAG.integer, job],
    ["document-name", TAG.name, fit(name, 255)],
    ["document-format", TAG.mime, format],
    ["last-document", TAG.boolean, true],
  ], { signal, document });
}

/** Sends job and document at once, to a printer that knows no other way. */
export function printJob(
  asked: Asked,
  job: NewJob,
  document: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<IppMessage> {
  const rows: Row[] = [...jobRows(job), ["document-format", TAG.mime, job.format]];
  return ask(asked, OPERATION.printJob, rows, { signal, template: job.template, document });
}

/** Best effort: what became of it, the next look at the job tells. */
export async function cancelJob(asked: Asked, job: number, signal: AbortSignal): Promise<void> {
  await ask(asked, OPERATION.cancelJob, [["job-id", TAG.integer, job]], { signal });
}

/**
 * The id that a printer gave.
 *
 * @throws {PrintError} bad_answer – when it gave none
 */
export function idIn(answer: IppMessage): number {
  const id = numberOf(attributesOf(answer, GROUP.job), "job-id");
  if (id !== undefined && id > 0) return id;
  throw new PrintError("bad_answer", "the printer took the job and gave it no id");
}

/**
 * One look at a job.
 *
 * @param named Whose it must be: printers that were switched off may count their jobs from 1 again.
 * @returns `undefined` when the printer knows no such job, or calls it by another name
 * @throws {PrintError} unavailable, bad_answer, refused
 */
export async function look(
  asked: Asked,
  job: number,
  signal: AbortSignal,
  named?: Named,
): Promise<PrinterJob | undefined> {
  const names = ["job-state", "job-state-reasons", "job-state-message", "job-impressions"]
    .concat(named ? "job-name" : [])
    .concat("job-impressions-completed", "time-at-processing", "copies");
  const answer = await ask(asked, OPERATION.getJobAttributes, [
    ["job-id", TAG.integer, job],
    ["requested-attributes", TAG.keyword, ...names],
  ], { signal });
  if (answer.code === STATUS.notFound) return undefined;
  const said = attributesOf(accepted(answer, `tell about job ${job}`), GROUP.job);
  const name = textOf(said, "job-name");
  if (named && name && !canBeNamed(name, named)) return undefined;
  const state = STATES[(numberOf(said, "job-state") ?? 0) - 3];
  if (!state || said.get("job-state")?.[0]?.tag !== TAG.enum) {
    throw new PrintError("bad_answer", `job ${job} is in no state that IPP knows`);
  }
  // 0 is what printers say that do not count.
  const pages = Math.max(0, numberOf(said, "job-impressions-completed") ?? 0) || null;
  const all = (numberOf(said, "job-impressions") ?? 0) * (numberOf(said, "copies") ?? 1);
  const began = said.get("time-at-processing")?.[0];
  return {
    state,
    reasons: reasonsOf(said, "job-state-reasons"),
    message: plain(textOf(said, "job-state-message") ?? ""),
    pages,
    share: pages !== null && all > 0 ? Math.min(1, pages / all) : 0,
    begun: began && (began.tag === TAG.noValue ? false : typeof began.data === "number"),
  };
}

/** The most jobs that a printer is asked to list: more may be longer than an answer is read. */
const LISTED = 2_000;

/** What a printer's list tells of a job. */
export interface Found {
  readonly id?: number | undefined;
  /** How many jobs are listed. */
  readonly count: number;
  /** Whether the list could be read, and nothing was left out. */
  readonly isWhole: boolean;
}

/**
 * Looks for the job that carries a UUID.
 *
 * @param which `completed` ones are those that printers forget.
 * @throws {PrintError} unavailable, refused
 */
export async function find(
  asked: Asked,
  uuid: string,
  which: "not-completed" | "completed",
  signal: AbortSignal,
): Promise<Found> {
  const answer = await ask(asked, OPERATION.getJobs, [
    ["limit", TAG.integer, LISTED],
    ["which-jobs", TAG.keyword, which],
    ["requested-attributes", TAG.keyword, "job-id", "job-name"],
  ], { signal }).catch((error) => {
    // A printer that lists what nobody can read would stop its queue for ever.
    if (error instanceof PrintError && error.code === "bad_answer") return undefined;
    throw error;
  });
  if (!answer) return { count: 0, isWhole: false };
  const jobs = groupsOf(accepted(answer, "list its jobs"), GROUP.job);
  const found = jobs.find(({ attributes }) =>
    uuidIn(textOf(attributes, "job-name") ?? "") === uuid
  );
  const id = found && numberOf(found.attributes, "job-id");
  return { id, count: jobs.length, isWhole: jobs.length < LISTED };
}

function jobRows(job: NewJob): Row[] {
  return [
    ["job-name", TAG.name, nameWithUuid(job)],
    ["ipp-attribute-fidelity", TAG.boolean, job.fidelity],
  ];
}

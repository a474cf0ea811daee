import type { FetchContext } from "writ";
import { GROUP, type IppAttributes, type IppGroup, type IppMessage } from "../ipp/message.ts";
import type { ComingDocument } from "../ipp/request_head.ts";
import { STATUS } from "../ipp/status.ts";
import { asName, attributesOf, numberOf, textOf } from "../ipp/values.ts";
import type { PrintService } from "../service.ts";
import type { QueueSettings } from "../settings.ts";
import type { Job } from "../spool/job.ts";
import type { SpoolContext } from "../spool/spool.ts";
import { IppRefusal } from "./refusal.ts";

/** One request to a queue, as operations get it. */
export interface AskedQueue {
  readonly service: PrintService;
  readonly ctx: FetchContext & SpoolContext;
  readonly request: IppMessage;
  /** Its first group. */
  readonly operation: IppAttributes;
  readonly document: ComingDocument;
  readonly queue: QueueSettings;
  /** As the client calls the queue. */
  readonly uri: string;
  /** The job that is named, if one is. */
  readonly jobId: number | undefined;
}

/** What an operation answers; the usual first group is added. */
export interface Reply {
  readonly code?: number;
  readonly message?: string;
  readonly groups: readonly IppGroup[];
}

/** Where a request goes: a queue, and perhaps a job of it. */
export interface Named {
  readonly queue: string | undefined;
  readonly uri: string;
  readonly jobId: number | undefined;
}

const TARGET = /^(?:ipps?|https?):\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/i;

/**
 * Reads which queue and job are meant. The path that was asked counts before `printer-uri`, which
 * names the queue only for who asks without one.
 *
 * @param path Below the script's own.
 * @throws {IppRefusal} badRequest, schemeNotSupported
 */
export function readTarget(request: IppMessage, path: string): Named {
  const operation = attributesOf(request, GROUP.operation);
  const jobUri = textOf(operation, "job-uri");
  const printerUri = textOf(operation, "printer-uri");
  const named = printerUri ?? jobUri;
  if (named === undefined) {
    throw new IppRefusal(STATUS.badRequest, "neither printer-uri nor job-uri is there");
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(named) && !/^(?:ipp|http)s?:/i.test(named)) {
    throw new IppRefusal(STATUS.schemeNotSupported, "queues have addresses ipp:// and ipps://");
  }
  if (!TARGET.test(named)) throw new IppRefusal(STATUS.badRequest, "the address is malformed");
  const inUri = printerUri === undefined ? Number(/\/(\d{1,10})$/.exec(jobUri!)?.[1]) : undefined;
  if (Number.isNaN(inUri)) throw new IppRefusal(STATUS.badRequest, "job-uri names no job");
  const uri = (printerUri ?? jobUri!.replace(/\/\d+$/, "")).replace(/^http/i, "ipp")
    .replace(/\/+$/, "");
  const jobId = inUri ?? numberOf(operation, "job-id");
  return { queue: queueIn(path), uri, jobId };
}

/** The queue that a path names. `/ipp/print` and nothing name the default one. */
export function queueIn(path: string): string | undefined {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts[0] === "ipp" && parts[1] === "print") parts.splice(0, 2);
  if (/^\d+$/.test(parts[1] ?? "")) parts.splice(1);
  return parts.length === 0 ? undefined : parts.join("/");
}

/**
 * The job that is named, of this queue.
 *
 * @throws {IppRefusal} badRequest, notFound
 */
export async function jobOf({ service, ctx, queue, jobId }: AskedQueue): Promise<Job> {
  if (jobId === undefined) throw new IppRefusal(STATUS.badRequest, "no job is named");
  const job = (await service.spool(ctx)).get(jobId);
  if (job?.queue === queue.name) return job;
  throw new IppRefusal(STATUS.notFound, `there is no job ${jobId}`);
}

/**
 * Lets a job's owner and the operator through. Who owns it is what the client says: IPP without a
 * login knows no better, and nor do we.
 *
 * @throws {IppRefusal} notAuthorized
 */
export function mayControl({ ctx, operation }: AskedQueue, job: Job): void {
  if (ctx.caller.kind === "operator" || userOf(operation) === job.user) return;
  throw new IppRefusal(STATUS.notAuthorized, "it is someone else's job");
}

/** Who asks, as jobs remember it. */
export function userOf(operation: IppAttributes): string {
  return asName(textOf(operation, "requesting-user-name") ?? "anonymous");
}

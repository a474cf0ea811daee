import { GROUP, type IppAttributes, type IppGroup } from "../ipp/message.ts";
import { STATUS } from "../ipp/status.ts";
import { flagOf, textOf, textsOf } from "../ipp/values.ts";
import type { Job } from "../spool/job.ts";
import type { Offer } from "../target/offer.ts";
import { type AskedQueue, jobOf, mayControl, type Reply } from "./asked.ts";
import { describeJob, only } from "./describe.ts";
import { IncomingDocument } from "./incoming.ts";
import { IppRefusal } from "./refusal.ts";
import { checkCompression, checkFormat, OCTETS, readTicket } from "./ticket.ts";

/** What is told of a job that was taken. */
const TAKEN = ["job-id", "job-uri", "job-uuid", "job-state", "job-state-reasons"]
  .concat("job-state-message");

/** Print-Job: the answer means that job and document are on disk. */
export async function printJob(asked: AskedQueue): Promise<Reply> {
  const { service, ctx, queue, request } = asked;
  const offer = await offerOf(asked);
  const { ticket, compression, ignored } = readTicket(request, offer);
  service.checkRoom(await service.spool(ctx), queue, ticket.user);
  const document = await open(asked, offer.attributes, ticket.format, compression);
  if (document.empty) throw new IppRefusal(STATUS.badRequest, "there is no document");
  const { format, content } = document;
  try {
    const job = await service.accept(ctx, queue, { ...ticket, format }, content);
    return taken(asked, job, ignored);
  } catch (error) {
    throw document.reason(error);
  }
}

/** Validate-Job: what Print-Job would say to the same, without a document. */
export async function validateJob(asked: AskedQueue): Promise<Reply> {
  const { service, ctx, queue, request } = asked;
  const { ticket, ignored } = readTicket(request, await offerOf(asked));
  service.checkRoom(await service.spool(ctx), queue, ticket.user);
  return { code: ignored.size > 0 ? STATUS.okIgnored : STATUS.ok, groups: unsupported(ignored) };
}

/** Create-Job: the document comes with Send-Document. */
export async function createJob(asked: AskedQueue): Promise<Reply> {
  const { service, ctx, queue, request } = asked;
  const { ticket, ignored } = readTicket(request, await offerOf(asked));
  return taken(asked, await service.create(ctx, queue, ticket), ignored);
}

/** Send-Document: the answer means that the document is on disk. A job has one. */
export async function sendDocument(asked: AskedQueue): Promise<Reply> {
  const { service, ctx, queue, operation } = asked;
  const job = await jobOf(asked);
  mayControl(asked, job);
  const last = flagOf(operation, "last-document");
  if (last === undefined) throw new IppRefusal(STATUS.badRequest, "last-document is missing");
  if (job.state !== "incoming" && job.document === null) {
    throw new IppRefusal(STATUS.notPossible, `job ${job.id} is over`);
  }
  const offer = await offerOf(asked);
  const said = textOf(operation, "document-format")
    ? checkFormat(operation, offer.attributes)
    : job.format;
  const document = await open(asked, offer.attributes, said, checkCompression(operation));
  if (document.empty) {
    // The end of a job that has its document, or of one that gets none.
    if (job.document === null) await service.control(ctx, job.id, "cancel");
    return taken(asked, (await service.spool(ctx)).get(job.id)!, new Map());
  }
  const another = new IppRefusal(STATUS.multipleDocuments, "a job has one document");
  if (job.document !== null) {
    await document.content.rest.cancel();
    throw another;
  }
  try {
    const filled = await service.fill(ctx, queue, job, document.format, document.content);
    if (!filled) throw another;
    return taken(asked, filled, new Map());
  } catch (error) {
    throw document.reason(error);
  }
}

/** Close-Job: no more documents, which a job of one says by itself. */
export async function closeJob(asked: AskedQueue): Promise<Reply> {
  const job = await jobOf(asked);
  mayControl(asked, job);
  if (job.state === "incoming") await asked.service.control(asked.ctx, job.id, "cancel");
  return { groups: [] };
}

function offerOf({ service, ctx, queue }: AskedQueue): Promise<Offer> {
  return service.offers.current(ctx, queue);
}

function open(
  { document }: AskedQueue,
  offer: IppAttributes,
  format: string,
  compression: string,
): Promise<IncomingDocument> {
  const supported = [...textsOf(offer, "document-format-supported"), OCTETS];
  return IncomingDocument.open(document, { format, compression, supported });
}

function taken(asked: AskedQueue, job: Job, ignored: IppAttributes): Reply {
  const attributes = only(describeJob(job, asked.uri), TAKEN, []);
  return {
    code: ignored.size > 0 ? STATUS.okIgnored : STATUS.ok,
    groups: [...unsupported(ignored), { tag: GROUP.job, attributes }],
  };
}

/** The group of what was not taken, which stands before all but the operation's. */
export function unsupported(attributes: IppAttributes): IppGroup[] {
  return attributes.size > 0 ? [{ tag: GROUP.unsupported, attributes }] : [];
}

import type { FetchContext } from "writ";
import { PrintError } from "../errors.ts";
import { decodeIpp } from "../ipp/decode.ts";
import { encodeIpp } from "../ipp/encode.ts";
import { GROUP, type IppMessage, IppSyntaxError, OPERATION, TAG } from "../ipp/message.ts";
import { type ComingDocument, readHead } from "../ipp/request_head.ts";
import { STATUS } from "../ipp/status.ts";
import { attributesFrom, attributesOf, fit, textOf, textsOf } from "../ipp/values.ts";
import type { PrintService } from "../service.ts";
import type { QueueSettings } from "../settings.ts";
import { isFull } from "../spool/reserve.ts";
import { spoolContext } from "../worker.ts";
import { type AskedQueue, readTarget, type Reply } from "./asked.ts";
import { describePrinter, only } from "./describe.ts";
import * as jobs from "./job_operations.ts";
import * as printing from "./print_operations.ts";
import { IppRefusal } from "./refusal.ts";

const OPERATIONS: Readonly<Record<number, (asked: AskedQueue) => Promise<Reply>>> = {
  [OPERATION.printJob]: printing.printJob,
  [OPERATION.validateJob]: printing.validateJob,
  [OPERATION.createJob]: printing.createJob,
  [OPERATION.sendDocument]: printing.sendDocument,
  [OPERATION.closeJob]: printing.closeJob,
  [OPERATION.cancelJob]: jobs.cancelJob,
  [OPERATION.cancelMyJobs]: jobs.cancelMyJobs,
  [OPERATION.getJobAttributes]: jobs.getJobAttributes,
  [OPERATION.getJobs]: jobs.getJobs,
  [OPERATION.holdJob]: jobs.holdJob,
  [OPERATION.releaseJob]: jobs.releaseJob,
  [OPERATION.getPrinterAttributes]: getPrinterAttributes,
};

const UNKNOWN_REQUEST: IppMessage = { version: 0x0101, code: 0, requestId: 1, groups: [] };

/** Answers one IPP request; the answer is IPP whatever came, if at least its number can be read. */
export async function answerIpp(
  service: PrintService,
  request: Request,
  path: string,
  ctx: FetchContext,
): Promise<Response> {
  let head: Uint8Array | undefined;
  let message: IppMessage | undefined;
  try {
    const read = await readHead(request.body);
    head = read.head;
    message = decodeIpp(head).message;
    check(message);
    const reply = await dispatch(service, message, read.document, path, ctx);
    return respond(message, reply);
  } catch (error) {
    if (error instanceof IppSyntaxError) head ??= headOf(error);
    message ??= head && head.length >= 8 ? summary(head) : undefined;
    if (!message) return new Response("not an IPP request\n", { status: 400 });
    return respond(message, refusalOf(error, ctx));
  }
}

async function dispatch(
  service: PrintService,
  request: IppMessage,
  document: ComingDocument,
  path: string,
  ctx: FetchContext,
): Promise<Reply> {
  const operate = OPERATIONS[request.code];
  if (!operate) {
    throw new IppRefusal(STATUS.operationNotSupported, "this operation is not supported");
  }
  const { queue: name, uri, jobId } = readTarget(request, path);
  const operation = attributesOf(request, GROUP.operation);
  const queue = findQueue(service, name, uri, ctx);
  const asked = {
    service,
    ctx: spoolContext(ctx),
    request,
    operation,
    document,
    queue,
    uri,
    jobId,
  };
  return await operate(asked);
}

/** The queue in the path, else at the end of the address, else the default one. */
function findQueue(
  service: PrintService,
  name: string | undefined,
  uri: string,
  ctx: FetchContext,
): QueueSettings {
  const { queues, defaultQueue } = service.settings(ctx);
  const last = uri.split("/").at(-1) ?? "";
  const found = queues.get(name ?? (queues.has(last) ? last : defaultQueue ?? ""));
  if (found) return found;
  throw new IppRefusal(STATUS.notFound, "there is no such queue");
}

/**
 * What every request must hold to.
 *
 * @throws {IppRefusal} versionNotSupported, badRequest, charsetNotSupported
 * @see RFC 8011, "Common IPP Operation and Semantics"
 */
function check({ version, requestId, groups }: IppMessage): void {
  const major = version >> 8;
  if (major !== 1 && major !== 2) {
    throw new IppRefusal(STATUS.versionNotSupported, "this is a printer of IPP 1.1 and 2.0");
  }
  const [first, second] = groups[0]?.attributes.keys() ?? [];
  const bad = requestId <= 0
    ? "request-id must be positive"
    : groups[0]?.tag !== GROUP.operation
    ? "the operation's attributes must stand first"
    : groups.filter(({ tag }) => tag === GROUP.operation).length > 1
    ? "the operation's attributes stand there twice"
    : first !== "attributes-charset" || second !== "attributes-natural-language"
    ? "attributes-charset and attributes-natural-language must stand first"
    : undefined;
  if (bad) throw new IppRefusal(STATUS.badRequest, bad);
  const charset = textOf(groups[0]!.attributes, "attributes-charset")?.toLowerCase();
  if (charset !== "utf-8" && charset !== "us-ascii") {
    throw new IppRefusal(STATUS.charsetNotSupported, "texts are utf-8");
  }
}

/** Get-Printer-Attributes: what the printer behind the queue can do, and how the queue is. */
async function getPrinterAttributes(asked: AskedQueue): Promise<Reply> {
  const { service, ctx, queue, uri, operation } = asked;
  const { attributes: offer } = await service.offers.described(ctx, queue);
  const active = (await service.spool(ctx)).active(queue.name);
  const attributes = describePrinter({
    queue,
    uri,
    offer,
    health: service.offers.lastHealth(queue),
    waiting: active.length,
    printing: active.some(({ state }) => state === "processing"),
  });
  const requested = textsOf(operation, "requested-attributes");
  return { groups: [{ tag: GROUP.printer, attributes: only(attributes, requested, ["all"]) }] };
}

function respond(request: IppMessage, { code = STATUS.ok, message, groups }: Reply): Response {
  const attributes = attributesFrom([
    ["attributes-charset", TAG.charset, "utf-8"],
    ["attributes-natural-language", TAG.language, "en"],
    ["status-message", TAG.text, ...message ? [fit(message, 255)] : []],
  ]);
  const version = [0x0100, 0x0101, 0x0200].includes(request.version) ? request.version : 0x0200;
  const requestId = request.requestId;
  const all = [{ tag: GROUP.operation, attributes }, ...groups];
  const body = encodeIpp({ version, code, requestId, groups: all });
  return new Response(body, { headers: { "content-type": "application/ipp" } });
}

/** Every error as a status; what is ours to mend goes into the log, not to the client. */
function refusalOf(error: unknown, ctx: FetchContext): Reply {
  if (error instanceof IppRefusal) {
    const { code, message, unsupported } = error;
    return { code, message, groups: printing.unsupported(unsupported) };
  }
  const no = (code: number, message: string): Reply => ({ code, message, groups: [] });
  if (error instanceof IppSyntaxError) return no(STATUS.badRequest, error.message);
  if (error instanceof RangeError) return no(STATUS.tooLarge, error.message);
  if (error instanceof PrintError && error.code === "full") return no(STATUS.busy, error.message);
  const { name = "", message = "", code } = error as Partial<Error> & { code?: unknown };
  ctx.log.error(`${name}: ${message}`);
  if (isFull(error)) return no(STATUS.temporaryError, "there is no room for documents now");
  // Of the agent: its disk is full, say. Clients try again.
  if (code === "failed" || code === "unavailable") {
    return no(STATUS.temporaryError, "the agent cannot keep it now");
  }
  return no(STATUS.internalError, "the agent's log tells more");
}

function headOf(error: IppSyntaxError): Uint8Array | undefined {
  return (error.cause as { head?: Uint8Array } | undefined)?.head;
}

/** As much of a malformed request as its answer needs. */
function summary(head: Uint8Array): IppMessage {
  const view = new DataView(head.buffer, head.byteOffset, 8);
  const requestId = view.getInt32(4);
  return { ...UNKNOWN_REQUEST, version: view.getUint16(0), requestId };
}

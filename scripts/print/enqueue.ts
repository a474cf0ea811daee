import type { AttachmentHandle, Context } from "writ";
import { checkFormat, OCTETS } from "./endpoint/ticket.ts";
import { formatOf, peek } from "./endpoint/format.ts";
import { IppRefusal } from "./endpoint/refusal.ts";
import { PrintError } from "./errors.ts";
import type { PrintInput } from "./input.ts";
import { type IppAttributes, TAG } from "./ipp/message.ts";
import { asName, attributesFrom, type Row } from "./ipp/values.ts";
import type { PrintService } from "./service.ts";
import { isOver, type Job } from "./spool/job.ts";
import type { Ticket } from "./spool/new_job.ts";
import { writeTemplate } from "./spool/template.ts";
import { spoolContext } from "./worker.ts";

/** How a queued job ended. */
export interface QueuedOutput {
  readonly jobId: number;
  readonly uuid: string;
  readonly queue: string;
  readonly state: Job["state"];
  readonly reasons: readonly string[];
  readonly pages: number | null;
  readonly copies: number;
}

/**
 * Puts an order's document into a queue, and follows the job to its end, or until a person is
 * needed or the agent stops, which the job outlives. A run that is cancelled cancels its job.
 *
 * @throws {PrintError} bad_settings, unsupported, full
 */
export async function printQueued(
  service: PrintService,
  order: PrintInput & { readonly queue: string; readonly document: AttachmentHandle },
  context: Context,
): Promise<QueuedOutput> {
  const ctx = spoolContext(context);
  const queue = service.queue(ctx, order.queue);
  const { attributes: offer } = await service.offers.current(ctx, queue);
  const document = await peek({ first: new Uint8Array(), rest: order.document.stream() });
  const said = (order.format ?? order.document.mediaType.split(";")[0]!).trim().toLowerCase();
  const format = said === OCTETS ? formatOf(document.first) ?? OCTETS : said;
  supported(format, offer);
  const ticket = ticketOf(order, format);
  const job = await service.accept(ctx, queue, ticket, document);
  ctx.progress(0.05, `job ${job.id} waits in queue ${queue.name}`);
  return await follow(service, job, context);
}

function supported(format: string, offer: IppAttributes): void {
  try {
    checkFormat(attributesFrom([["document-format", TAG.mime, format]]), offer);
  } catch (error) {
    if (error instanceof IppRefusal) throw new PrintError("unsupported", error.message);
    throw error;
  }
}

function ticketOf(order: PrintInput & { document: AttachmentHandle }, format: string): Ticket {
  const { copies, sides, media } = order;
  const rows: Row[] = [];
  if (copies !== undefined) rows.push(["copies", TAG.integer, copies]);
  if (sides !== undefined) rows.push(["sides", TAG.keyword, sides]);
  if (media !== undefined) rows.push(["media", TAG.keyword, media]);
  return {
    uuid: crypto.randomUUID(),
    user: order.user ?? "writ",
    name: order.jobName ?? asName(order.document.name),
    format,
    template: writeTemplate(attributesFrom(rows)),
    copies: copies ?? 1,
    // Not as asked is worse than not at all: paper cannot be taken back.
    fidelity: rows.length > 0,
  };
}

/** Tells each new state, until the job is over or in doubt, or the agent stops. */
async function follow(
  service: PrintService,
  { id }: Job,
  context: Context,
): Promise<QueuedOutput> {
  const ctx = spoolContext(context);
  const spool = await service.spool(ctx);
  const changed = changes((tell) => spool.watch(tell), id, ctx);
  let told = "";
  for (let job = spool.get(id)!;; job = await changed.next() ?? job) {
    const { uuid, queue, state, reasons, pages, copies, message } = job;
    const words = [`job ${id} is ${state}`, ...reasons, ...message ? [message] : []].join(", ");
    const ended = isOver(job);
    if (words !== told) ctx.progress(ended ? 1 : state === "processing" ? 0.5 : 0.1, words);
    told = words;
    if (ended || state === "in doubt" || ctx.leaving?.aborted) {
      changed.end();
      return { jobId: id, uuid, queue, state, reasons, pages, copies };
    }
  }
}

/** Each change of one job, in turn; nothing when the agent stops. */
function changes(
  watch: (tell: (job: Job) => void) => () => void,
  id: number,
  { signal, leaving }: Pick<Context, "signal" | "leaving">,
): { next(): Promise<Job | undefined>; end(): void } {
  const seen: Job[] = [];
  let waiting = Promise.withResolvers<void>();
  const stop = watch((job) => {
    if (job.id !== id) return;
    seen.push(job);
    waiting.resolve();
  });
  const abort = () => waiting.reject(signal.reason);
  const leave = () => waiting.resolve();
  signal.addEventListener("abort", abort, { once: true });
  leaving?.addEventListener("abort", leave, { once: true });
  return {
    async next() {
      while (seen.length === 0 && !leaving?.aborted) {
        signal.throwIfAborted();
        await waiting.promise;
        waiting = Promise.withResolvers();
      }
      return seen.shift();
    },
    end() {
      stop();
      signal.removeEventListener("abort", abort);
      leaving?.removeEventListener("abort", leave);
    },
  };
}

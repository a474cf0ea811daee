import type { Context } from "writ";
import { PrintError } from "./errors.ts";
import { asName, isCount } from "./ipp/values.ts";
import type { PrintService } from "./service.ts";
import { cancelEarly, isCanceledEarly } from "./spool/canceled_early.ts";
import { isOver } from "./spool/job.ts";
import type { Spool } from "./spool/spool.ts";
import { isPassedOn, templateOf, writeTemplate } from "./spool/template.ts";
import { type HandedJob, type JobNews, WATCH_MS } from "./target/hand_over.ts";
import { writeOffer, type WrittenOffer } from "./target/offer.ts";
import { spoolContext } from "./worker.ts";

const MIME = /^[\w.+-]{1,127}\/[\w.+-]{1,127}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What another agent's print script orders; see `target/hand_over.ts` for the other side. */
export type AgentInput =
  | { readonly queue: string; readonly job: HandedJob }
  | { readonly queue: string; readonly cancel: string }
  | { readonly queue: string; readonly describe: true }
  | { readonly queue: string; readonly watch: readonly JobKnown[] };

interface JobKnown {
  readonly uuid: string;
  readonly reasons: readonly string[];
  readonly pages: number | null;
}

/**
 * Takes a job that another agent hands over. A UUID is taken once; one that was cancelled before it
 * came is not taken at all.
 *
 * @throws {PrintError} bad_settings, bad_input, full
 */
export async function takeHanded(
  service: PrintService,
  { queue: name, job }: { queue: string; job: HandedJob },
  context: Context,
): Promise<{ job: number }> {
  const ctx = spoolContext(context);
  const queue = service.queue(ctx, name);
  const ticket = readHanded(job);
  const [document] = ctx.attachments;
  if (ctx.attachments.length !== 1) throw bad("there is not one document");
  return await service.handed.alone(ticket.uuid, async () => {
    if (await isCanceledEarly(ctx.store, ticket.uuid)) return { job: 0 };
    const content = { first: new Uint8Array(), rest: document!.stream() };
    try {
      return { job: (await service.accept(ctx, queue, ticket, content)).id };
    } catch (error) {
      // Too long today is too long tomorrow.
      throw error instanceof RangeError ? bad(error.message) : error;
    }
  });
}

/** Tells what a queue offers, as it would tell any client. */
export async function describeQueue(
  service: PrintService,
  { queue: name }: { queue: string },
  context: Context,
): Promise<WrittenOffer> {
  const ctx = spoolContext(context);
  return writeOffer(await service.offers.described(ctx, service.queue(ctx, name)));
}

/** Cancels a handed job; one that did not come yet will not be taken. */
export async function cancelHanded(
  service: PrintService,
  { cancel: uuid }: { cancel: string },
  context: Context,
): Promise<{ canceled: boolean; taken: boolean }> {
  const ctx = spoolContext(context);
  if (!UUID.test(uuid)) throw bad("it names no job");
  return await service.handed.alone(uuid, async () => {
    const job = (await service.spool(ctx)).withUuid(uuid);
    if (job) return { canceled: (await service.control(ctx, job.id, "cancel")).done, taken: true };
    await cancelEarly(ctx.store, uuid, ctx.run?.orderer ?? "");
    return { canceled: true, taken: false };
  });
}

/** Tells how handed jobs are, as soon as one is not as the other agent knows it. */
export async function tellNews(
  service: PrintService,
  { watch }: { watch: readonly JobKnown[] },
  context: Context,
): Promise<{ news: JobNews[] }> {
  const ctx = spoolContext(context);
  if (!Array.isArray(watch) || watch.length > 100) throw bad("it watches nothing, or too much");
  const spool = await service.spool(ctx);
  const isNews = (known: JobKnown) => {
    const job = spool.withUuid(known.uuid);
    return !job || isOver(job) || job.state === "in doubt" ||
      String(job.reasons) !== String(known.reasons) || job.pages !== known.pages;
  };
  if (!watch.some(isNews)) await nextChange(spool, new Set(watch.map(({ uuid }) => uuid)), ctx);
  const news = watch.map(({ uuid }): JobNews => {
    const job = spool.withUuid(String(uuid));
    const { state, reasons, message, pages } = job ??
      { state: "unknown" as const, reasons: [], message: "", pages: null };
    return { uuid, state, reasons, message, pages };
  });
  return { news };
}

function nextChange(
  spool: Spool,
  uuids: Set<string>,
  { signal, leaving = signal }: Context,
): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      stop();
      for (const told of [signal, leaving]) told.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, WATCH_MS);
    const stop = spool.watch((job) => uuids.has(job.uuid) && end());
    for (const told of [signal, leaving]) told.addEventListener("abort", end, { once: true });
  });
}

/** All of it is a stranger's, and shown to clients of this agent. */
function readHanded(job: HandedJob): HandedJob {
  const texts = [job?.user, job?.name, job?.format, job?.template];
  const good = typeof job === "object" && job !== null && UUID.test(job.uuid) &&
    texts.every((text) => typeof text === "string") && MIME.test(job.format) &&
    isCount(job.copies) && typeof job.fidelity === "boolean";
  if (!good) throw bad("it is malformed");
  const { uuid, format, copies, fidelity } = job;
  const [user, name] = [asName(job.user), asName(job.name)];
  try {
    const asked = [...templateOf(job.template)].filter(([name]) => isPassedOn(name));
    return { uuid, user, name, format, copies, fidelity, template: writeTemplate(new Map(asked)) };
  } catch (cause) {
    throw bad("what it asks for cannot be read", { cause });
  }
}

function bad(found: string, options?: ErrorOptions): PrintError {
  return new PrintError("bad_input", `Cannot take what another agent ordered as ${found}`, options);
}

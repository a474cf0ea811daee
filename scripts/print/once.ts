import type { AttachmentHandle, Context } from "writ";
import { PrintError } from "./errors.ts";
import { GROUP, type IppAttributes, type IppValue, OPERATION, TAG } from "./ipp/message.ts";
import { mayPassLater, statusName } from "./ipp/status.ts";
import { asName, attributesOf, plain, type Row } from "./ipp/values.ts";
import { accepted, ask, type Asked } from "./target/ask.ts";
import { type Named, nameWithUuid } from "./target/job_name.ts";
import { cancelJob, idIn, isEnd, look, type PrinterState } from "./target/printer_jobs.ts";
import type { PrintInput } from "./input.ts";

/** How the job ended; `pages` is null where the printer does not count. */
export type PrintOutput = {
  readonly jobId: number;
  readonly state: PrinterState;
  readonly reasons: readonly string[];
  readonly pages: number | null;
  readonly copies: number;
  readonly printer: string;
};

/** Time to cancel a job of a run that is over. */
const CANCEL_MS = 3_000;
/** Waits between two looks at a job, or two tries on a busy printer. */
const WAIT_MS = { first: 100, longest: 5_000, growth: 1.5 };
/** Looks in a row that may fail while a job prints. */
const LOST_LOOKS = 5;

/** An order whose input holds, and where it goes. */
export type OnceOrder = PrintInput & {
  readonly printer: string;
  readonly url: string;
  readonly document: AttachmentHandle;
};

/**
 * Prints without a queue: what the printer offers, then the job, which is followed to its end. A
 * run that is cancelled cancels its job.
 *
 * @throws {PrintError} when the document was not printed, or that is not known
 */
export async function printOnce(order: OnceOrder, ctx: Context): Promise<PrintOutput> {
  const asked: Asked = { uri: order.printer, url: order.url, user: order.user ?? "writ" };
  ctx.progress(0, "asking the printer what it offers");
  const template = await matchOffer(order, asked, ctx);
  ctx.progress(0.05, "sending the document");
  const name = order.jobName ?? asName(order.document.name);
  const named: Named = { name, uuid: crypto.randomUUID() };
  const jobId = await submit(order, named, asked, template, ctx);
  try {
    return await follow(order, named, asked, jobId, ctx);
  } catch (error) {
    if (ctx.signal.aborted) await cancel(named, asked, jobId, ctx);
    throw error;
  }
}

/** Asks for what the printer offers and makes the job's template of it: the unknown is refused. */
async function matchOffer(order: OnceOrder, asked: Asked, ctx: Context): Promise<IppAttributes> {
  const wanted = ["document-format", "sides", "media", "copies"].map((name) => `${name}-supported`);
  const answer = await ask(asked, OPERATION.getPrinterAttributes, [
    ["requested-attributes", TAG.keyword, ...wanted, "printer-is-accepting-jobs"],
  ], ctx);
  const offer = attributesOf(accepted(answer, "tell what it offers"), GROUP.printer);
  const pick = (name: string, asked: string | number): IppValue => {
    const values = offer.get(`${name}-supported`) ?? [];
    const found = values.find(({ data }) =>
      data === asked ||
      Array.isArray(data) && typeof asked === "number" && data[0] <= asked && asked <= data[1]
    );
    if (found) return typeof asked === "number" ? { tag: TAG.integer, data: asked } : found;
    const listed = values.slice(0, 24).map(({ data }) => plain(String(data))).join(", ");
    const what = `the printer takes no ${name} ${asked}: it takes ${listed || "none"}`;
    throw new PrintError("unsupported", what);
  };
  if (offer.get("printer-is-accepting-jobs")?.[0]?.data === false) {
    throw new PrintError("refused", "the printer is not accepting jobs");
  }
  pick("document-format", formatOf(order));
  const template: IppAttributes = new Map();
  for (const name of ["copies", "sides", "media"] as const) {
    const asked = order[name];
    if (asked !== undefined) template.set(name, [pick(name, asked)]);
  }
  return template;
}

/** Sends the document, again and again while the printer is busy, and returns the job's id. */
async function submit(
  order: OnceOrder,
  named: Named,
  asked: Asked,
  template: IppAttributes,
  ctx: Context,
): Promise<number> {
  const { signal } = ctx;
  const rows: Row[] = [
    ["job-name", TAG.name, nameWithUuid(named)],
    ["document-format", TAG.mime, formatOf(order)],
    // Not as asked is worse than not at all: paper cannot be taken back.
    ["ipp-attribute-fidelity", TAG.boolean, template.size > 0],
  ];
  for (let wait = WAIT_MS.first;; wait = longer(wait)) {
    const document = order.document.stream();
    const answer = await ask(asked, OPERATION.printJob, rows, { signal, template, document });
    if (mayPassLater(answer.code)) {
      if (wait === WAIT_MS.first) {
        ctx.log.info(`the printer is ${statusName(answer.code)}, waiting`);
      }
      await sleep(wait, signal);
      continue;
    }
    accepted(answer, "take the job");
    for (const name of attributesOf(answer, GROUP.unsupported).keys()) {
      ctx.log.warn(`the printer ignored "${plain(name)}"`);
    }
    return idIn(answer);
  }
}

/** Looks at the job, ever less often, until it is over. Each new state is told; pages are progress. */
async function follow(
  order: OnceOrder,
  named: Named,
  asked: Asked,
  jobId: number,
  ctx: Context,
): Promise<PrintOutput> {
  let told = "", lost = 0;
  for (let wait = WAIT_MS.first;; wait = longer(wait)) {
    try {
      const seen = await look(asked, jobId, ctx.signal, named);
      if (!seen) throw new PrintError("refused", `the printer no longer knows job ${jobId}`);
      const { state, reasons, pages, share } = seen;
      lost = 0;
      const words = [`job ${jobId} is ${state}`, ...reasons].join(", ");
      if (words !== told) {
        ctx.emit("job-state", { jobId, state, reasons, pages });
        ctx.log[state === "aborted" || state === "processing-stopped" ? "warn" : "info"](words);
        wait = WAIT_MS.first;
      }
      if (words !== told || share > 0) ctx.progress(isEnd(state) ? 1 : 0.1 + 0.8 * share, words);
      told = words;
      const { copies = 1, printer } = order;
      if (isEnd(state)) return { jobId, state, reasons, pages, copies, printer };
    } catch (error) {
      // The paper may well come out while the network is away: one failed look ends nothing.
      const passing = error instanceof PrintError && error.code === "unavailable";
      if (!passing || ++lost > LOST_LOOKS) throw error;
      ctx.log.warn(`job ${jobId} cannot be seen as ${error.message}`);
    }
    await sleep(wait, ctx.signal);
  }
}

/** Best effort: the run ends as cancelled whatever the printer says. */
async function cancel(named: Named, asked: Asked, jobId: number, ctx: Context): Promise<void> {
  const signal = AbortSignal.timeout(CANCEL_MS);
  try {
    // A printer that was switched off meanwhile may have given the id to another job.
    if (!await look(asked, jobId, signal, named)) return;
    await cancelJob(asked, jobId, signal);
    ctx.log.info(`job ${jobId} was cancelled on the printer`);
  } catch (error) {
    ctx.log.warn(
      `job ${jobId} may still print as ${error instanceof Error ? error.message : error}`,
    );
  }
}

function formatOf({ format, document }: OnceOrder): string {
  return (format ?? document.mediaType.split(";")[0]!).trim().toLowerCase();
}

function longer(wait: number): number {
  return Math.min(wait * WAIT_MS.growth, WAIT_MS.longest);
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => (clearTimeout(timer), reject(signal.reason));
    const timer = setTimeout(() => (signal.removeEventListener("abort", stop), resolve()), ms);
    signal.aborted ? stop() : signal.addEventListener("abort", stop, { once: true });
  });
}

/**
 * Prints one attached document on an IPP printer and follows the job to its end. One file, so that
 * what is signed is what is read: the codec (RFC 8010), then the client (RFC 8011). It needs `net`
 * for the printer's `host:port`, and nothing else.
 *
 * @module
 */
import type { AttachmentHandle, Context, Script } from "writ";

/** What a value may be: `null` is "no value" or a collection, bytes are what is not read here. */
export type IppData = number | boolean | string | readonly [number, number] | Uint8Array | null;
export type IppValue = { readonly tag: number; readonly data: IppData };
export type IppAttributes = Map<string, IppValue[]>;
export type IppGroup = { readonly tag: number; readonly attributes: IppAttributes };
/** A request or a response; `code` is its operation or its status. */
export type IppMessage = {
  readonly version: number;
  readonly code: number;
  readonly requestId: number;
  readonly groups: readonly IppGroup[];
};

/** Tags of attribute groups and of values (RFC 8010, "Delimiter Tags" and "Value Tags"). */
export const GROUP = { operation: 1, job: 2, end: 3, printer: 4, unsupported: 5 } as const;
// deno-fmt-ignore
export const TAG = { integer: 0x21, boolean: 0x22, enum: 0x23, date: 0x31, resolution: 0x32,
  range: 0x33, collection: 0x34, languageText: 0x35, languageName: 0x36, endCollection: 0x37,
  text: 0x41, name: 0x42, keyword: 0x44, uri: 0x45, scheme: 0x46, charset: 0x47, language: 0x48,
  mime: 0x49, member: 0x4a } as const;
// deno-fmt-ignore
export const OPERATION = { printJob: 2, validateJob: 4, cancelJob: 8, getJobAttributes: 9,
  getJobs: 10, getPrinterAttributes: 11 } as const;
/** What one message may hold. */
export const BOUNDS = { bytes: 1 << 20, groups: 256, values: 8192 } as const;
/** Octets of a value whose tag fixes them, and the most of a string from tag 0x41 on. */
const FIXED_OCTETS: Record<number, number> = {
  0x21: 4,
  0x22: 1,
  0x23: 4,
  0x31: 11,
  0x32: 9,
  0x33: 8,
};
const STRING_OCTETS = [1023, 255, 0, 255, 1023, 63, 63, 63, 255, 255];

/** Bytes that are not an IPP message; `offset` is where reading stopped. */
export class IppSyntaxError extends SyntaxError {
  override readonly name = "IppSyntaxError";
  readonly offset: number;

  constructor(offset: number, found: string) {
    super(`Cannot read an IPP message as it is malformed at byte ${offset}: ${found}`);
    this.offset = offset;
  }
}

/**
 * Writes a message; document data goes after it.
 *
 * @throws {RangeError} when a value does not fit its tag
 * @see RFC 8010, "Encoding of the Operation Layer"
 */
export function encodeIpp(message: IppMessage): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  const sized = (bytes: ArrayLike<number>, most: number) => {
    if (bytes.length > most) throw new RangeError(`${bytes.length} octets, at most ${most} fit`);
    out.push(bytes.length >> 8, bytes.length & 255, ...Array.from(bytes));
  };
  const utf8 = (text: string) => new TextEncoder().encode(text);
  out.push(...int32(message.version << 16 | message.code), ...int32(message.requestId));
  for (const { tag, attributes } of message.groups) {
    out.push(tag);
    for (const [name, values] of attributes) {
      for (const [i, { tag, data }] of values.entries()) {
        out.push(tag);
        sized(i === 0 ? utf8(name) : [], 255);
        if (typeof data === "string") sized(utf8(data), STRING_OCTETS[tag - 0x41] ?? 0);
        else if (typeof data === "boolean") sized([Number(data)], 1);
        else if (typeof data === "number") sized(int32(data), 4);
        else if (data instanceof Uint8Array) sized(data, 32767);
        else sized(data === null ? [] : data.flatMap(int32), 8);
      }
    }
  }
  return Uint8Array.from([...out, GROUP.end]);
}

function int32(n: number): number[] {
  if (n !== (n | 0)) throw new RangeError(`${n} is not a 32-bit integer`);
  return [n >>> 24, n >> 16 & 255, n >> 8 & 255, n & 255];
}

/**
 * Reads a message. Collections are checked and walked past, since nothing here asks for one; text
 * with a language becomes plain text.
 *
 * @returns the message, and where document data begins
 * @throws {IppSyntaxError} at what breaks RFC 8010 or one of {@link BOUNDS}
 */
export function decodeIpp(bytes: Uint8Array): { message: IppMessage; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0, count = 0, depth = 0;
  const need = (holds: boolean, found: string) => {
    if (!holds) throw new IppSyntaxError(at, found);
  };
  const skip = (octets: number) => {
    need(at + octets <= bytes.length, "it ends too early");
    return (at += octets) - octets;
  };
  const sized = (most: number) => {
    const length = view.getUint16(skip(2));
    need(length <= most, `${length} octets where ${most} may stand`);
    return bytes.subarray(skip(length), at);
  };
  const text = (most: number) => {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(sized(most));
    } catch (error) {
      throw error instanceof IppSyntaxError ? error : new IppSyntaxError(at, "not UTF-8");
    }
  };
  const value = (tag: number): IppValue => {
    if (tag < 0x20 || tag === TAG.collection || tag === TAG.endCollection) sized(0);
    else if (tag === TAG.languageText || tag === TAG.languageName) {
      const stop = view.getUint16(skip(2)) + at;
      text(63);
      const data = text(1023);
      need(at === stop, "text with a language that is longer or shorter than it says");
      return { tag: tag === TAG.languageText ? TAG.text : TAG.name, data };
    } else if (STRING_OCTETS[tag - 0x41]) return { tag, data: text(STRING_OCTETS[tag - 0x41]!) };
    else {
      const raw = sized(32767), start = at - raw.length, fixed = FIXED_OCTETS[tag] ?? raw.length;
      need(raw.length === fixed, `${raw.length} octets where ${fixed} must stand`);
      if (tag === TAG.integer || tag === TAG.enum) return { tag, data: view.getInt32(start) };
      if (tag === TAG.range) return { tag, data: [view.getInt32(start), view.getInt32(start + 4)] };
      if (tag !== TAG.boolean) return { tag, data: raw.slice() };
      need(raw[0]! < 2, "a boolean that is neither 0 nor 1");
      return { tag, data: raw[0] === 1 };
    }
    return { tag, data: null };
  };
  const version = view.getUint16(skip(2)), code = view.getUint16(skip(2));
  const requestId = view.getInt32(skip(4)), groups: IppGroup[] = [];
  let values: IppValue[] | undefined;
  for (;;) {
    const tag = view.getUint8(skip(1));
    if (tag < 0x10) {
      need(depth === 0, "a collection without end");
      if (tag === GROUP.end) return { message: { version, code, requestId, groups }, end: at };
      need(tag !== 0 && groups.length < BOUNDS.groups, "a reserved tag, or too many groups");
      groups.push({ tag, attributes: new Map() });
      values = undefined;
      continue;
    }
    const name = text(255), attributes = groups.at(-1)?.attributes;
    if (name !== "") {
      need(depth === 0 && !attributes?.has(name), `a misplaced ${JSON.stringify(name)}`);
      attributes?.set(name, values = []);
    }
    if (!attributes || !values) throw new IppSyntaxError(at, "a value of no attribute");
    const read = value(tag);
    need(++count <= BOUNDS.values, `more than ${BOUNDS.values} values`);
    need(depth > 0 || (tag !== TAG.endCollection && tag !== TAG.member), "no collection is open");
    if (depth === 0) values.push(read);
    if (tag === TAG.collection) depth++;
    if (tag === TAG.endCollection) depth--;
  }
}

/** What to print on, and how; README.md tells each. */
export type PrintInput = {
  readonly printer: string;
  readonly copies?: number;
  readonly sides?: "one-sided" | "two-sided-long-edge" | "two-sided-short-edge";
  readonly media?: string;
  readonly jobName?: string;
  readonly user?: string;
  readonly format?: string;
};
/** How the job ended; `pages` is null where the printer does not count. */
export type PrintOutput = {
  readonly jobId: number;
  readonly state: JobState;
  readonly reasons: readonly string[];
  readonly pages: number | null;
  readonly copies: number;
  readonly printer: string;
};
/** Names of `job-state`, from 3 on. */
// deno-fmt-ignore
const JOB_STATES = ["pending", "pending-held", "processing", "processing-stopped", "canceled",
  "aborted", "completed"] as const;
export type JobState = (typeof JOB_STATES)[number];
const ENDS: readonly JobState[] = ["canceled", "aborted", "completed"];
const SIDES = ["one-sided", "two-sided-long-edge", "two-sided-short-edge"];

/** Why a document was not printed, or why that is not known. */
export type PrintCode =
  /** The input, or the number of documents, is not what the script takes. */
  | "bad_input"
  /** The printer does not offer what was asked for. */
  | "unsupported"
  /** The printer cannot be reached, or did not answer in time. */
  | "unavailable"
  /** The answer is not IPP, is too large, or answers something else. */
  | "bad_answer"
  /** The printer answered that it will not. */
  | "refused";

/** What {@link run} throws; `code` is stable. */
export class PrintError extends Error {
  override readonly name = "PrintError";
  readonly code: PrintCode;

  constructor(code: PrintCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Time for an answer, for the next piece of a document (read at the speed of paper), to cancel. */
const ANSWER_MS = 30_000, PIECE_MS = 120_000, CANCEL_MS = 3_000;
/** Waits between two looks at a job, or two tries on a busy printer. */
const WAIT_MS = { first: 100, longest: 5_000, growth: 1.5 };
/** Looks in a row that may fail while a job prints. */
const LOST_LOOKS = 5;
/** service-unavailable, temporary-error and busy: worth another try. */
const TRY_LATER = [0x0502, 0x0505, 0x0507];
/** Names of status codes from 0x0400 and from 0x0500 (RFC 8011, "Status-Code Values"). */
// deno-fmt-ignore
const STATUS = [
  `bad-request forbidden not-authenticated not-authorized not-possible timeout not-found gone
  request-entity-too-large request-value-too-long document-format-not-supported
  attributes-or-values-not-supported uri-scheme-not-supported charset-not-supported
  conflicting-attributes compression-not-supported compression-error document-format-error
  document-access-error`.split(/\s+/),
  `internal-error operation-not-supported service-unavailable version-not-supported device-error
  temporary-error not-accepting-jobs busy job-canceled multiple-document-jobs-not-supported
  printer-is-deactivated`.split(/\s+/)];

/** An order whose input holds, and where it goes. */
type PrintOrder = PrintInput & { readonly document: AttachmentHandle; readonly url: string };
type Named = readonly [name: string, ...values: IppValue[]];

export default { run } satisfies Script<PrintInput, PrintOutput>;

/**
 * Prints: input, then what the printer offers, then the job, which is followed to its end. A run
 * that is cancelled cancels its job.
 *
 * @throws {PrintError} when the document was not printed, or that is not known
 */
async function run(input: PrintInput, ctx: Context): Promise<PrintOutput> {
  try {
    const order = checkInput(input, ctx.attachments);
    ctx.progress(0, "asking the printer what it offers");
    const template = await matchOffer(order, ctx);
    ctx.progress(0.05, "sending the document");
    const jobId = await submit(order, template, ctx);
    try {
      return await follow(order, jobId, ctx);
    } catch (error) {
      if (ctx.signal.aborted) await cancel(order, jobId, ctx);
      throw error;
    }
  } catch (error) {
    if (!(error instanceof PrintError)) throw error;
    const title = JSON.stringify(plain(ctx.attachments[0]?.name ?? "nothing"));
    const { code, message, cause } = error;
    throw new PrintError(code, `Cannot print ${title} as ${message}`, { cause });
  }
}

function checkInput(input: PrintInput, attachments: readonly AttachmentHandle[]): PrintOrder {
  const need = (holds: boolean, what: string) => {
    if (!holds) throw new PrintError("bad_input", what);
  };
  need(typeof input === "object" && input !== null, "the input must be an object");
  const texts = { printer: 1023, media: 255, jobName: 255, user: 255, format: 255 };
  for (const [key, value] of Object.entries(input)) {
    const octets = texts[key as keyof typeof texts] ?? 0;
    need(octets > 0 || key === "copies" || key === "sides", `input.${plain(key)} is unknown`);
    if (octets === 0) continue;
    const fits = typeof value === "string" && value !== "" && fit(plain(value), octets) === value;
    need(fits, `input.${key} must be text of 1 to ${octets} octets, without control characters`);
  }
  const { copies = 1, sides = "one-sided" } = input;
  const whole = Number.isInteger(copies) && copies >= 1 && copies <= 999;
  need(whole, "input.copies must be a whole number from 1 to 999");
  need(SIDES.includes(sides), `input.sides must be one of ${SIDES.join(", ")}`);
  const uri = /^ipp(s?):\/\/(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?(\/[^\s?#]*)?$/i.exec(input.printer);
  const url = uri ? `http${uri[1]}://${uri[2]}${uri[3] ?? ":631"}${uri[4] ?? "/"}` : "";
  need(URL.canParse(url), 'input.printer must be like "ipp://host:631/ipp/print"');
  const [document] = attachments;
  need(attachments.length === 1, `${attachments.length} documents are attached, not one`);
  return { ...input, document: document!, url };
}

/** Asks for what the printer offers and makes the job's template of it: the unknown is refused. */
async function matchOffer(order: PrintOrder, ctx: Context): Promise<IppAttributes> {
  const wanted = ["document-format", "sides", "media", "copies"].map((name) => `${name}-supported`);
  const answer = await ask(order, OPERATION.getPrinterAttributes, ctx.signal, [
    ["requested-attributes", ...[...wanted, "printer-is-accepting-jobs"].map(keyword)],
  ]);
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
async function submit(order: PrintOrder, template: IppAttributes, ctx: Context): Promise<number> {
  const attributes: Named[] = [
    ["job-name", { tag: TAG.name, data: order.jobName ?? fit(plain(order.document.name), 255) }],
    ["document-format", { tag: TAG.mime, data: formatOf(order) }],
    // Not as asked is worse than not at all: paper cannot be taken back.
    ["ipp-attribute-fidelity", { tag: TAG.boolean, data: template.size > 0 }],
  ];
  for (let wait = WAIT_MS.first;; wait = longer(wait)) {
    const answer = await ask(order, OPERATION.printJob, ctx.signal, attributes, template);
    if (TRY_LATER.includes(answer.code)) {
      if (wait === WAIT_MS.first) {
        ctx.log.info(`the printer is ${statusName(answer.code)}, waiting`);
      }
      await sleep(wait, ctx.signal);
      continue;
    }
    accepted(answer, "take the job");
    for (const name of attributesOf(answer, GROUP.unsupported).keys()) {
      ctx.log.warn(`the printer ignored "${plain(name)}"`);
    }
    const id = attributesOf(answer, GROUP.job).get("job-id")?.[0]?.data;
    if (typeof id === "number" && id > 0) return id;
    throw new PrintError("bad_answer", "the printer took the job and gave it no id");
  }
}

/** Looks at the job, ever less often, until it is over. Each new state is told; pages are progress. */
async function follow(order: PrintOrder, jobId: number, ctx: Context): Promise<PrintOutput> {
  let told = "", lost = 0;
  for (let wait = WAIT_MS.first;; wait = longer(wait)) {
    try {
      const { state, reasons, pages, share } = await look(order, jobId, ctx.signal);
      lost = 0;
      const ended = ENDS.includes(state);
      const words = [`job ${jobId} is ${state}`, ...reasons].join(", ");
      if (words !== told) {
        ctx.emit("job-state", { jobId, state, reasons, pages });
        ctx.log[state === "aborted" || state === "processing-stopped" ? "warn" : "info"](words);
        wait = WAIT_MS.first;
      }
      if (words !== told || share > 0) ctx.progress(ended ? 1 : 0.1 + 0.8 * share, words);
      told = words;
      const { copies = 1, printer } = order;
      if (ended) return { jobId, state, reasons, pages, copies, printer };
    } catch (error) {
      // The paper may well come out while the network is away: one failed look ends nothing.
      const passing = error instanceof PrintError && error.code === "unavailable";
      if (!passing || ++lost > LOST_LOOKS) throw error;
      ctx.log.warn(`job ${jobId} cannot be seen as ${error.message}`);
    }
    await sleep(wait, ctx.signal);
  }
}

/** One look at a job: its state, and how much of it is on paper. */
async function look(order: PrintOrder, jobId: number, signal: AbortSignal) {
  const names = ["job-state", "job-state-reasons", "job-impressions", "job-impressions-completed"];
  const answer = await ask(order, OPERATION.getJobAttributes, signal, [
    ["job-id", { tag: TAG.integer, data: jobId }],
    ["requested-attributes", ...names.map(keyword)],
  ]);
  const job = attributesOf(accepted(answer, `tell about job ${jobId}`), GROUP.job);
  const count = (name: string) => {
    const data = job.get(name)?.[0]?.data;
    return typeof data === "number" && data > 0 ? data : 0;
  };
  const state = JOB_STATES[count("job-state") - 3];
  if (!state) throw new PrintError("bad_answer", `job ${jobId} is in no state that IPP knows`);
  const reasons = (job.get("job-state-reasons") ?? []).slice(0, 32)
    .map(({ data }) => plain(String(data))).filter((reason) => reason !== "none");
  // 0 is what printers say that do not count.
  const pages = count("job-impressions-completed") || null;
  const all = count("job-impressions") * (order.copies ?? 1);
  const share = pages !== null && all > 0 ? Math.min(1, pages / all) : 0;
  return { state, reasons, pages, share };
}

/** Best effort: the run ends as cancelled whatever the printer says. */
async function cancel(order: PrintOrder, jobId: number, ctx: Context): Promise<void> {
  const id: Named = ["job-id", { tag: TAG.integer, data: jobId }];
  try {
    const signal = AbortSignal.timeout(CANCEL_MS);
    accepted(await ask(order, OPERATION.cancelJob, signal, [id]), `cancel job ${jobId}`);
    ctx.log.info(`job ${jobId} was cancelled on the printer`);
  } catch (error) {
    ctx.log.warn(
      `job ${jobId} may still print as ${error instanceof Error ? error.message : error}`,
    );
  }
}

let lastRequest = 0;

function newRequest(
  order: PrintOrder,
  operation: number,
  attributes: readonly Named[],
  template: IppAttributes | undefined,
): IppMessage {
  const rows: Named[] = [
    ["attributes-charset", { tag: TAG.charset, data: "utf-8" }],
    ["attributes-natural-language", { tag: TAG.language, data: "en" }],
    ["printer-uri", { tag: TAG.uri, data: order.printer }],
    ["requesting-user-name", { tag: TAG.name, data: order.user ?? "writ" }],
    ...attributes,
  ];
  const entries = rows.map(([name, ...values]) => [name, values] as const);
  const groups: IppGroup[] = [{ tag: GROUP.operation, attributes: new Map(entries) }];
  if (template?.size) groups.push({ tag: GROUP.job, attributes: template });
  lastRequest = lastRequest % 0x7fffffff + 1;
  // 1.1 is what every printer of 2.x takes too, and nothing here needs more.
  return { version: 0x0101, code: operation, requestId: lastRequest, groups };
}

/**
 * One operation. With a template the document follows the request; nothing is believed of the
 * answer but its shape.
 */
async function ask(
  order: PrintOrder,
  operation: number,
  signal: AbortSignal,
  attributes: readonly Named[],
  template?: IppAttributes,
): Promise<IppMessage> {
  const request = newRequest(order, operation, attributes, template);
  const late = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = (ms: number) => {
    clearTimeout(timer);
    if (!late.signal.aborted) timer = setTimeout(() => late.abort(), ms);
  };
  let broken: { error: unknown } | undefined;
  async function* withDocument() {
    yield encodeIpp(request);
    try {
      for await (const chunk of order.document.stream()) {
        patience(PIECE_MS);
        yield chunk;
      }
    } catch (error) {
      broken = { error };
      throw error;
    }
    patience(ANSWER_MS);
  }
  patience(ANSWER_MS);
  try {
    const response = await fetch(order.url, {
      method: "POST",
      headers: { "content-type": "application/ipp" },
      body: template ? ReadableStream.from(withDocument()) : encodeIpp(request),
      redirect: "error",
      signal: AbortSignal.any([signal, late.signal]),
    });
    const { message } = decodeIpp(await readAnswer(response));
    const { version } = message;
    if (message.requestId === request.requestId && (version >> 8 === 1 || version >> 8 === 2)) {
      return message;
    }
    throw new PrintError("bad_answer", "the printer answered another request or IPP version");
  } catch (error) {
    signal.throwIfAborted();
    if (broken) throw broken.error;
    const name = error instanceof Error ? error.name : "";
    if (error instanceof PrintError || name === "NotCapable") throw error;
    if (error instanceof IppSyntaxError) {
      throw new PrintError("bad_answer", `the printer does not speak IPP: ${error.message}`, {
        cause: error,
      });
    }
    const found = late.signal.aborted ? "does not answer in time" : "cannot be reached";
    const doubt = template ? ", and whether it prints is not known" : "";
    throw new PrintError("unavailable", `${order.printer} ${found}${doubt}`, { cause: error });
  } finally {
    clearTimeout(timer);
    late.abort(); // What is left of a document that the printer answered early.
  }
}

async function readAnswer(response: Response): Promise<Uint8Array> {
  const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (response.status !== 200 || type !== "application/ipp") {
    await response.body?.cancel();
    const found = `HTTP ${response.status}, ${plain(type ?? "no content type")}`;
    throw new PrintError(response.ok ? "bad_answer" : "refused", `the printer answered ${found}`);
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > BOUNDS.bytes) {
      throw new PrintError("bad_answer", "the printer's answer is over 1 MiB");
    }
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** The answer, when the printer says it did what was asked. */
function accepted(answer: IppMessage, what: string): IppMessage {
  if (answer.code < 0x0100) return answer;
  const said = attributesOf(answer, GROUP.operation).get("status-message")?.[0]?.data;
  const found = statusName(answer.code) + (typeof said === "string" ? `, ${plain(said)}` : "");
  const code = TRY_LATER.includes(answer.code) ? "unavailable" : "refused";
  throw new PrintError(code, `the printer will not ${what}: ${found}`);
}

function statusName(code: number): string {
  return STATUS[(code >> 8) - 4]?.[code & 255] ?? `status 0x${code.toString(16).padStart(4, "0")}`;
}

function attributesOf(message: IppMessage, tag: number): IppAttributes {
  return message.groups.find((group) => group.tag === tag)?.attributes ?? new Map();
}

function formatOf({ format, document }: PrintOrder): string {
  return (format ?? document.mediaType.split(";")[0]!).trim().toLowerCase();
}

function keyword(data: string): IppValue {
  return { tag: TAG.keyword, data };
}

/** A printer's words are an attacker's: none of them moves the reader's cursor. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
}

/** As much of a text as fits, in whole characters. */
function fit(text: string, octets: number): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(octets)).read);
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

import { decodeIpp } from "../../../scripts/print/ipp/decode.ts";
import { encodeIpp } from "../../../scripts/print/ipp/encode.ts";
import {
  GROUP,
  type IppAttributes,
  type IppGroup,
  type IppMessage,
  OPERATION,
  TAG,
} from "../../../scripts/print/ipp/message.ts";
import { attributesFrom, textOf as text } from "../../../scripts/print/ipp/values.ts";
import { defaultOf, describeJob, describePrinter, knows, offers, only } from "./ipp_description.ts";
import { JOB_STATE, type PrintedJob, PrintQueue } from "./print_queue.ts";

/** How a printer behaves. */
export interface IppPrinterOptions {
  /** Document formats it takes. Default: PDF, plain text, JPEG. */
  readonly formats?: readonly string[];
  /** Milliseconds that a job takes; `Infinity` never ends one. Default 300. */
  readonly jobMs?: number;
  /** How often Print-Job is answered with `server-error-busy` before a job is taken. Default 0. */
  readonly busyAnswers?: number;
}

/** The largest request: the documents of a demo fit, and memory does not run out. */
const MOST_BYTES = 64_000_000;

/** An answer that is not success. */
class Refusal extends Error {
  readonly status: number;
  readonly groups: IppGroup[];

  constructor(status: number, groups: IppGroup[] = []) {
    super(`IPP status ${status}`);
    this.status = status;
    this.groups = groups;
  }
}

/**
 * A small printer on 127.0.0.1, on a free port, that speaks IPP/1.1 and 2.0 and keeps what it
 * printed: for the demo, and for tests on machines without a printer.
 *
 * @see RFC 8011, "IPP Model Operations"
 */
export class IppPrinter implements AsyncDisposable {
  readonly #formats: readonly string[];
  readonly #queue: PrintQueue;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #startedAt = performance.now();
  #busyAnswers: number;

  constructor(options: IppPrinterOptions = {}) {
    this.#formats = options.formats ?? ["application/pdf", "text/plain", "image/jpeg"];
    this.#queue = new PrintQueue(options.jobMs ?? 300);
    this.#busyAnswers = options.busyAnswers ?? 0;
    const listen = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(listen, (request) => this.#serve(request));
  }

  /** What it printed, is printing and will print, in the order it came. */
  get jobs(): readonly PrintedJob[] {
    return this.#queue.jobs;
  }

  /** `host:port`, as a grant names it. */
  get address(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** `ipp://host:port/ipp/print`. */
  get uri(): string {
    return `ipp://${this.address}/ipp/print`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#queue.close();
    await this.#server.shutdown();
  }

  async #serve(http: Request): Promise<Response> {
    if (http.method !== "POST" || new URL(http.url).pathname !== "/ipp/print") {
      return new Response("This is an IPP printer.\n", { status: 404 });
    }
    const body = await readAtMost(http.body, MOST_BYTES);
    if (!body) return new Response(null, { status: 413 });
    let request: { message: IppMessage; end: number };
    try {
      request = decodeIpp(body);
    } catch {
      return new Response(null, { status: 400 });
    }
    const { version, requestId } = request.message;
    let code = 0, groups: IppGroup[];
    try {
      groups = this.#perform(request.message, body.subarray(request.end));
      if (groups.some(({ tag }) => tag === GROUP.unsupported)) code = 0x0001;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      ({ status: code, groups } = error);
    }
    const attributes = attributesFrom([
      ["attributes-charset", TAG.charset, "utf-8"],
      ["attributes-natural-language", TAG.language, "en"],
    ]);
    groups = [{ tag: GROUP.operation, attributes }, ...groups];
    const answer = { version: version >> 8 === 2 ? 0x0200 : 0x0101, code, requestId, groups };
    return new Response(encodeIpp(answer), { headers: { "content-type": "application/ipp" } });
  }

  /** One operation; the checks before it are those of RFC 8011, "Operation Processing". */
  #perform({ version, code, requestId, groups }: IppMessage, document: Uint8Array): IppGroup[] {
    if (![1, 2].includes(version >> 8)) throw new Refusal(0x0503);
    const asked = groups[0]?.attributes ?? new Map();
    const [first, second] = asked.keys();
    const ordered = first === "attributes-charset" && second === "attributes-natural-language";
    if (requestId < 1 || groups[0]?.tag !== GROUP.operation || !ordered) throw new Refusal(0x0400);
    if (!/^(utf-8|us-ascii)$/i.test(text(asked, first)!)) throw new Refusal(0x040d);
    if (!asked.has("printer-uri") && !asked.has("job-uri")) throw new Refusal(0x0400);
    const template = groups.find(({ tag }) => tag === GROUP.job)?.attributes ?? new Map();
    switch (code) {
      case OPERATION.getPrinterAttributes:
        return [{ tag: GROUP.printer, attributes: only(asked, this.#describe(), ["all"]) }];
      case OPERATION.validateJob:
        return this.#check(asked, template);
      case OPERATION.printJob: {
        const unsupported = this.#check(asked, template);
        if (this.#busyAnswers-- > 0) throw new Refusal(0x0507);
        const job = this.#queue.add({
          name: text(asked, "job-name") ?? "Untitled",
          user: text(asked, "requesting-user-name") ?? "anonymous",
          format: text(asked, "document-format") ?? this.#formats[0]!,
          copies: Number(template.get("copies")?.[0]?.data ?? defaultOf("copies")),
          sides: text(template, "sides") ?? defaultOf("sides"),
          media: text(template, "media") ?? defaultOf("media"),
          bytes: document,
        });
        return [...unsupported, {
          tag: GROUP.job,
          attributes: describeJob(job, this.uri, this.#startedAt),
        }];
      }
      case OPERATION.getJobAttributes:
        return [{
          tag: GROUP.job,
          attributes: only(asked, describeJob(this.#find(asked), this.uri, this.#startedAt), [
            "all",
          ]),
        }];
      case OPERATION.getJobs:
        return this.#select(asked).map((job) => ({
          tag: GROUP.job,
          attributes: only(asked, describeJob(job, this.uri, this.#startedAt), [
            "job-id",
            "job-uri",
          ]),
        }));
      case OPERATION.cancelJob:
        if (!this.#queue.cancel(this.#find(asked))) throw new Refusal(0x0404);
        return [];
      default:
        throw new Refusal(0x0501);
    }
  }

  /** What cannot be kept of a job's wishes; with fidelity asked for, that is a refusal. */
  #check(asked: IppAttributes, template: IppAttributes): IppGroup[] {
    const format = text(asked, "document-format") ?? this.#formats[0]!;
    if (!this.#formats.includes(format)) throw new Refusal(0x040a);
    if ((text(asked, "compression") ?? "none") !== "none") throw new Refusal(0x040f);
    const attributes: IppAttributes = new Map();
    for (const [name, values] of template) {
      if (values.length === 1 && offers(name, values[0]!)) continue;
      attributes.set(
        name,
        knows(name) ? values : [{ tag: TAG.unsupported, data: null }],
      );
      template.delete(name);
    }
    if (attributes.size === 0) return [];
    const groups = [{ tag: GROUP.unsupported, attributes }];
    if (asked.get("ipp-attribute-fidelity")?.[0]?.data === true) throw new Refusal(0x040b, groups);
    return groups;
  }

  #find(asked: IppAttributes): PrintedJob {
    const id = asked.get("job-id")?.[0]?.data ?? Number(text(asked, "job-uri")?.split("/").at(-1));
    const job = this.jobs.find((job) => job.id === id);
    if (!job) throw new Refusal(0x0406);
    return job;
  }

  #select(asked: IppAttributes): PrintedJob[] {
    const which = text(asked, "which-jobs") ?? "not-completed";
    if (which !== "completed" && which !== "not-completed") throw new Refusal(0x040b);
    const user = asked.get("my-jobs")?.[0]?.data === true && text(asked, "requesting-user-name");
    return this.jobs
      .filter((job) => (job.state >= JOB_STATE.canceled) === (which === "completed"))
      .filter((job) => user === false || job.user === user)
      .slice(0, Number(asked.get("limit")?.[0]?.data ?? 100));
  }

  #describe(): IppAttributes {
    return describePrinter({
      uri: this.uri,
      formats: this.#formats,
      startedAt: this.#startedAt,
      queued: this.jobs.filter(({ state }) => state < JOB_STATE.canceled).length,
    });
  }
}

/** The body, or undefined when it is longer. */
async function readAtMost(body: ReadableStream<Uint8Array> | null, most: number) {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > most) return undefined;
    chunks.push(chunk.slice());
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

import { decodeIpp } from "../../scripts/print/ipp/decode.ts";
import { encodeIpp } from "../../scripts/print/ipp/encode.ts";
import {
  GROUP,
  type IppAttributes,
  type IppGroup,
  type IppMessage,
  OPERATION,
  TAG,
} from "../../scripts/print/ipp/message.ts";
import { attributesFrom, attributesOf, numberOf, textOf } from "../../scripts/print/ipp/values.ts";

/** A job on the printer. */
export interface TestJob {
  readonly id: number;
  readonly name: string;
  /** `job-state`. */
  state: number;
  reasons: string[];
  document?: Uint8Array;
  /** Whether it ever began to print. */
  begun: boolean;
}

/** What a test makes the printer say to an operation; `undefined` leaves it to the printer. */
export type Says = (
  request: IppMessage,
  count: number,
) => Response | undefined | Promise<Response | undefined>;

export interface TestPrinterOptions {
  /** Whether it knows Create-Job. Default: true. */
  readonly createsJobs?: boolean;
  /** Whether jobs end by themselves. Default: true. */
  readonly prints?: boolean;
}

/** A printer in memory that a test can disturb at every operation. */
export class TestPrinter implements AsyncDisposable {
  readonly jobs: TestJob[] = [];
  readonly counts = new Map<number, number>();
  /** By operation. */
  readonly says: Partial<Record<number, Says>> = {};
  prints: boolean;
  readonly #createsJobs: boolean;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #closed = new AbortController();

  constructor(options: TestPrinterOptions = {}) {
    this.#createsJobs = options.createsJobs ?? true;
    this.prints = options.prints ?? true;
    const { signal } = this.#closed;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {}, signal },
      (request) => this.#answer(request),
    );
  }

  get uri(): string {
    return `ipp://127.0.0.1:${this.#server.addr.port}/ipp/print`;
  }

  /** Documents that came out, in sequence. */
  get paper(): string[] {
    return this.jobs.filter(({ begun }) => begun)
      .map(({ document }) => new TextDecoder().decode(document));
  }

  /** How often an operation was asked for. */
  count(operation: number): number {
    return this.counts.get(operation) ?? 0;
  }

  /** A job it knows, found by what was printed. */
  job(document: string): TestJob | undefined {
    return this.jobs.find((job) => new TextDecoder().decode(job.document) === document);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#server.finished;
  }

  async #answer(http: Request): Promise<Response> {
    // A client that is killed leaves half a request.
    const body = await http.bytes().catch(() => undefined);
    if (!body) return new Response(null, { status: 400 });
    const { message, end } = decodeIpp(body);
    const count = this.count(message.code) + 1;
    this.counts.set(message.code, count);
    return await this.says[message.code]?.(message, count) ??
      this.answer(message, body.subarray(end));
  }

  /** What a printer that is well says. */
  answer(request: IppMessage, document: Uint8Array): Response {
    const operation = attributesOf(request, GROUP.operation);
    const job = this.jobs.find(({ id }) => id === numberOf(operation, "job-id"));
    switch (request.code) {
      case OPERATION.getPrinterAttributes:
        return answer(request, 0, [{ tag: GROUP.printer, attributes: this.#offer() }]);
      case OPERATION.createJob:
        if (!this.#createsJobs) return answer(request, 0x0501);
        return answer(request, 0, [described(this.#add(operation))]);
      case OPERATION.printJob: {
        const added = this.#add(operation);
        this.#print(added, document);
        return answer(request, 0, [described(added)]);
      }
      case OPERATION.sendDocument:
        if (!job) return answer(request, 0x0406);
        this.#print(job, document);
        return answer(request, 0, [described(job)]);
      case OPERATION.getJobAttributes:
        return job ? answer(request, 0, [described(job)]) : answer(request, 0x0406);
      case OPERATION.cancelJob:
        if (!job || job.state >= 7) return answer(request, 0x0404);
        job.state = 7;
        job.reasons = ["job-canceled-by-user"];
        return answer(request, 0);
      case OPERATION.getJobs: {
        const completed = textOf(operation, "which-jobs") === "completed";
        const listed = this.jobs.filter(({ state }) => state >= 7 === completed);
        return answer(request, 0, listed.map(described));
      }
      default:
        return answer(request, 0x0501);
    }
  }

  #add(operation: IppAttributes): TestJob {
    const name = textOf(operation, "job-name")!;
    const id = (this.jobs.at(-1)?.id ?? 0) + 1;
    const job: TestJob = { id, name, state: 4, reasons: ["job-incoming"], begun: false };
    this.jobs.push(job);
    return job;
  }

  #print(job: TestJob, document: Uint8Array): void {
    Object.assign(job, { document: document.slice(), begun: true, reasons: [], state: 5 });
    if (this.prints) job.state = 9;
  }

  #offer(): IppAttributes {
    const own = this.#createsJobs ? [OPERATION.createJob, OPERATION.sendDocument] : [];
    return attributesFrom([
      ["document-format-supported", TAG.mime, "text/plain", "application/pdf"],
      ["operations-supported", TAG.enum, OPERATION.printJob, ...own],
      ["printer-is-accepting-jobs", TAG.boolean, true],
      ["printer-state", TAG.enum, 3],
    ]);
  }
}

/** An answer to a request. */
export function answer(request: IppMessage, code: number, groups: IppGroup[] = []): Response {
  const { requestId } = request;
  return new Response(encodeIpp({ version: 0x0101, code, requestId, groups }), {
    headers: { "content-type": "application/ipp" },
  });
}

/** A connection that breaks without an answer. */
export function cut(): Response {
  return new Response(
    new ReadableStream({ start: (controller) => controller.error(new Error("cut")) }),
    { headers: { "content-type": "application/ipp" } },
  );
}

function described(job: TestJob): IppGroup {
  const attributes = attributesFrom([
    ["job-id", TAG.integer, job.id],
    ["job-name", TAG.name, job.name],
    ["job-state", TAG.enum, job.state],
    ["job-state-reasons", TAG.keyword, ...job.reasons.length > 0 ? job.reasons : ["none"]],
    job.begun ? ["time-at-processing", TAG.integer, 1] : ["time-at-processing", TAG.noValue, null],
  ]);
  return { tag: GROUP.job, attributes };
}

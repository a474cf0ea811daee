import assert from "node:assert/strict";
import { type PrintCode, PrintError } from "../../scripts/print/errors.ts";
import { decodeIpp } from "../../scripts/print/ipp/decode.ts";
import { encodeIpp } from "../../scripts/print/ipp/encode.ts";
import { BOUNDS, GROUP, type IppGroup, OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { attributesFrom } from "../../scripts/print/ipp/values.ts";
import { print } from "./print_script.ts";
import { pdf } from "./documents.ts";
import { attachment, fakeContext } from "./fake_context.ts";

/** What a printer says to one request. */
type Says = (requestId: number, count: number) => Response | Promise<Response>;
type Rows = Parameters<typeof attributesFrom>[0];

/** A printer that behaves well but for the operations it is told what to say to. */
class BadPrinter implements AsyncDisposable {
  readonly counts = new Map<number, number>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #aborted = new AbortController();

  constructor(says: Partial<Record<number, Says>>) {
    const listen = { hostname: "127.0.0.1", port: 0, onListen() {}, signal: this.#aborted.signal };
    this.#server = Deno.serve(listen, async (http) => {
      const { code, requestId } = decodeIpp(await http.bytes()).message;
      const count = (this.counts.get(code) ?? 0) + 1;
      this.counts.set(code, count);
      return await (says[code] ?? GOOD[code])!(requestId, count);
    });
  }

  get uri(): string {
    return `ipp://127.0.0.1:${this.#server.addr.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#aborted.abort();
    await this.#server.finished;
  }
}

/** An answer with one group. */
function ipp(requestId: number, code: number, tag: number, rows: Rows, version = 0x0101): Response {
  const groups: IppGroup[] = [{ tag, attributes: attributesFrom(rows) }];
  return http(encodeIpp({ version, code, requestId, groups }));
}

/** A job's end, with so much after it that it has this length. */
async function padded(requestId: number, length: number): Promise<Response> {
  const rows: Rows = [...OFFER, ["job-id", TAG.integer, 1], ["job-state", TAG.enum, 9]];
  const groups: IppGroup[] = [GROUP.job, GROUP.printer]
    .map((tag) => ({ tag, attributes: attributesFrom(rows) }));
  const bytes = encodeIpp({ version: 0x0101, code: 0, requestId, groups });
  return http(await new Blob([bytes, new Uint8Array(length - bytes.length)]).bytes());
}

function http(body: BodyInit, type = "application/ipp"): Response {
  return new Response(body, { headers: { "content-type": type } });
}

const OFFER: Rows = [["document-format-supported", TAG.mime, "application/pdf"]];
const GOOD: Record<number, Says> = {
  [OPERATION.getPrinterAttributes]: (id) => ipp(id, 0, GROUP.printer, OFFER),
  [OPERATION.printJob]: (id) => ipp(id, 0, GROUP.job, [["job-id", TAG.integer, 1]]),
  [OPERATION.getJobAttributes]: (id) => ipp(id, 0, GROUP.job, [["job-state", TAG.enum, 9]]),
  [OPERATION.cancelJob]: (id) => ipp(id, 0, GROUP.job, []),
};

function run(printer: string, signal?: AbortSignal) {
  return print.run({ printer }, fakeContext([pdf()], signal ? { signal } : {}).ctx);
}

async function refused(run: Promise<unknown>, code: PrintCode): Promise<PrintError> {
  const error = await run.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof PrintError, `${error}`);
  assert.equal(error.code, code);
  return error;
}

Deno.test("run() prints on the printer that the bad ones differ from", async () => {
  await using printer = new BadPrinter({});
  assert.equal((await run(printer.uri)).state, "completed");
  const fits: Says = (id) => padded(id, BOUNDS.bytes);
  await using wordy = new BadPrinter({
    [OPERATION.getPrinterAttributes]: fits,
    [OPERATION.printJob]: fits,
    [OPERATION.getJobAttributes]: fits,
  });
  assert.equal((await run(wordy.uri)).state, "completed");
});

const OPERATIONS = ["getPrinterAttributes", "printJob", "getJobAttributes"] as const;
const ANSWERS: [name: string, code: PrintCode, says: Says][] = [
  ["HTTP 500", "refused", () => new Response("no", { status: 500 })],
  ["a page", "bad_answer", () => http("<html>", "text/html")],
  ["no body", "bad_answer", () => http("")],
  ["noise", "bad_answer", () => http(new Uint8Array(64).fill(0xff))],
  ["an answer to another request", "bad_answer", (id) => ipp(id + 1, 0, GROUP.job, [])],
  ["IPP 3.0", "bad_answer", (id) => ipp(id, 0, GROUP.job, [], 0x0300)],
  ["more than 1 MiB", "bad_answer", (id) => padded(id, BOUNDS.bytes + 1)],
  ["client-error-forbidden", "refused", (id) => ipp(id, 0x0401, GROUP.job, [])],
  ["a status that nobody knows", "refused", (id) => ipp(id, 0x7fff, GROUP.job, [])],
];

Deno.test("run() refuses a printer that answers", async (t) => {
  for (const operation of OPERATIONS) {
    for (const [name, code, says] of ANSWERS) {
      await t.step(`${name} to ${operation}`, async () => {
        await using printer = new BadPrinter({ [OPERATION[operation]]: says });
        await refused(run(printer.uri), code);
        const documents = printer.counts.get(OPERATION.printJob) ?? 0;
        assert.equal(documents, operation === "getPrinterAttributes" ? 0 : 1);
      });
    }
  }
  const job: [name: string, code: PrintCode, operation: number, rows: Rows][] = [
    ["no job id", "bad_answer", OPERATION.printJob, []],
    ["job id 0", "bad_answer", OPERATION.printJob, [["job-id", TAG.integer, 0]]],
    ["a job id that is text", "bad_answer", OPERATION.printJob, [["job-id", TAG.name, "1"]]],
    ["no job state", "bad_answer", OPERATION.getJobAttributes, []],
    ["a job state that is text", "bad_answer", OPERATION.getJobAttributes, [[
      "job-state",
      TAG.keyword,
      "9",
    ]]],
    ["job state 2", "bad_answer", OPERATION.getJobAttributes, [["job-state", TAG.enum, 2]]],
    ["job state 10", "bad_answer", OPERATION.getJobAttributes, [["job-state", TAG.enum, 10]]],
  ];
  for (const [name, code, operation, rows] of job) {
    await t.step(name, async () => {
      await using printer = new BadPrinter({ [operation]: (id) => ipp(id, 0, GROUP.job, rows) });
      await refused(run(printer.uri), code);
    });
  }
});

Deno.test("run() sends no document to a printer that does not accept jobs", async () => {
  const says: Says = (id) =>
    ipp(id, 0, GROUP.printer, [...OFFER, ["printer-is-accepting-jobs", TAG.boolean, false]]);
  await using printer = new BadPrinter({ [OPERATION.getPrinterAttributes]: says });
  await refused(run(printer.uri), "refused");
  assert.equal(printer.counts.get(OPERATION.printJob), undefined);
});

Deno.test("run() follows no redirect", async () => {
  await using canary = new BadPrinter({});
  const to = canary.uri.replace("ipp", "http");
  await using printer = new BadPrinter({
    [OPERATION.getPrinterAttributes]: () => Response.redirect(to, 307),
  });
  await refused(run(printer.uri), "unavailable");
  assert.equal(canary.counts.size, 0);
});

Deno.test("run() tells each state once, however many pages are counted in it", async () => {
  const says: Says = (id, count) =>
    ipp(id, 0, GROUP.job, [
      ["job-state", TAG.enum, count < 4 ? 5 : 9],
      ["job-state-reasons", TAG.keyword, "none"],
      ["job-impressions", TAG.integer, 4],
      ["job-impressions-completed", TAG.integer, count],
    ]);
  await using printer = new BadPrinter({ [OPERATION.getJobAttributes]: says });
  const { ctx, heard } = fakeContext([pdf()]);
  await print.run({ printer: printer.uri }, ctx);
  assert.deepEqual(heard.events.map(({ data }) => data), [
    { jobId: 1, state: "processing", reasons: [], pages: 1 },
    { jobId: 1, state: "completed", reasons: [], pages: 4 },
  ]);
  assert.equal(heard.log.length, 2);
});

Deno.test("run() ends as cancelled when the printer will not cancel the job", async () => {
  const controller = new AbortController();
  const reason = new Error("cancelled by the orderer");
  await using printer = new BadPrinter({
    [OPERATION.getJobAttributes]: (id) => ipp(id, 0, GROUP.job, [["job-state", TAG.enum, 5]]),
    [OPERATION.cancelJob]: (id) => ipp(id, 0x0404, GROUP.operation, []),
  });
  const { ctx } = fakeContext([pdf()], {
    signal: controller.signal,
    onEvent: () => controller.abort(reason),
  });
  await assert.rejects(() => print.run({ printer: printer.uri }, ctx), reason);
  assert.equal(printer.counts.get(OPERATION.cancelJob), 1);
});

Deno.test("run() takes an answer that comes before the document is read", async () => {
  const listen = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve(listen, async (http) => {
    const reader = http.body!.getReader();
    const { value } = await reader.read();
    const { code, requestId } = decodeIpp(value!).message;
    return code === OPERATION.printJob
      ? ipp(requestId, 0x0408, GROUP.operation, [])
      : GOOD[code]!(requestId, 1);
  });
  const content = new Uint8Array(5_000_000);
  const { ctx } = fakeContext([attachment("big.pdf", "application/pdf", content)]);
  const printer = `ipp://127.0.0.1:${server.addr.port}/`;
  await refused(print.run({ printer }, ctx), "refused");
});

Deno.test("run() lets no printer move the cursor of whoever reads its words", async () => {
  const says: Says = (id) =>
    ipp(id, 0x0401, GROUP.operation, [["status-message", TAG.text, "\x1b[2Jgone\u202e"]]);
  await using printer = new BadPrinter({ [OPERATION.printJob]: says });
  const { message } = await refused(run(printer.uri), "refused");
  assert.doesNotMatch(message, /[\p{Cc}\p{Cf}]/u);
});

Deno.test("run() goes on when a job cannot be seen for a while, and gives up in the end", async (t) => {
  const busy: Says = (id) => ipp(id, 0x0507, GROUP.operation, []);
  await t.step("5 looks", async () => {
    const says: Says = (id, count) =>
      count <= 5 ? busy(id, count) : GOOD[OPERATION.getJobAttributes]!(id, count);
    await using printer = new BadPrinter({ [OPERATION.getJobAttributes]: says });
    assert.equal((await run(printer.uri)).state, "completed");
  });
  await t.step("6 looks", async () => {
    await using printer = new BadPrinter({ [OPERATION.getJobAttributes]: busy });
    await refused(run(printer.uri), "unavailable");
    assert.equal(printer.counts.get(OPERATION.getJobAttributes), 6);
  });
});

Deno.test("run() says that a printer is unavailable when nothing listens there", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await refused(run(`ipp://127.0.0.1:${port}/`), "unavailable");
});

Deno.test("run() does not wait for a printer that says nothing", async (t) => {
  for (const operation of OPERATIONS) {
    await t.step(`to ${operation}, once the run is cancelled`, async () => {
      const controller = new AbortController();
      const reason = new Error("cancelled by the orderer");
      const says: Says = () => (controller.abort(reason), new Promise(() => {}));
      await using printer = new BadPrinter({ [OPERATION[operation]]: says });
      await assert.rejects(() => run(printer.uri, controller.signal), reason);
    });
  }
  await t.step("longer than its time", async () => {
    const real = globalThis.setTimeout;
    globalThis.setTimeout = ((f: () => void, ms: number) => real(f, ms / 1000)) as typeof real;
    try {
      await using printer = new BadPrinter({
        [OPERATION.getPrinterAttributes]: () => new Promise(() => {}),
      });
      await refused(run(printer.uri), "unavailable");
    } finally {
      globalThis.setTimeout = real;
    }
  });
});

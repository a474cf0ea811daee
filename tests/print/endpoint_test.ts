import assert from "node:assert/strict";
import type { FetchContext } from "writ";
import { answerIpp } from "../../scripts/print/endpoint/ipp_endpoint.ts";
import { decodeIpp } from "../../scripts/print/ipp/decode.ts";
import { GROUP, OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { HEAD_BYTES } from "../../scripts/print/ipp/request_head.ts";
import { STATUS } from "../../scripts/print/ipp/status.ts";
import { attributesOf, numberOf, type Row, textsOf } from "../../scripts/print/ipp/values.ts";
import type { PrintService } from "../../scripts/print/service.ts";
import { FakeAgent } from "./fake_agent.ts";
import { fakeContext } from "./fake_context.ts";
import { askQueue, ippRequest, post, printText } from "./queue_client.ts";
import { TestPrinter } from "./test_printer.ts";

const TEXT: Row = ["document-format", TAG.mime, "text/plain"];

async function gzip(content: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return await new Response(new Blob([content]).stream().pipeThrough(new CompressionStream("gzip")))
    .bytes();
}

Deno.test("the endpoint answers what is malformed with IPP, as far as it can be read", async (t) => {
  await using printer = new TestPrinter();
  await using agent = new FakeAgent({ settings: { queues: { office: { printer: printer.uri } } } });
  const good = ippRequest(OPERATION.getPrinterAttributes);
  const changed = (at: number, ...bytes: number[]) => {
    const copy = good.slice();
    copy.set(bytes, at);
    return copy;
  };
  const cases: [name: string, status: number, bytes: Uint8Array<ArrayBuffer>][] = [
    ["nothing wrong", STATUS.ok, good],
    ["version 0.0", STATUS.versionNotSupported, changed(0, 0, 0)],
    ["version 3.0", STATUS.versionNotSupported, changed(0, 3, 0)],
    ["request-id 0", STATUS.badRequest, changed(4, 0, 0, 0, 0)],
    ["a negative request-id", STATUS.badRequest, changed(4, 255)],
    ["an unknown operation", STATUS.operationNotSupported, ippRequest(0x7777)],
    ["Purge-Jobs", STATUS.operationNotSupported, ippRequest(OPERATION.purgeJobs)],
    ["only a header", STATUS.badRequest, good.slice(0, 8)],
    ["a message cut short", STATUS.badRequest, good.slice(0, -3)],
    ["a reserved tag", STATUS.badRequest, changed(8, 0)],
    ["no operation group", STATUS.badRequest, changed(8, GROUP.job)],
    ["a charset that is not ours", STATUS.charsetNotSupported, latin(good)],
    [
      "an address of another scheme",
      STATUS.schemeNotSupported,
      ippRequest(OPERATION.getJobs, [], { uri: "ftp://localhost/ipp/print" }),
    ],
    [
      "an address that is none",
      STATUS.badRequest,
      ippRequest(OPERATION.getJobs, [], { uri: "ipp://" }),
    ],
    [
      "a job that is not there",
      STATUS.notFound,
      ippRequest(OPERATION.cancelJob, [["job-id", TAG.integer, 99]]),
    ],
    ["no job", STATUS.badRequest, ippRequest(OPERATION.cancelJob)],
    [
      "jobs of no kind",
      STATUS.valuesNotSupported,
      ippRequest(OPERATION.getJobs, [["which-jobs", TAG.keyword, "lost"]]),
    ],
    ["a document of no bytes", STATUS.badRequest, ippRequest(OPERATION.printJob, [TEXT])],
  ];
  for (const [name, status, bytes] of cases) {
    await t.step(name, async () => {
      const { code, requestId } = await post(agent.url, bytes);
      assert.equal(code, status);
      assert.equal(requestId, new DataView(bytes.buffer).getInt32(4));
    });
  }
  await t.step("fewer than 8 bytes", async () => {
    const headers = { "content-type": "application/ipp" };
    const response = await fetch(agent.url, { method: "POST", headers, body: good.slice(0, 7) });
    assert.equal(response.status, 400);
    await response.body?.cancel();
  });
  await t.step("a message without end", async () => {
    const value = new Uint8Array(60_000).fill(0x61);
    const head = good.slice(0, -1);
    const one = Uint8Array.of(0x30, 0, 1, 0x62, 0xea, 0x60, ...value);
    const many = Array.from({ length: Math.ceil(HEAD_BYTES / value.length) + 1 }, () => one);
    assert.equal((await post(agent.url, head, ...many)).code, STATUS.badRequest);
  });
  await t.step("a queue that is not there", async () => {
    const { code } = await askQueue(`${agent.url}/attic`, OPERATION.getPrinterAttributes);
    assert.equal(code, STATUS.notFound);
  });
  assert.equal(printer.jobs.length, 0);
});

/** The same request in another charset of the same length. */
function latin(request: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(request);
  const at = new TextDecoder("latin1").decode(copy).indexOf("utf-8");
  copy.set(new TextEncoder().encode("utf-7"), at);
  return copy;
}

Deno.test("the endpoint reads a request that comes byte by byte", async () => {
  await using printer = new TestPrinter();
  await using agent = new FakeAgent({ settings: { queues: { office: { printer: printer.uri } } } });
  const bytes = [...ippRequest(OPERATION.printJob, [TEXT]), ...new TextEncoder().encode("slow")];
  const body = ReadableStream.from(bytes.map((byte) => Uint8Array.of(byte)));
  const headers = { "content-type": "application/ipp" };
  const response = await fetch(agent.url, { method: "POST", headers, body });
  assert.equal(decodeIpp(await response.bytes()).message.code, STATUS.ok);
  await agent.jobIs(1, "completed");
  assert.deepEqual(printer.paper, ["slow"]);
});

Deno.test("the endpoint unpacks documents, as far as they may grow", async (t) => {
  await using printer = new TestPrinter();
  const queue = { printer: printer.uri, "max-document": "1 MB" };
  await using agent = new FakeAgent({ settings: { queues: { office: queue } } });
  const rows = (compression: string): Row[] => [TEXT, ["compression", TAG.keyword, compression]];
  const send = (compression: string, document: Uint8Array<ArrayBuffer>) =>
    post(agent.url, ippRequest(OPERATION.printJob, rows(compression)), document);
  const packed = await gzip(new TextEncoder().encode("packed"));
  await t.step("one that is as it says", async () => {
    assert.equal((await send("gzip", packed)).code, STATUS.ok);
    await agent.jobIs(1, "completed");
    assert.deepEqual(printer.paper, ["packed"]);
  });
  await t.step("of 1 MB, and of one byte more", async () => {
    assert.equal((await send("gzip", await gzip(new Uint8Array(1_000_000)))).code, STATUS.ok);
    const bomb = await gzip(new Uint8Array(1_000_001));
    assert.equal((await send("gzip", bomb)).code, STATUS.tooLarge);
  });
  await t.step("cut short", async () => {
    assert.equal((await send("gzip", packed.slice(0, -4))).code, STATUS.compressionError);
  });
  await t.step("that are none", async () => {
    const none = new TextEncoder().encode("not packed at all");
    assert.equal((await send("gzip", none)).code, STATUS.compressionError);
  });
  await t.step("packed in another way", async () => {
    assert.equal((await send("compress", packed)).code, STATUS.compressionNotSupported);
  });
});

Deno.test("the endpoint takes what the printer takes", async (t) => {
  await using printer = new TestPrinter();
  await using agent = new FakeAgent({ settings: { queues: { office: { printer: printer.uri } } } });
  const send = (rows: Row[], document: string, job: Row[] = []) =>
    askQueue(agent.url, OPERATION.printJob, rows, { document, job });
  await t.step("by the format that is said", async () => {
    assert.equal((await send([TEXT], "x")).code, STATUS.ok);
    const odt: Row = ["document-format", TAG.mime, "application/vnd.oasis.opendocument.text"];
    assert.equal((await send([odt], "x")).code, STATUS.formatNotSupported);
  });
  await t.step("by the first bytes where none is said", async () => {
    assert.equal((await send([], "%PDF-1.4 …")).code, STATUS.ok);
    assert.equal((await send([], "%!PS")).code, STATUS.formatNotSupported);
  });
  await t.step("and says what it ignores, or refuses it", async () => {
    const sides: Row = ["sides", TAG.keyword, "three-sided"];
    const fidelity: Row = ["ipp-attribute-fidelity", TAG.boolean, true];
    const ignored = await send([TEXT], "x", [sides]);
    assert.equal(ignored.code, STATUS.okIgnored);
    assert.deepEqual(textsOf(attributesOf(ignored, GROUP.unsupported), "sides"), ["three-sided"]);
    assert.equal((await send([TEXT, fidelity], "x", [sides])).code, STATUS.valuesNotSupported);
    const known: Row = ["sides", TAG.keyword, "one-sided"];
    assert.equal((await send([TEXT, fidelity], "x", [known])).code, STATUS.ok);
  });
});

Deno.test("the endpoint holds a job that says so in either group", async (t) => {
  await using printer = new TestPrinter();
  await using agent = new FakeAgent({ settings: { queues: { office: { printer: printer.uri } } } });
  const hold: Row = ["job-hold-until", TAG.keyword, "indefinite"];
  const cases: [name: string, rows: Row[], job: Row[]][] = [
    ["the operation's", [TEXT, hold], []],
    ["the job's", [TEXT], [hold]],
  ];
  for (const [name, rows, job] of cases) {
    await t.step(name, async () => {
      const said = await askQueue(agent.url, OPERATION.printJob, rows, { document: name, job });
      const id = numberOf(attributesOf(said, GROUP.job), "job-id")!;
      assert.equal(numberOf(attributesOf(said, GROUP.job), "job-state"), 4);
      assert.ok(!printer.job(name));
      await askQueue(agent.url, OPERATION.releaseJob, [["job-id", TAG.integer, id]]);
      await agent.jobIs(id, "completed");
      assert.ok(printer.job(name));
    });
  }
  await t.step("and no other word than it knows", async () => {
    const never: Row = ["job-hold-until", TAG.keyword, "never"];
    const { code } = await askQueue(agent.url, OPERATION.printJob, [TEXT, never], {
      document: "x",
    });
    assert.equal(code, STATUS.valuesNotSupported);
  });
});

Deno.test("the endpoint lists jobs as they are asked for", async () => {
  await using printer = new TestPrinter({ prints: false });
  await using agent = new FakeAgent({ settings: { queues: { office: { printer: printer.uri } } } });
  for (const user of ["ada", "grace", "ada"]) await printText(agent.url, "x", user);
  const ids = async (rows: Row[]) => {
    const { groups } = await askQueue(agent.url, OPERATION.getJobs, rows);
    return groups.filter(({ tag }) => tag === GROUP.job)
      .map(({ attributes }) => numberOf(attributes, "job-id"));
  };
  await agent.jobIs(1, "processing");
  assert.deepEqual(await ids([]), [1, 2, 3]);
  assert.deepEqual(await ids([["my-jobs", TAG.boolean, true]]), [1, 3]);
  assert.deepEqual(await ids([["limit", TAG.integer, 2]]), [1, 2]);
  assert.deepEqual(await ids([["which-jobs", TAG.keyword, "completed"]]), []);
});

Deno.test("Send-Document fills a job once", async () => {
  await using printer = new TestPrinter();
  await using agent = new FakeAgent({ settings: { queues: { office: { printer: printer.uri } } } });
  const created = await askQueue(agent.url, OPERATION.createJob, [["job-name", TAG.name, "two"]]);
  const job: Row = ["job-id", TAG.integer, numberOf(attributesOf(created, GROUP.job), "job-id")!];
  const last: Row = ["last-document", TAG.boolean, true];
  const send = (rows: Row[]) =>
    askQueue(agent.url, OPERATION.sendDocument, rows, { document: "once" });
  assert.equal((await send([job, TEXT])).code, STATUS.badRequest);
  assert.equal((await send([job, TEXT, last])).code, STATUS.ok);
  assert.equal((await send([job, TEXT, last])).code, STATUS.multipleDocuments);
  await agent.jobIs(1, "completed");
  assert.deepEqual(printer.paper, ["once"]);
});

Deno.test("Hold-Job holds until a time that comes, and nothing for one that has gone", async () => {
  await using printer = new TestPrinter();
  printer.says[OPERATION.getPrinterAttributes] = () => new Response(null, { status: 503 });
  await using agent = new FakeAgent({ settings: { queues: { office: { printer: printer.uri } } } });
  const id = await printText(agent.url, "a"), job: Row = ["job-id", TAG.integer, id];
  const hold = (...until: Row[]) => askQueue(agent.url, OPERATION.holdJob, [job, ...until]);
  const state = async () => {
    const said = await askQueue(agent.url, OPERATION.getJobAttributes, [job]);
    return numberOf(attributesOf(said, GROUP.job), "job-state");
  };
  const gone = Uint8Array.of(2020 >> 8, 2020 & 255, 1, 1, 0, 0, 0, 0, 0x2b, 0, 0);
  for (
    const until of [["job-hold-until", TAG.keyword, "no-hold"], [
      "job-hold-until-time",
      TAG.date,
      gone,
    ]] satisfies Row[]
  ) {
    assert.equal((await hold()).code, STATUS.ok);
    assert.equal(await state(), 4);
    assert.equal((await hold(until)).code, STATUS.ok);
    assert.notEqual(await state(), 4);
  }
});

Deno.test("a user's jobs are theirs, whatever letters the name has", async () => {
  await using printer = new TestPrinter({ prints: false });
  await using agent = new FakeAgent({ settings: { queues: { office: { printer: printer.uri } } } });
  const user = "\u202eada\x07", id = await printText(agent.url, "hers", user);
  const cancel = (user: string) =>
    askQueue(agent.url, OPERATION.cancelJob, [["job-id", TAG.integer, id]], { user });
  assert.equal((await cancel("ada")).code, STATUS.notAuthorized);
  assert.equal((await cancel(user)).code, STATUS.ok);
});

Deno.test("answerIpp() tells clients to try again when the agent cannot keep a job now", async () => {
  const statusOf = async (error: unknown) => {
    const settings = () => {
      throw error;
    };
    const service = { settings } as unknown as PrintService;
    const body = ippRequest(OPERATION.validateJob);
    const request = new Request("http://script.invalid/", { method: "POST", body });
    const { ctx } = fakeContext([]);
    const answer = await answerIpp(service, request, "/", ctx as unknown as FetchContext);
    return decodeIpp(await answer.bytes()).message.code;
  };
  const coded = (code: string) => Object.assign(new Error("no"), { code });
  for (const code of ["quota", "failed", "unavailable"]) {
    assert.equal(await statusOf(coded(code)), STATUS.temporaryError);
  }
  assert.equal(await statusOf(coded("conflict")), STATUS.internalError);
});

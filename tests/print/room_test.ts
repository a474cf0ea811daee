import assert from "node:assert/strict";
import { GROUP, OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { STATUS } from "../../scripts/print/ipp/status.ts";
import { attributesFrom } from "../../scripts/print/ipp/values.ts";
import { cancelEarly, isCanceledEarly } from "../../scripts/print/spool/canceled_early.ts";
import type { JobNews } from "../../scripts/print/target/hand_over.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { agentFor } from "./agent_for.ts";
import { FakeAgent } from "./fake_agent.ts";
import { FakeStore } from "./fake_stores.ts";
import { handedJob, textDocument } from "./handed_job.ts";
import { askQueue, printText } from "./queue_client.ts";
import { answer, TestPrinter } from "./test_printer.ts";

Deno.test("a job may ask for much, and not for more than a queue of them can keep", async () => {
  await using printer = new TestPrinter({ prints: false });
  const offer = attributesFrom([
    ["document-format-supported", TAG.mime, "text/plain"],
    ["operations-supported", TAG.enum, OPERATION.createJob, OPERATION.sendDocument],
    ["media-col-supported", TAG.keyword, "media-size"],
  ]);
  printer.says[OPERATION.getPrinterAttributes] = (request) =>
    answer(request, STATUS.ok, [{ tag: GROUP.printer, attributes: offer }]);
  await using agent = agentFor(printer);
  const asks = async (octets: number) => {
    const size = attributesFrom([["x", TAG.octets, new Uint8Array(octets)]]);
    const { code } = await askQueue(agent.url, OPERATION.printJob, [
      ["document-format", TAG.mime, "text/plain"],
    ], { document: "x", job: [["media-col", TAG.collection, size]] });
    return code;
  };
  assert.equal(await asks(4_000), STATUS.ok);
  assert.equal(await asks(4_100), STATUS.tooLarge);
});

Deno.test("a store that is full of jobs prints them, and lets them be cancelled", async () => {
  await using printer = new TestPrinter();
  let isBusy = true;
  printer.says[OPERATION.createJob] = (request) =>
    isBusy ? answer(request, STATUS.busy) : undefined;
  const settings = { queues: { office: { printer: printer.uri } } };
  await using agent = new FakeAgent({ settings, storeLength: 70_000 });
  let taken = 0;
  const document = [["document-format", TAG.mime, "text/plain"] as const];
  for (let code: number = STATUS.ok; code === STATUS.ok; taken++) {
    ({ code } = await askQueue(agent.url, OPERATION.printJob, document, { document: `${taken}` }));
    if (code !== STATUS.ok) assert.equal(code, STATUS.temporaryError);
  }
  taken--;
  const canceled = await askQueue(agent.url, OPERATION.cancelJob, [["job-id", TAG.integer, 2]]);
  assert.equal(canceled.code, STATUS.ok);
  isBusy = false;
  await agent.event(({ state }) => state === "completed");
  const done = () =>
    agent.events.filter(({ data }) => (data as { state: string }).state === "completed");
  while (done().length < taken - 1) {
    const count = done().length;
    await agent.event(() => done().length > count);
  }
  assert.equal(printer.paper.length, taken - 1);
  assert.ok(await printText(agent.url, "there is room again") > taken);
});

Deno.test("a store that is full forgets no job whose end another agent waits to hear of", async () => {
  await using printer = new TestPrinter();
  const settings = { queues: { office: { printer: printer.uri } } };
  await using agent = new FakeAgent({ settings, storeLength: 70_000 });
  const job = handedJob();
  await agent.run({ queue: "office", job }, [textDocument("once")]);
  await agent.jobIs(1, "completed");
  printer.says[OPERATION.createJob] = (request) => answer(request, STATUS.busy);
  const document = [["document-format", TAG.mime, "text/plain"] as const];
  let last = 0;
  for (let code: number = STATUS.ok; code === STATUS.ok; last++) {
    ({ code } = await askQueue(agent.url, OPERATION.printJob, document, { document: "x" }));
  }
  for (let id = 2; id <= last; id++) {
    const said = await askQueue(agent.url, OPERATION.cancelJob, [["job-id", TAG.integer, id]]);
    assert.equal(said.code, STATUS.ok);
  }
  const known = { uuid: job.uuid, reasons: [], pages: null };
  const { news } = await agent.run({ queue: "office", watch: [known] }) as { news: JobNews[] };
  assert.deepEqual(news.map(({ state }) => state), ["completed"]);
});

Deno.test("cancelEarly() forgets the oldest of one orderer, and nobody else's", async () => {
  using dir = new TemporaryDir();
  const store = new FakeStore(`${dir.path}/store.db`);
  try {
    const now = Date.now();
    const mark = (uuid: string, at: number, by: string) => ({
      set: `canceled/${uuid}`,
      value: { at, by },
    });
    await store.batch([
      mark("a day old", now - 86_400_001, "others"),
      mark("theirs", now - 80_000_000, "others"),
      mark("0000", now - 80_000_000, "flood"),
      ...Array.from({ length: 1_499 }, (_, i) => mark(`flood ${i}`, now - 70_000_000, "flood")),
    ]);
    for (let i = 0; i < 10; i++) await cancelEarly(store, `next ${i}`, "flood");
    const left = await Promise.all(
      ["a day old", "theirs", "0000", "next 9"].map((uuid) => isCanceledEarly(store, uuid)),
    );
    assert.deepEqual(left, [false, true, false, true]);
    const first = await store.list({ prefix: "canceled/" });
    const rest = await store.list({ prefix: "canceled/", after: first.at(-1)!.key });
    assert.equal(first.length + rest.length, 1_001);
  } finally {
    store.close();
  }
});

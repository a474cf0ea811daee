import assert from "node:assert/strict";
import { BOUNDS, GROUP, type IppMessage, OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { STATUS } from "../../scripts/print/ipp/status.ts";
import {
  attributesFrom,
  attributesOf,
  groupsOf,
  numberOf,
  type Row,
  textsOf,
} from "../../scripts/print/ipp/values.ts";
import { PrintError } from "../../scripts/print/errors.ts";
import { newJob } from "../../scripts/print/spool/new_job.ts";
import { within } from "../within.ts";
import { agentFor } from "./agent_for.ts";
import type { FakeAgent } from "./fake_agent.ts";
import { fakeContext } from "./fake_context.ts";
import { FakeStore } from "./fake_stores.ts";
import { textDocument } from "./handed_job.ts";
import { print } from "./print_script.ts";
import { askQueue, printText } from "./queue_client.ts";
import { answer, cut, TestPrinter } from "./test_printer.ts";

const utf8 = new TextEncoder();
const cancel = (agent: FakeAgent, id: number) =>
  askQueue(agent.url, OPERATION.cancelJob, [["job-id", TAG.integer, id]]);

/** A printer that was switched off, counts from 1 again, and has somebody else's job. */
function countsAnew(printer: TestPrinter, state: number): void {
  const id = printer.jobs[0]!.id;
  const document = utf8.encode("a stranger's");
  printer.jobs.length = 0;
  printer.jobs.push({ id, name: "a stranger's", state, reasons: [], begun: true, document });
}

Deno.test("a job is in doubt once its printer calls another one by its id", async () => {
  await using printer = new TestPrinter({ prints: false });
  printer.says[OPERATION.getJobAttributes] = () => (countsAnew(printer, 9), undefined);
  await using agent = agentFor(printer);
  await printText(agent.url, "ours");
  await agent.jobIs(1, "in doubt");
});

Deno.test("a printer that keeps but the beginning of a name is believed", async (t) => {
  const titles = ["a long title", `${"x".repeat(9)}üüü`];
  for (const title of titles) {
    await t.step(title, async () => {
      await using printer = new TestPrinter();
      printer.says[OPERATION.sendDocument] = (request) => {
        const said = printer.answer(request, utf8.encode(title));
        const kept = utf8.encode(printer.jobs[0]!.name).subarray(0, 10);
        printer.jobs[0] = { ...printer.jobs[0]!, name: new TextDecoder().decode(kept) };
        return said;
      };
      await using agent = agentFor(printer);
      await printText(agent.url, title);
      await agent.jobIs(1, "completed");
    });
  }
});

Deno.test("cancelling a job leaves another one alone that has its id now", async () => {
  await using printer = new TestPrinter({ prints: false });
  await using agent = agentFor(printer);
  printer.says[OPERATION.getJobAttributes] = async (request, count) => {
    if (count > 1) return undefined;
    const said = printer.answer(request, new Uint8Array());
    countsAnew(printer, 5);
    await cancel(agent, 1);
    return said;
  };
  await printText(agent.url, "ours");
  await agent.jobIs(1, "canceled");
  assert.deepEqual([printer.jobs[0]!.state, printer.count(OPERATION.cancelJob)], [5, 0]);
});

Deno.test("an order without a queue takes nobody else's job for its own", async (t) => {
  await t.step("when it looks how it is", async () => {
    await using printer = new TestPrinter({ prints: false });
    printer.says[OPERATION.getJobAttributes] = () => (countsAnew(printer, 9), undefined);
    const { ctx } = fakeContext([textDocument("ours")]);
    await assert.rejects(
      () => print.run({ printer: printer.uri }, ctx),
      (error) => error instanceof PrintError && error.code === "refused",
    );
  });
  await t.step("when it is cancelled", async () => {
    await using printer = new TestPrinter({ prints: false });
    const controller = new AbortController(), reason = new Error("cancelled by the orderer");
    const { ctx } = fakeContext([textDocument("ours")], {
      signal: controller.signal,
      onEvent: () => (countsAnew(printer, 5), controller.abort(reason)),
    });
    await assert.rejects(() => print.run({ printer: printer.uri }, ctx), reason);
    assert.deepEqual([printer.jobs[0]!.state, printer.count(OPERATION.cancelJob)], [5, 0]);
  });
});

Deno.test("a job is not found in another one whose name holds its UUID", async () => {
  await using printer = new TestPrinter();
  await using agent = agentFor(printer);
  printer.says[OPERATION.createJob] = (_, count) => {
    if (count > 1) return undefined;
    const { uuid } = agent.events[0]!.data as { uuid: string };
    const name = `${uuid} ${crypto.randomUUID()}`;
    printer.jobs.push({ id: 70, name, state: 5, reasons: [], begun: true });
    return cut();
  };
  await printText(agent.url, "ours");
  await agent.jobIs(1, "completed");
  assert.equal(printer.job("ours")!.id, 71);
});

Deno.test("a document is not sent again that a printer says no to and prints", async (t) => {
  for (const [name, operation, createsJobs] of SENDING) {
    await t.step(name, async () => {
      await using printer = new TestPrinter({ createsJobs });
      printer.says[operation] = (request) => {
        printer.answer(request, utf8.encode("once"));
        return answer(request, STATUS.internalError);
      };
      await using agent = agentFor(printer);
      await printText(agent.url, "once");
      await agent.jobIs(1, "completed");
      assert.deepEqual(printer.paper, ["once"]);
    });
    await t.step(`${name}: it is when it does not print`, async () => {
      await using printer = new TestPrinter({ createsJobs });
      printer.says[operation] = (request, count) =>
        count === 1 ? answer(request, STATUS.internalError) : undefined;
      await using agent = agentFor(printer);
      await printText(agent.url, "once");
      await agent.jobIs(1, "completed");
      assert.deepEqual(printer.paper, ["once"]);
    });
  }
});

const SENDING = [
  ["Send-Document", OPERATION.sendDocument, true],
  ["Print-Job", OPERATION.printJob, false],
] as const;

Deno.test("a printer without Create-Job that lists no job that is over cannot tell whether it printed", async (t) => {
  await t.step("and a person has to look", async () => {
    await using printer = new TestPrinter({ createsJobs: false });
    printer.says[OPERATION.printJob] = (request) => {
      printer.answer(request, utf8.encode("once"));
      return cut();
    };
    printer.says[OPERATION.getJobs] = (request) => answer(request, STATUS.ok);
    await using agent = agentFor(printer);
    await printText(agent.url, "once");
    await agent.jobIs(1, "in doubt");
    assert.deepEqual(printer.paper, ["once"]);
  });
  await t.step("and one that lists others can", async () => {
    await using printer = new TestPrinter({ createsJobs: false });
    await using agent = agentFor(printer);
    await printText(agent.url, "before");
    await agent.jobIs(1, "completed");
    printer.says[OPERATION.printJob] = (_, count) => count === 2 ? cut() : undefined;
    await agent.jobIs(await printText(agent.url, "once"), "completed");
    assert.deepEqual(printer.paper, ["before", "once"]);
  });
});

Deno.test("a printer that lists more than can be read stops no queue, and gets nothing twice", async (t) => {
  const long = () => {
    const headers = { "content-type": "application/ipp" };
    return new Response(new Uint8Array(BOUNDS.bytes + 1), { headers });
  };
  await t.step("where nothing can have printed", async () => {
    await using printer = new TestPrinter();
    printer.says[OPERATION.createJob] = (_, count) => count === 1 ? cut() : undefined;
    printer.says[OPERATION.getJobs] = long;
    await using agent = agentFor(printer);
    await agent.jobIs(await printText(agent.url, "once"), "completed");
    assert.deepEqual(printer.paper, ["once"]);
  });
  for (const [name, said] of [["broken off", cut], ["answered no", noAnswer]] as const) {
    await t.step(`where it may have printed: ${name}`, async () => {
      await using printer = new TestPrinter({ createsJobs: false });
      printer.says[OPERATION.printJob] = (request, count) => {
        if (count > 1) return undefined;
        printer.answer(request, utf8.encode("once"));
        return said(request);
      };
      printer.says[OPERATION.getJobs] = long;
      await using agent = agentFor(printer);
      await agent.jobIs(await printText(agent.url, "once"), "in doubt");
      await agent.jobIs(await printText(agent.url, "next"), "completed");
      assert.deepEqual(printer.paper, ["once", "next"]);
    });
  }
});

const noAnswer = (request: IppMessage) => answer(request, STATUS.internalError);

Deno.test("a job is cancelled while its document is on its way", async (t) => {
  for (const [name, operation, createsJobs] of SENDING) {
    await t.step(name, async () => {
      const read = Promise.withResolvers<undefined>();
      await using printer = new TestPrinter({ createsJobs });
      const came = Promise.withResolvers<void>();
      printer.says[operation] = () => (came.resolve(), read.promise);
      await using agent = agentFor(printer);
      await printText(agent.url, "unwanted");
      await within(came.promise, "the document");
      await cancel(agent, 1);
      await agent.jobIs(1, "canceled");
      assert.deepEqual(printer.paper, []);
      read.resolve(undefined);
    });
  }
});

Deno.test("a printer's endless words and sizes stop no queue, and no client that asks", async () => {
  await using printer = new TestPrinter({ prints: false });
  const says = (tag: number, rows: readonly Row[]) => (request: IppMessage) =>
    answer(request, STATUS.ok, [{ tag, attributes: attributesFrom(rows) }]);
  printer.says[OPERATION.getPrinterAttributes] = says(GROUP.printer, [
    ["document-format-supported", TAG.mime, "text/plain"],
    ["operations-supported", TAG.enum, OPERATION.createJob, OPERATION.sendDocument],
    ["media-supported", TAG.keyword, "custom_x_99999999x99999999mm", "iso_a4_210x297mm"],
    ["printer-state-reasons", TAG.text, `\x1b[2J${"y".repeat(1_000)}`],
  ]);
  printer.says[OPERATION.getJobAttributes] = says(GROUP.job, [
    ["job-state", TAG.enum, 5],
    ["job-state-reasons", TAG.text, "x".repeat(1_000)],
  ]);
  await using agent = agentFor(printer);
  const told = Promise.withResolvers<void>();
  const id = await printText(agent.url, "a");
  const { getJobAttributes } = OPERATION;
  const looks = printer.says[getJobAttributes]!;
  printer.says[getJobAttributes] = (request, count) => {
    if (count > 2) told.resolve();
    return looks(request, count);
  };
  await within(told.promise, "looks at a job that prints");
  const jobs = await askQueue(agent.url, OPERATION.getJobs, [
    ["requested-attributes", TAG.keyword, "all"],
  ]);
  const [group] = groupsOf(jobs, GROUP.job);
  assert.equal(numberOf(group!.attributes, "job-id"), id);
  assert.deepEqual(textsOf(group!.attributes, "job-state-reasons"), ["x".repeat(255)]);
  const offer = await askQueue(agent.url, OPERATION.getPrinterAttributes);
  const [reason] = textsOf(attributesOf(offer, GROUP.printer), "printer-state-reasons");
  assert.equal(reason, ` [2J${"y".repeat(251)}`);
});

Deno.test("a job that is written so that nothing can be made of it blocks nobody", async () => {
  await using printer = new TestPrinter();
  const dir = await Deno.makeTempDir({ prefix: "writ-print-" });
  try {
    const ticket = { uuid: crypto.randomUUID(), user: "ada", name: "bad", format: "text/plain" };
    const bad = newJob(
      1,
      "office",
      { ...ticket, template: "!", copies: 1, fidelity: false },
      "taken",
    );
    const store = new FakeStore(`${dir}/store.db`);
    await store.batch([{ set: "job/0000000001", value: { ...bad, turn: 1 } }, {
      set: "ids",
      value: 1,
    }]);
    store.close();
    await using agent = agentFor(printer, {}, dir);
    await agent.jobIs(await printText(agent.url, "good"), "completed");
    await agent.jobIs(1, "aborted");
    assert.deepEqual(printer.paper, ["good"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

import assert from "node:assert/strict";
import { OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { STATUS } from "../../scripts/print/ipp/status.ts";
import { PrintError } from "../../scripts/print/errors.ts";
import { within } from "../within.ts";
import { agentFor } from "./agent_for.ts";
import { plainText } from "./documents.ts";
import { FakeAgent } from "./fake_agent.ts";
import { askQueue, ippRequest, printText } from "./queue_client.ts";
import { answer, cut, TestPrinter } from "./test_printer.ts";

Deno.test("a queue prints what it took, one after another, and forgets the documents", async () => {
  await using printer = new TestPrinter();
  await using agent = agentFor(printer);
  const texts = Array.from({ length: 8 }, (_, i) => `page ${i}`);
  const ids = [];
  for (const text of texts) ids.push(await printText(agent.url, text));
  for (const id of ids) await agent.jobIs(id, "completed");
  assert.deepEqual(printer.paper, texts);
  assert.ok(printer.jobs.every(({ name }) => /^page \d [0-9a-f-]{36}$/.test(name)));
});

Deno.test("a busy printer delays the queue and changes nothing of its sequence", async () => {
  await using printer = new TestPrinter();
  printer.says[OPERATION.createJob] = (request, count) =>
    count <= 3 ? answer(request, STATUS.busy) : undefined;
  await using agent = agentFor(printer);
  for (const text of ["a", "b", "c"]) await printText(agent.url, text);
  await agent.jobIs(3, "completed");
  assert.deepEqual(printer.paper, ["a", "b", "c"]);
});

Deno.test("a job's turn is that of when it was taken, however long its document came", async () => {
  await using printer = new TestPrinter();
  const busy = Promise.withResolvers<void>();
  let isBusy = true;
  printer.says[OPERATION.createJob] = (request) =>
    isBusy ? (busy.resolve(), answer(request, STATUS.busy)) : undefined;
  await using agent = agentFor(printer);
  const document = "slow but there";
  const head = ippRequest(OPERATION.printJob, [["document-format", TAG.mime, "text/plain"]]);
  using slow = await Deno.connect({ hostname: "127.0.0.1", port: agent.port });
  const encoder = new TextEncoder();
  await slow.write(encoder.encode(
    "POST /ipp/print HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\n" +
      `Content-Length: ${head.length + document.length}\r\nConnection: close\r\n\r\n`,
  ));
  await slow.write(head);
  await slow.write(encoder.encode(document.slice(0, 9)));
  for (const text of ["a", "b"]) await printText(agent.url, text);
  await within(busy.promise, "a job that the printer is asked to take");
  await slow.write(encoder.encode(document.slice(9)));
  assert.match(await new Response(slow.readable).text(), /^HTTP\/1.1 200 /);
  await printText(agent.url, "c");
  isBusy = false;
  await agent.jobIs(4, "completed");
  assert.deepEqual(printer.paper, ["a", "b", document, "c"]);
});

Deno.test("a job that can never print is aborted with the printer's words, and blocks nobody", async () => {
  await using printer = new TestPrinter();
  printer.says[OPERATION.createJob] = (request, count) =>
    count === 1 ? answer(request, STATUS.formatNotSupported) : undefined;
  await using agent = agentFor(printer);
  await printText(agent.url, "bad");
  await printText(agent.url, "good");
  await agent.jobIs(2, "completed");
  const aborted = agent.events.map(({ data }) => data as Record<string, unknown>)
    .find(({ state }) => state === "aborted")!;
  assert.equal(aborted.job, 1);
  assert.match(String(aborted.message), /document-format-not-supported/);
});

Deno.test("a job that the printer itself cancelled is not sent again", async () => {
  await using printer = new TestPrinter({ prints: false });
  await using agent = agentFor(printer);
  await printText(agent.url, "a");
  printer.says[OPERATION.getJobAttributes] = () => {
    printer.jobs[0]!.state = 7;
    return undefined;
  };
  await agent.jobIs(1, "canceled");
  assert.equal(printer.count(OPERATION.createJob), 1);
});

Deno.test("after the connection broke, the printer is asked before anything is sent again", async (t) => {
  await t.step("while the job was made: no second job", async () => {
    await using printer = new TestPrinter();
    printer.says[OPERATION.createJob] = (request, count) => {
      if (count > 1) return undefined;
      printer.answer(request, new Uint8Array());
      return cut();
    };
    await using agent = agentFor(printer);
    await printText(agent.url, "once");
    await agent.jobIs(1, "completed");
    assert.deepEqual([printer.jobs.length, printer.paper], [1, ["once"]]);
  });
  await t.step("after the document came: followed, not sent again", async () => {
    await using printer = new TestPrinter();
    printer.says[OPERATION.sendDocument] = (request) => {
      printer.answer(request, new TextEncoder().encode("once"));
      return cut();
    };
    await using agent = agentFor(printer);
    await printText(agent.url, "once");
    await agent.jobIs(1, "completed");
    assert.equal(printer.count(OPERATION.sendDocument), 1);
  });
  await t.step("before the document came: sent again", async () => {
    await using printer = new TestPrinter();
    printer.says[OPERATION.sendDocument] = (_, count) => count === 1 ? cut() : undefined;
    await using agent = agentFor(printer);
    await printText(agent.url, "once");
    await agent.jobIs(1, "completed");
    assert.deepEqual(printer.paper, ["once"]);
  });
  await t.step("and the printer forgot: a person has to look", async () => {
    await using printer = new TestPrinter();
    printer.says[OPERATION.sendDocument] = (request) => {
      printer.answer(request, new TextEncoder().encode("perhaps"));
      printer.jobs.length = 0;
      return cut();
    };
    await using agent = agentFor(printer);
    await printText(agent.url, "perhaps");
    await agent.jobIs(1, "in doubt");
    delete printer.says[OPERATION.sendDocument];
    await printText(agent.url, "next");
    await agent.jobIs(2, "completed");
    assert.deepEqual(printer.paper, ["next"]);
    await askQueue(agent.url, OPERATION.releaseJob, [["job-id", TAG.integer, 1]]);
    await agent.jobIs(1, "completed");
    assert.deepEqual(printer.paper, ["next", "perhaps"]);
  });
  await t.step("and the printer talks nonsense: a person has to look", async () => {
    await using printer = new TestPrinter();
    printer.says[OPERATION.sendDocument] = cut;
    printer.says[OPERATION.getJobAttributes] = () => new Response("<html>");
    await using agent = agentFor(printer);
    await printText(agent.url, "perhaps");
    await agent.jobIs(1, "in doubt");
    assert.equal(printer.count(OPERATION.sendDocument), 1);
  });
});

Deno.test("a printer without Create-Job is asked for its list before a document is sent again", async () => {
  await using printer = new TestPrinter({ createsJobs: false });
  printer.says[OPERATION.printJob] = (request, count) => {
    if (count > 1) return undefined;
    printer.answer(request, new TextEncoder().encode("once"));
    return cut();
  };
  await using agent = agentFor(printer);
  await printText(agent.url, "once");
  await agent.jobIs(1, "completed");
  assert.deepEqual(printer.paper, ["once"]);
  assert.ok(printer.count(OPERATION.getJobs) > 0);
});

Deno.test("an agent that stops and starts again goes on where it was", async () => {
  await using printer = new TestPrinter();
  const dir = await Deno.makeTempDir({ prefix: "writ-print-" });
  try {
    {
      await using agent = agentFor(printer, {}, dir);
      await askQueue(agent.url, OPERATION.printJob, [
        ["document-format", TAG.mime, "text/plain"],
        ["job-hold-until", TAG.keyword, "indefinite"],
      ], { document: "held" });
      printer.says[OPERATION.getPrinterAttributes] = () => new Response(null, { status: 503 });
      await printText(agent.url, "waits");
    }
    delete printer.says[OPERATION.getPrinterAttributes];
    await using agent = agentFor(printer, {}, dir);
    await agent.jobIs(2, "completed");
    await askQueue(agent.url, OPERATION.releaseJob, [["job-id", TAG.integer, 1]]);
    await agent.jobIs(1, "completed");
    assert.deepEqual(printer.paper, ["waits", "held"]);
    assert.ok(await printText(agent.url, "new") > 2, "an id was used twice");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a job is cancelled at any stage", async (t) => {
  const cancel = (agent: FakeAgent, id: number) =>
    askQueue(agent.url, OPERATION.cancelJob, [["job-id", TAG.integer, id]]);
  await t.step("while it waits", async () => {
    await using printer = new TestPrinter({ prints: false });
    await using agent = agentFor(printer);
    await printText(agent.url, "first");
    await printText(agent.url, "second");
    assert.equal((await cancel(agent, 2)).code, STATUS.ok);
    await agent.jobIs(2, "canceled");
    assert.equal((await cancel(agent, 2)).code, STATUS.notPossible);
  });
  await t.step("while its printer is asked how it is", async () => {
    await using printer = new TestPrinter();
    await using agent = agentFor(printer);
    printer.says[OPERATION.getPrinterAttributes] = async (_, count) => {
      if (count === 2) assert.equal((await cancel(agent, 1)).code, STATUS.ok);
      return undefined;
    };
    await printText(agent.url, "unwanted");
    await agent.jobIs(1, "canceled");
    await agent.jobIs(await printText(agent.url, "next"), "completed");
    assert.deepEqual([printer.paper, agent.log], [["next"], []]);
  });
  await t.step("while it prints", async () => {
    await using printer = new TestPrinter({ prints: false });
    await using agent = agentFor(printer);
    await printText(agent.url, "long");
    await agent.jobIs(1, "processing");
    assert.equal((await cancel(agent, 1)).code, STATUS.ok);
    await agent.jobIs(1, "canceled");
  });
  await t.step("by its owner alone", async () => {
    await using printer = new TestPrinter({ prints: false });
    await using agent = agentFor(printer);
    await printText(agent.url, "hers", "grace");
    assert.equal((await cancel(agent, 1)).code, STATUS.notAuthorized);
  });
});

Deno.test("a queue of another agent prints there, once and in sequence", async () => {
  await using printer = new TestPrinter();
  await using owner = agentFor(printer);
  const settings = { queues: { far: { agent: "owner", queue: "office" } } };
  await using agent = new FakeAgent({ settings, peers: { owner } });
  for (const text of ["a", "b", "c"]) await printText(agent.url, text);
  await agent.jobIs(3, "completed");
  assert.deepEqual(printer.paper, ["a", "b", "c"]);
});

Deno.test("an order prints in a queue, and ends as its job does", async () => {
  await using printer = new TestPrinter();
  await using agent = agentFor(printer);
  const output = await agent.run({ queue: "office", jobName: "notes" }, [plainText()]) as {
    state: string;
    queue: string;
  };
  assert.deepEqual([output.state, output.queue], ["completed", "office"]);
  assert.match(printer.jobs[0]!.name, /^notes /);
  await assert.rejects(
    () => agent.run({ queue: "attic" }, [plainText()]),
    (error) => error instanceof PrintError && error.code === "bad_settings",
  );
});

import assert from "node:assert/strict";
import { GROUP, OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { STATUS } from "../../scripts/print/ipp/status.ts";
import { attributesFrom } from "../../scripts/print/ipp/values.ts";
import { within } from "../within.ts";
import { agentFor } from "./agent_for.ts";
import { askQueue, printText } from "./queue_client.ts";
import { answer, TestPrinter } from "./test_printer.ts";

Deno.test("a queue takes no more than its limits, of all and of one user", async () => {
  await using printer = new TestPrinter({ prints: false });
  await using agent = agentFor(printer, { jobs: 3, "jobs-per-user": 2 });
  await printText(agent.url, "1", "ada");
  await printText(agent.url, "2", "ada");
  const document = [["document-format", TAG.mime, "text/plain"] as const];
  const more = (user: string) =>
    askQueue(agent.url, OPERATION.printJob, document, { document: "x", user });
  assert.equal((await more("ada")).code, STATUS.busy);
  assert.equal((await more("grace")).code, STATUS.ok);
  assert.equal((await more("linus")).code, STATUS.busy);
});

Deno.test("a job that waits longer than its queue allows is given up", async () => {
  await using printer = new TestPrinter();
  printer.says[OPERATION.createJob] = (request) => answer(request, STATUS.busy);
  await using agent = agentFor(printer, { "max-age": "500 ms" });
  await printText(agent.url, "old");
  await agent.jobIs(1, "aborted");
  assert.deepEqual(printer.paper, []);
});

Deno.test("a job that is held until a time prints then, after those that came meanwhile", async () => {
  await using printer = new TestPrinter();
  await using agent = agentFor(printer);
  const at = new Date(Date.now() + 2_000).toISOString().slice(11, 19);
  await askQueue(agent.url, OPERATION.printJob, [
    ["job-name", TAG.name, "later"],
    ["document-format", TAG.mime, "text/plain"],
  ], { job: [["job-hold-until", TAG.keyword, at]], document: "later" });
  await printText(agent.url, "now");
  await agent.jobIs(2, "completed");
  await agent.jobIs(1, "completed");
  assert.deepEqual(printer.paper, ["now", "later"]);
});

Deno.test("a printer that takes no jobs for a while delays the queue, and gets all in sequence", async () => {
  await using printer = new TestPrinter();
  const stopped = attributesFrom([
    ["document-format-supported", TAG.mime, "text/plain"],
    ["printer-is-accepting-jobs", TAG.boolean, false],
    ["printer-state", TAG.enum, 5],
    ["printer-state-reasons", TAG.keyword, "media-empty"],
  ]);
  printer.says[OPERATION.getPrinterAttributes] = (request, count) =>
    count <= 2 ? answer(request, 0, [{ tag: GROUP.printer, attributes: stopped }]) : undefined;
  await using agent = agentFor(printer);
  for (const text of ["a", "b"]) await printText(agent.url, text);
  await agent.jobIs(2, "completed");
  assert.deepEqual(printer.paper, ["a", "b"]);
});

Deno.test("a clock that is set forward makes no job too old", async () => {
  await using printer = new TestPrinter();
  const busy = Promise.withResolvers<void>();
  let isBusy = true;
  printer.says[OPERATION.createJob] = (request) =>
    isBusy ? (busy.resolve(), answer(request, STATUS.busy)) : undefined;
  await using agent = agentFor(printer);
  await printText(agent.url, "a");
  await within(busy.promise, "a job that the printer is asked to take");
  const real = Date.now, days = 8 * 86_400_000;
  Date.now = () => real() + days;
  try {
    await printText(agent.url, "b");
    isBusy = false;
    await agent.jobIs(2, "completed");
  } finally {
    Date.now = real;
  }
  assert.deepEqual(printer.paper, ["a", "b"]);
});

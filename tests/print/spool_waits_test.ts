import assert from "node:assert/strict";
import { GROUP, OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { STATUS } from "../../scripts/print/ipp/status.ts";
import { attributesFrom } from "../../scripts/print/ipp/values.ts";
import type { Job } from "../../scripts/print/spool/job.ts";
import { SteadyClock } from "../../scripts/print/spool/steady_clock.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { until } from "../until.ts";
import { within } from "../within.ts";
import { agentFor } from "./agent_for.ts";
import { FakeStore } from "./fake_stores.ts";
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

/** A printer that is busy until it is told otherwise. */
function busyPrinter() {
  const printer = new TestPrinter();
  const asked = Promise.withResolvers<void>();
  const busy = { is: true, asked: asked.promise };
  printer.says[OPERATION.createJob] = (request) =>
    busy.is ? (asked.resolve(), answer(request, STATUS.busy)) : undefined;
  return { printer, busy };
}

Deno.test("a clock that is set forward makes no job too old", async () => {
  const { printer, busy } = busyPrinter();
  await using _ = printer;
  await using agent = agentFor(printer);
  await printText(agent.url, "a");
  await within(busy.asked, "a job that the printer is asked to take");
  const real = Date.now, days = 8 * 86_400_000;
  Date.now = () => real() + days;
  try {
    await printText(agent.url, "b");
    busy.is = false;
    await agent.jobIs(2, "completed");
  } finally {
    Date.now = real;
  }
  assert.deepEqual(printer.paper, ["a", "b"]);
});

Deno.test("a clock that is set before a restart makes no job too old after it", async (t) => {
  const real = Date.now, days = 8 * 86_400_000;
  for (const [name, ms] of [["forward", days], ["back", -days]] as const) {
    await t.step(name, async () => {
      const { printer, busy } = busyPrinter();
      await using _ = printer;
      using dir = new TemporaryDir();
      const store = new FakeStore(`${dir.path}/store.db`);
      const schedule = new FakeStore(`${dir.path}/schedule.db`);
      const next = async () => (await schedule.get<{ at: number }>("queue:office"))!.at;
      const created = async () => (await store.get<Job>("job/0000000001"))!.created;
      try {
        {
          await using agent = agentFor(printer, {}, dir.path);
          await printText(agent.url, "a");
          await within(busy.asked, "a job that the printer is asked to take");
          const before = await created();
          Date.now = () => real() + ms;
          await until(async () => Math.abs(await created() - before - ms) < 60_000);
          await until(async () => await next() - Date.now() < 60_000);
        }
        busy.is = false;
        await using after = agentFor(printer, {}, dir.path);
        await after.jobIs(1, "completed");
      } finally {
        Date.now = real;
        store.close();
        schedule.close();
      }
      assert.deepEqual(printer.paper, ["a"]);
    });
  }
});

Deno.test("SteadyClock.follow() leaves alone what came by another clock than the one that was wrong", () => {
  const real = Date.now;
  Date.now = () => 1_000;
  try {
    const clock = new SteadyClock();
    assert.equal(clock.follow(), undefined);
    Date.now = real;
    const { before, byMs } = clock.follow()!;
    assert.ok(before < 60_000, "it began in 1970");
    assert.ok(Math.abs(real() - before - byMs) < 60_000);
    assert.equal(clock.follow(), undefined);
  } finally {
    Date.now = real;
  }
});

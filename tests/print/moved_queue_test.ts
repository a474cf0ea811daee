import assert from "node:assert/strict";
import { OPERATION } from "../../scripts/print/ipp/message.ts";
import { FakeAgent } from "./fake_agent.ts";
import { printText } from "./queue_client.ts";
import { cut, TestPrinter } from "./test_printer.ts";
import { within } from "../within.ts";

const utf8 = new TextEncoder();

/** What a printer remembers that can tell which jobs it never had. */
const OTHER = { id: 1, name: "before", state: 9, reasons: [], begun: false };

/** A job that is begun while its queue leads to one place, and goes on when it leads to another. */
async function moves(
  from: { queue: unknown; peers?: Record<string, FakeAgent>; begun: Promise<void> },
  to: unknown,
  state: string,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "writ-print-" });
  try {
    {
      const { queue, peers = {} } = from;
      await using agent = new FakeAgent({ settings: { queues: { office: queue } }, peers, dir });
      await printText(agent.url, "once");
      await within(from.begun, "what the queue led to first");
    }
    await using agent = new FakeAgent({ settings: { queues: { office: to } }, dir });
    await agent.jobIs(1, state);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a job that may have printed where its queue led before is in doubt", async (t) => {
  await t.step("at a printer that takes jobs whole", async () => {
    await using before = new TestPrinter({ createsJobs: false });
    await using after = new TestPrinter({ createsJobs: false });
    after.jobs.push(OTHER);
    const begun = Promise.withResolvers<void>();
    before.says[OPERATION.printJob] = (request) => {
      before.answer(request, utf8.encode("once"));
      return cut();
    };
    before.says[OPERATION.getJobs] = () => (begun.resolve(), new Response(null, { status: 503 }));
    const from = { queue: { printer: before.uri }, begun: begun.promise };
    await moves(from, { printer: after.uri }, "in doubt");
    assert.deepEqual([before.paper, after.paper], [["once"], []]);
  });
  await t.step("at another agent", async () => {
    await using far = new TestPrinter();
    await using after = new TestPrinter();
    after.jobs.push(OTHER);
    await using owner = new FakeAgent({ settings: { queues: { office: { printer: far.uri } } } });
    const run = owner.run.bind(owner), begun = Promise.withResolvers<void>();
    owner.run = async (input, attachments) => {
      const output = await run(input, attachments);
      if (!("job" in (input as object))) return output;
      begun.resolve();
      throw new Error("nobody hears the answer");
    };
    const queue = { agent: "owner", queue: "office" };
    const from = { queue, peers: { owner }, begun: begun.promise };
    await moves(from, { printer: after.uri }, "in doubt");
    await owner.jobIs(1, "completed");
    assert.deepEqual([far.paper, after.paper], [["once"], []]);
  });
});

Deno.test("a job that was not sent where its queue led before prints where it leads now", async () => {
  await using before = new TestPrinter();
  await using after = new TestPrinter();
  const begun = Promise.withResolvers<void>();
  before.says[OPERATION.createJob] = () => (begun.resolve(), cut());
  const from = { queue: { printer: before.uri }, begun: begun.promise };
  await moves(from, { printer: after.uri }, "completed");
  assert.deepEqual([before.paper, after.paper], [[], ["once"]]);
});

import assert from "node:assert/strict";
import { GROUP, OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { STATUS } from "../../scripts/print/ipp/status.ts";
import { attributesFrom, attributesOf, textOf, textsOf } from "../../scripts/print/ipp/values.ts";
import { PrintError } from "../../scripts/print/errors.ts";
import { writeTemplate } from "../../scripts/print/spool/template.ts";
import type { HandedJob } from "../../scripts/print/target/hand_over.ts";
import { agentFor } from "./agent_for.ts";
import { FakeAgent } from "./fake_agent.ts";
import { handedJob, textDocument } from "./handed_job.ts";
import { askQueue, printText } from "./queue_client.ts";
import { TestPrinter } from "./test_printer.ts";
import { within } from "../within.ts";

const take = (agent: FakeAgent, job: HandedJob, document = textDocument("once")) =>
  agent.run({ queue: "office", job }, [document]);

/** An agent whose queue is that of `owner`. */
function before(owner: FakeAgent): FakeAgent {
  const settings = { queues: { far: { agent: "owner", queue: "office" } } };
  return new FakeAgent({ settings, peers: { owner } });
}

Deno.test("a handed job is taken as it can be shown, or not at all", async (t) => {
  await using printer = new TestPrinter({ prints: false });
  await using agent = agentFor(printer);
  const refused: [string, Partial<HandedJob>][] = [
    ["a template that is no Base64", { template: "!" }],
    ["a template that is no IPP", { template: "AAAA" }],
    ["a format that is none", { format: "x".repeat(300) }],
    ["copies that cannot be counted", { copies: 2 ** 31 }],
    ["a UUID that is none", { uuid: "1" }],
  ];
  for (const [name, changes] of refused) {
    await t.step(name, async () => {
      await assert.rejects(
        () => take(agent, handedJob(changes)),
        (error) => error instanceof PrintError && error.code === "bad_input",
      );
    });
  }
  await t.step("names that are too long, and wishes that are nobody's", async () => {
    const template = writeTemplate(attributesFrom([
      ["sides", TAG.keyword, "one-sided"],
      ["job-id", TAG.integer, 7_000],
    ]));
    const long = handedJob({ name: `\u202e${"n".repeat(300)}`, user: "a\x1b[2J", template });
    const { job } = await take(agent, long) as { job: number };
    const said = await askQueue(agent.url, OPERATION.getJobAttributes, [
      ["job-id", TAG.integer, job],
    ]);
    assert.equal(said.code, STATUS.ok);
    const shown = attributesOf(said, GROUP.job);
    assert.equal(textOf(shown, "job-name"), ` ${"n".repeat(254)}`);
    assert.equal(textOf(shown, "job-originating-user-name"), "a [2J");
    assert.deepEqual([shown.get("job-id")![0]!.data, shown.has("sides")], [job, true]);
  });
});

Deno.test("a job that is handed over twice at once is one", async () => {
  await using printer = new TestPrinter();
  await using agent = agentFor(printer);
  const job = handedJob();
  const [one, other] = await Promise.all([take(agent, job), take(agent, job)]);
  assert.deepEqual(one, other);
  await agent.jobIs(1, "completed");
  await agent.jobIs(await printText(agent.url, "next"), "completed");
  assert.deepEqual(printer.paper, ["once", "next"]);
});

Deno.test("a handed job that is cancelled while its document comes does not print", async () => {
  await using printer = new TestPrinter();
  await using agent = agentFor(printer);
  const job = handedJob(),
    begun = Promise.withResolvers<void>(),
    rest = Promise.withResolvers<void>();
  const slow = {
    ...textDocument("unwanted"),
    stream: () =>
      ReadableStream.from((async function* () {
        begun.resolve();
        await rest.promise;
        yield new TextEncoder().encode("unwanted");
      })()),
  };
  const taken = take(agent, { ...job }, slow);
  await within(begun.promise, "somebody who reads the document");
  const canceled = agent.run({ queue: "office", cancel: job.uuid });
  rest.resolve();
  await taken;
  assert.deepEqual(await canceled, { canceled: true, taken: true });
  await agent.jobIs(1, "canceled");
  const early = handedJob();
  assert.deepEqual(await agent.run({ queue: "office", cancel: early.uuid }), {
    canceled: true,
    taken: false,
  });
  assert.deepEqual(await take(agent, early), { job: 0 });
  assert.deepEqual(printer.paper, []);
});

Deno.test("a job that is too long for the other agent is aborted, and blocks nobody", async () => {
  await using printer = new TestPrinter();
  await using owner = agentFor(printer, { "max-document": "10 B" });
  await using agent = before(owner);
  await printText(agent.url, "longer than ten");
  await printText(agent.url, "short");
  await agent.jobIs(2, "completed");
  await agent.jobIs(1, "aborted");
  assert.deepEqual(printer.paper, ["short"]);
});

Deno.test("a job that is cancelled while the other agent is away is not handed over later", async () => {
  await using printer = new TestPrinter();
  await using owner = agentFor(printer);
  const ordered: unknown[] = [], run = owner.run.bind(owner);
  const asked = Promise.withResolvers<void>(), fails = Promise.withResolvers<never>();
  let isAway = true;
  owner.run = (input, attachments) => {
    if ("describe" in (input as object)) return run(input, attachments);
    if (!isAway) ordered.push(input);
    else asked.resolve();
    return isAway ? fails.promise : run(input, attachments);
  };
  await using agent = before(owner);
  await printText(agent.url, "unwanted");
  await within(asked.promise, "an order for the other agent");
  await askQueue(agent.url, OPERATION.cancelJob, [["job-id", TAG.integer, 1]]);
  isAway = false;
  fails.reject(new Error("nobody answers"));
  await agent.jobIs(1, "canceled");
  await agent.jobIs(await printText(agent.url, "next"), "completed");
  assert.ok("cancel" in (ordered[0] as object), JSON.stringify(ordered[0]));
  assert.deepEqual(printer.paper, ["next"]);
});

Deno.test("what another agent tells of a job stops no queue, and no client that asks", async () => {
  await using printer = new TestPrinter();
  await using owner = agentFor(printer);
  const run = owner.run.bind(owner), heard = Promise.withResolvers<void>();
  let odd = true;
  owner.run = async (input, attachments) => {
    const { watch } = input as { watch?: { uuid: string; reasons: string[] }[] };
    if (!watch) return await run(input, attachments);
    if (watch[0]!.reasons.length > 0) heard.resolve();
    const [reasons, pages] = [Array(20).fill("x".repeat(300)), 2 ** 40];
    const news = watch.map(({ uuid }) => ({ uuid, state: "constructor", reasons, pages }));
    return odd ? { news } : await run(input, attachments);
  };
  await using agent = before(owner);
  await printText(agent.url, "once");
  await within(heard.promise, "what was told");
  const said = await askQueue(agent.url, OPERATION.getJobs, [
    ["requested-attributes", TAG.keyword, "all"],
  ]);
  odd = false;
  const [reason, ...others] = textsOf(attributesOf(said, GROUP.job), "job-state-reasons");
  assert.deepEqual([reason, others.length], ["x".repeat(255), 15]);
  await agent.jobIs(1, "completed");
});

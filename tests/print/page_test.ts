import assert from "node:assert/strict";
import { OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { FakeAgent } from "./fake_agent.ts";
import { askQueue } from "./queue_client.ts";
import type { FetchContext, Store } from "writ";
import { answerEvents } from "../../scripts/print/page/events.ts";
import type { PrintService } from "../../scripts/print/service.ts";
import type { Job } from "../../scripts/print/spool/job.ts";
import { newJob } from "../../scripts/print/spool/new_job.ts";
import { fakeContext } from "./fake_context.ts";
import { within } from "../within.ts";
import { TestPrinter } from "./test_printer.ts";

const NASTY = `<script>alert("1")</script>`;

/** An agent with one held job of a nasty name. */
async function withHeldJob(printer: TestPrinter): Promise<FakeAgent> {
  const agent = new FakeAgent({ settings: { queues: { office: { printer: printer.uri } } } });
  await askQueue(agent.url, OPERATION.printJob, [
    ["job-name", TAG.name, NASTY],
    ["document-format", TAG.mime, "text/plain"],
    ["job-hold-until", TAG.keyword, "indefinite"],
  ], { document: "x", user: NASTY });
  return agent;
}

async function page(agent: FakeAgent): Promise<{ html: string; token: string; csp: string }> {
  const response = await fetch(`${agent.url}/`);
  const html = await response.text();
  const token = /name="token" value="([0-9a-f]{48})"/.exec(html)?.[1] ?? "";
  return { html, token, csp: response.headers.get("content-security-policy") ?? "" };
}

function submit(agent: FakeAgent, action: string, token: string): Promise<Response> {
  const body = new URLSearchParams({ token });
  return fetch(`${agent.url}/jobs/1/${action}`, { method: "POST", body, redirect: "manual" });
}

Deno.test("the page shows strangers' words as words, and runs nothing but its own script", async () => {
  await using printer = new TestPrinter();
  await using agent = await withHeldJob(printer);
  const { html, csp } = await page(agent);
  assert.ok(!html.includes(NASTY));
  assert.ok(html.includes("&lt;script&gt;"));
  assert.match(csp, /default-src 'none'.*script-src 'nonce-[0-9a-f-]{36}'/);
  assert.ok(!/ (on\w+|style)=/.test(html), "something that the policy would stop");
});

Deno.test("the page can be read without seeing it", async () => {
  await using printer = new TestPrinter();
  await using agent = await withHeldJob(printer);
  const { html } = await page(agent);
  assert.match(html, /<html lang="en">/);
  assert.match(html, /name="viewport"/);
  assert.match(html, /<th scope="row">1<\/th>/);
  for (const [button] of html.matchAll(/<button[^>]*>/g)) {
    assert.match(button, /aria-label="[^"]+: job 1, /);
  }
});

Deno.test("a form of the page does what its button says, and no other form does", async (t) => {
  await using printer = new TestPrinter();
  await using agent = await withHeldJob(printer);
  const { token } = await page(agent);
  await t.step("with another token, or none", async () => {
    for (const guess of ["", "0".repeat(48)]) {
      const response = await submit(agent, "release", guess);
      assert.equal(response.status, 404);
      await response.body?.cancel();
    }
    assert.equal(printer.jobs.length, 0);
  });
  await t.step("with its own", async () => {
    const response = await submit(agent, "release", token);
    assert.equal(response.status, 303);
    await response.body?.cancel();
    await agent.jobIs(1, "completed");
  });
});

Deno.test("the page hears of each change, and a stranger of none", async () => {
  await using printer = new TestPrinter();
  await using agent = await withHeldJob(printer);
  const { token } = await page(agent);
  const strange = await fetch(`${agent.url}/events?token=${"0".repeat(48)}`);
  assert.equal(strange.status, 404);
  await strange.body?.cancel();
  const events = await fetch(`${agent.url}/events?token=${token}`);
  assert.equal(events.headers.get("access-control-allow-origin"), "null");
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
  let heard = (await reader.read()).value ?? "";
  await (await submit(agent, "cancel", token)).body?.cancel();
  while (!heard.includes("event: job")) heard += (await reader.read()).value ?? "";
  await reader.cancel();
  const { queue, words, html } = JSON.parse(/^event: job\ndata: (.*)$/m.exec(heard)![1]!);
  assert.deepEqual([queue, words], ["office", "Job 1 is canceled"]);
  assert.ok(!html.includes(NASTY));
});

Deno.test("a page that comes back hears how jobs are", async () => {
  await using printer = new TestPrinter();
  await using agent = await withHeldJob(printer);
  const { token } = await page(agent);
  const events = await fetch(`${agent.url}/events?token=${token}`);
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
  const firstRow = async () => {
    let heard = "";
    while (!heard.includes("event: now")) heard += (await reader.read()).value ?? "";
    return heard;
  };
  const heard = await within(firstRow(), "a row of a job that did not change");
  await reader.cancel();
  assert.match(heard, /"words":"Job 1 is held"/);
});

Deno.test("answerEvents() cuts off who does not listen, and does not keep rows for them", async () => {
  const secret = "0".repeat(48), tells = new Set<(job: Job) => void>();
  const store = { get: () => Promise.resolve(secret) } as unknown as Store;
  const spool = {
    all: () => [],
    watch: (tell: (job: Job) => void) => (tells.add(tell), () => void tells.delete(tell)),
  };
  const service = { spool: () => Promise.resolve(spool) } as unknown as PrintService;
  const ctx = { ...fakeContext([]).ctx, store, blobs: {} } as unknown as FetchContext;
  const request = new Request(`http://script.invalid/events?token=${secret}`);
  const events = await answerEvents(service, request, ctx);
  const ticket = { uuid: "", user: "ada", name: "notes", format: "text/plain", template: "" };
  const job = {
    ...newJob(1, "office", { ...ticket, copies: 1, fidelity: false }, "taken"),
    turn: 1,
  };
  let told = 0;
  for (; told < 1_000 && tells.size > 0; told++) for (const tell of tells) tell(job);
  assert.ok(told > 100 && told < 1_000, `${told}`);
  // What came until then is there, and no more.
  const heard = await events.text();
  assert.equal(heard.match(/^event: job$/gm)!.length, told - 1);
});

import assert from "node:assert/strict";
import { IppPrinter } from "../../runtime/cli/demo/ipp_printer.ts";
import { JOB_STATE } from "../../runtime/cli/demo/print_queue.ts";
import { type PrintCode, PrintError } from "../../scripts/print/errors.ts";
import type { PrintInput } from "../../scripts/print/input.ts";
import { OPERATION } from "../../scripts/print/ipp/message.ts";
import { jpeg, pdf, plainText } from "./documents.ts";
import { attachment, fakeContext } from "./fake_context.ts";
import { askOfJob } from "./ipp_client.ts";
import { print } from "./print_script.ts";

/** Expects the refusal with this code. */
async function refused(run: Promise<unknown>, code: PrintCode): Promise<PrintError> {
  const error = await run.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof PrintError, `${error}`);
  assert.equal(error.code, code);
  return error;
}

Deno.test("run() prints a document byte for byte, as it was asked to", async () => {
  await using printer = new IppPrinter({ jobMs: 20 });
  const document = pdf(2);
  const { ctx, heard } = fakeContext([document]);
  const output = await print.run({
    printer: printer.uri,
    copies: 3,
    sides: "two-sided-long-edge",
    media: "na_letter_8.5x11in",
    jobName: "Quarter — four",
    user: "ada",
  }, ctx);
  assert.deepEqual(output, {
    jobId: 1,
    state: "completed",
    reasons: ["job-completed-successfully"],
    pages: 6,
    copies: 3,
    printer: printer.uri,
  });
  const [job] = printer.jobs;
  assert.deepEqual(job!.bytes, await document.bytes());
  const { name, user, format, copies, sides, media } = job!;
  assert.match(name, /^Quarter — four [\da-f-]{36}$/);
  assert.deepEqual({ user, format, copies, sides, media }, {
    user: "ada",
    format: "application/pdf",
    copies: 3,
    sides: "two-sided-long-edge",
    media: "na_letter_8.5x11in",
  });
  assert.deepEqual(heard.events.at(-1), {
    name: "job-state",
    data: {
      jobId: 1,
      state: "completed",
      reasons: ["job-completed-successfully"],
      pages: 6,
    },
  });
  assert.equal(heard.progress.at(-1), 1);
  assert.deepEqual(heard.progress, heard.progress.toSorted());
});

Deno.test("run() takes name and format from the document when the input tells none", async () => {
  await using printer = new IppPrinter({ jobMs: 0 });
  for (const document of [plainText(), jpeg()]) {
    const { ctx } = fakeContext([document]);
    const { copies, state } = await print.run({ printer: printer.uri }, ctx);
    assert.deepEqual({ copies, state }, { copies: 1, state: "completed" });
    const job = printer.jobs.at(-1)!;
    assert.equal(job.name.slice(0, -" ".length - 36), document.name);
    assert.equal(job.format, document.mediaType.split(";")[0]);
    assert.deepEqual(job.bytes, await document.bytes());
  }
});

Deno.test("run() streams a document of many pieces", async () => {
  await using printer = new IppPrinter({ jobMs: 0 });
  const content = Uint8Array.from({ length: 3_000_000 }, (_, i) => i * i % 251);
  const { ctx } = fakeContext([attachment("big.pdf", "application/pdf", content)]);
  await print.run({ printer: printer.uri }, ctx);
  assert.ok(printer.jobs[0]!.bytes.every((byte, i) => byte === content[i]));
  assert.equal(printer.jobs[0]!.bytes.length, content.length);
});

Deno.test("run() sends the document again while the printer is busy", async () => {
  await using printer = new IppPrinter({ jobMs: 0, busyAnswers: 2 });
  const { ctx } = fakeContext([pdf()]);
  const { state } = await print.run({ printer: printer.uri }, ctx);
  assert.equal(state, "completed");
  assert.equal(printer.jobs.length, 1);
});

Deno.test("run() prints nothing of what the printer does not offer", async (t) => {
  await using printer = new IppPrinter({ jobMs: 0, formats: ["application/pdf"] });
  const offered: PrintInput = { printer: printer.uri };
  const cases: [name: string, good: PrintInput, bad: PrintInput][] = [
    ["format", { ...offered, format: "application/pdf" }, { ...offered, format: "image/jpeg" }],
    ["copies", { ...offered, copies: 99 }, { ...offered, copies: 100 }],
    [
      "media",
      { ...offered, media: "iso_a4_210x297mm" },
      { ...offered, media: "iso_a3_297x420mm" },
    ],
  ];
  for (const [name, good, bad] of cases) {
    await t.step(name, async () => {
      const before = printer.jobs.length;
      await refused(print.run(bad, fakeContext([pdf()]).ctx), "unsupported");
      assert.equal(printer.jobs.length, before);
      await print.run(good, fakeContext([pdf()]).ctx);
      assert.equal(printer.jobs.length, before + 1);
    });
  }
});

Deno.test("run() reports a job that someone else cancelled", async () => {
  await using printer = new IppPrinter({ jobMs: Infinity });
  let cancelling: Promise<unknown> | undefined;
  const { ctx } = fakeContext([pdf()], {
    onEvent: () => cancelling ??= askOfJob(printer.uri, OPERATION.cancelJob, 1),
  });
  const { state, reasons, pages } = await print.run({ printer: printer.uri }, ctx);
  assert.deepEqual({ state, reasons, pages }, {
    state: "canceled",
    reasons: ["job-canceled-by-user"],
    pages: null,
  });
  await cancelling;
});

Deno.test("run() cancels its job on the printer when the run is cancelled", async () => {
  await using printer = new IppPrinter({ jobMs: Infinity });
  const controller = new AbortController();
  const reason = new Error("cancelled by the orderer");
  const { ctx } = fakeContext([pdf()], {
    signal: controller.signal,
    onEvent: () => controller.abort(reason),
  });
  await assert.rejects(() => print.run({ printer: printer.uri }, ctx), reason);
  assert.equal(printer.jobs[0]!.state, JOB_STATE.canceled);
});

Deno.test("run() sends nothing when the run was cancelled before", async () => {
  await using printer = new IppPrinter();
  const reason = new Error("cancelled by the orderer");
  const { ctx } = fakeContext([pdf()], { signal: AbortSignal.abort(reason) });
  await assert.rejects(() => print.run({ printer: printer.uri }, ctx), reason);
  assert.equal(printer.jobs.length, 0);
});

Deno.test("run() passes on the mistake of a document that cannot be read", async () => {
  await using printer = new IppPrinter();
  const broken = new Error("the document's hash is wrong");
  const document = {
    ...pdf(),
    stream: () => new ReadableStream({ pull: (controller) => controller.error(broken) }),
  };
  await assert.rejects(
    () => print.run({ printer: printer.uri }, fakeContext([document]).ctx),
    broken,
  );
});

Deno.test({
  name: "run() asks for no permission but the printer's address",
  permissions: { net: ["127.0.0.1"] },
  async fn(t) {
    await using printer = new IppPrinter({ jobMs: 0 });
    await print.run({ printer: printer.uri }, fakeContext([pdf()]).ctx);
    await t.step("and leaves a denied one as it is", async () => {
      const elsewhere = printer.uri.replace("127.0.0.1", "127.0.0.2");
      await assert.rejects(
        () => print.run({ printer: elsewhere }, fakeContext([pdf()]).ctx),
        Deno.errors.NotCapable,
      );
    });
  },
});

Deno.test("run() refuses input that is not what it takes", async (t) => {
  await using printer = new IppPrinter({ jobMs: 0 });
  const good = { printer: printer.uri };
  const cases: [name: string, good: unknown, bad: unknown][] = [
    ["no object", good, null],
    ["a list", good, [good]],
    ["no printer", good, {}],
    ["an empty printer", good, { printer: "" }],
    ["another scheme", good, { printer: printer.uri.replace("ipp", "http") }],
    ["a user in the address", good, { printer: printer.uri.replace("//", "//me@") }],
    ["a query in the address", good, { printer: `${printer.uri}?a=b` }],
    ["a port beyond 65535", good, { printer: "ipp://127.0.0.1:65536/ipp/print" }],
    ["an unknown field", good, { ...good, duplex: true }],
    ["a field of the prototype", good, { ...good, constructor: "x" }],
    ["no copies", { ...good, copies: 1 }, { ...good, copies: 0 }],
    ["half a copy", { ...good, copies: 2 }, { ...good, copies: 1.5 }],
    ["copies as text", { ...good, copies: 2 }, { ...good, copies: "2" }],
    ["1000 copies", { ...good, copies: 99 }, { ...good, copies: 1000 }],
    ["unknown sides", { ...good, sides: "one-sided" }, { ...good, sides: "both" }],
    ["an empty name", { ...good, jobName: "a" }, { ...good, jobName: "" }],
    [
      "a name of 256 octets",
      { ...good, jobName: "a".repeat(255) },
      { ...good, jobName: "é".repeat(128) },
    ],
    ["a line break in a name", { ...good, user: "a b" }, { ...good, user: "a\nb" }],
  ];
  for (const [name, good, bad] of cases) {
    await t.step(name, async () => {
      await print.run(good as PrintInput, fakeContext([pdf()]).ctx);
      const before = printer.jobs.length;
      await refused(print.run(bad as PrintInput, fakeContext([pdf()]).ctx), "bad_input");
      assert.equal(printer.jobs.length, before);
    });
  }
  for (const attachments of [[], [pdf(), pdf()]]) {
    await t.step(`${attachments.length} documents`, async () => {
      await refused(print.run(good, fakeContext(attachments).ctx), "bad_input");
    });
  }
});

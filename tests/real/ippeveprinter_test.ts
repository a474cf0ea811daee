import assert from "node:assert/strict";
import type { AttachmentHandle } from "writ";
import { JOB_STATE } from "../../runtime/cli/demo/print_queue.ts";
import type { FollowedEnd, FollowedEvent } from "../../runtime/cli/runs/follow_run.ts";
import type { PrintInput } from "../../scripts/print/input.ts";
import { OPERATION } from "../../scripts/print/ipp/message.ts";
import type { PrintOutput } from "../../scripts/print/once.ts";
import { jpeg, pdf, plainText } from "../print/documents.ts";
import { attachment } from "../print/fake_context.ts";
import { askOfJob } from "../print/ipp_client.ts";
import { type OrderedPrint, type PrintAgent, PrintFleet } from "./print_fleet.ts";
import { RealPrinter } from "./real_printer.ts";
import { requireReal } from "./require_real.ts";

const FORMATS = ["application/pdf", "text/plain", "image/jpeg"];
const real = requireReal(["ippeveprinter", "dbus-daemon"]);

Deno.test({
  name: "a signed order brings each document to a real printer, byte for byte and as ordered",
  ignore: !real,
  async fn(t) {
    await using printer = await RealPrinter.start(real!, FORMATS);
    await using fleet = await PrintFleet.make(printer.address);
    await using agent = await fleet.start();
    for (const document of [pdf(2), plainText(), jpeg()]) {
      await t.step(document.mediaType, async () => {
        const { end } = await agent.order({
          printer: printer.uri,
          copies: 3,
          sides: "two-sided-long-edge",
          media: "iso_a4_210x297mm",
          jobName: `Größe of ${document.name}`,
        }, document);
        const { jobId, ...output } = resultOf(await end);
        assert.deepEqual(output, {
          state: "completed",
          reasons: ["job-completed-successfully"],
          pages: 2,
          copies: 3,
          printer: printer.uri,
        });
        const { jobName, ...received } = (await printer.received(jobId))!;
        assert.match(jobName, new RegExp(`^Größe of ${document.name} [0-9a-f-]{36}$`));
        assert.deepEqual(received, {
          bytes: await document.bytes(),
          copies: "3",
          sides: "two-sided-long-edge",
          media: "iso_a4_210x297mm",
        });
      });
    }
    await t.step("of many pieces", async () => {
      const content = Uint8Array.from({ length: 5_000_000 }, (_, i) => i * i % 251);
      const document = attachment("big.pdf", "application/pdf", content);
      const { end } = await agent.order({ printer: printer.uri }, document);
      const received = await printer.received(resultOf(await end).jobId);
      assert.equal(received!.bytes.length, content.length);
      assert.ok(received!.bytes.every((byte, i) => byte === content[i]));
    });
  },
});

Deno.test({
  name: "a real printer that is busy prints the second order after the first",
  ignore: !real,
  async fn() {
    await using printer = await RealPrinter.start(real!, FORMATS);
    await using fleet = await PrintFleet.make(printer.address);
    await using agent = await fleet.start();
    await printer.hold();
    const input = { printer: printer.uri };
    const first = await begun(agent, input, pdf(), isPrinting);
    // The first thing a run has to say in its log is that it waits.
    const second = await begun(agent, input, plainText(), ({ type }) => type === "log");
    await printer.release();
    const outputs = (await Promise.all([first.end, second.end])).map(resultOf);
    assert.deepEqual(outputs.map(({ state }) => state), ["completed", "completed"]);
    assert.deepEqual(
      (await printer.received(outputs[1]!.jobId))!.bytes,
      await plainText().bytes(),
    );
  },
});

Deno.test({
  name: "a real printer's job is cancelled when the run is",
  ignore: !real,
  async fn() {
    await using printer = await RealPrinter.start(real!, FORMATS);
    await using fleet = await PrintFleet.make(printer.address);
    await using agent = await fleet.start();
    await printer.hold();
    const input = { printer: printer.uri };
    const held = await begun(agent, input, pdf(), isPrinting);
    await agent.cancel(held);
    assert.equal((await held.end).outcome, "cancelled");
    await printer.release();
    // It takes one job at a time, so once the second is printed the first is over.
    const { jobId, state } = resultOf(await (await agent.order(input, pdf())).end);
    assert.deepEqual({ jobId, state }, { jobId: 2, state: "completed" });
    const first = await askOfJob(printer.uri, OPERATION.getJobAttributes, 1);
    assert.equal(first.get("job-state")?.[0]?.data, JOB_STATE.canceled);
  },
});

Deno.test({
  name: "a real printer is sent no document in a format it does not take",
  ignore: !real,
  async fn() {
    await using printer = await RealPrinter.start(real!, ["application/pdf"]);
    await using fleet = await PrintFleet.make(printer.address);
    await using agent = await fleet.start();
    const end = await (await agent.order({ printer: printer.uri }, jpeg())).end;
    assert.ok(end.outcome === "script_error");
    assert.equal(end.detail.name, "PrintError");
    // The reason that the orderer reads: the document, and the format it has.
    for (const word of ["dot.jpg", "image/jpeg"]) assert.ok(end.detail.message.includes(word));
    assert.equal(await printer.received(1), undefined);
    const allowed = await (await agent.order({ printer: printer.uri }, pdf())).end;
    assert.equal(resultOf(allowed).jobId, 1);
  },
});

Deno.test({
  name: "a real printer that the grant does not name hears nothing of an order",
  ignore: !real,
  async fn() {
    await using printer = await RealPrinter.start(real!, FORMATS);
    await using other = await RealPrinter.start(real!, FORMATS);
    await using fleet = await PrintFleet.make(other.address);
    await using agent = await fleet.start();
    const end = await (await agent.order({ printer: printer.uri }, pdf())).end;
    assert.equal(end.outcome, "denied", JSON.stringify(end));
    assert.equal(await printer.received(1), undefined);
    const allowed = await (await agent.order({ printer: other.uri }, pdf())).end;
    assert.equal(resultOf(allowed).jobId, 1);
  },
});

/** Orders, and waits until the run has told what the test waits for. */
async function begun(
  agent: PrintAgent,
  input: PrintInput,
  document: AttachmentHandle,
  awaited: (event: FollowedEvent) => boolean,
): Promise<OrderedPrint> {
  const told = Promise.withResolvers<void>();
  const ordered = await agent.order(input, document, (event) => {
    if (awaited(event)) told.resolve();
  });
  const early = ordered.end.then((end) => {
    throw new Error(`the run ended before it was awaited: ${JSON.stringify(end)}`);
  });
  early.catch(() => {});
  await Promise.race([told.promise, early]);
  return ordered;
}

function isPrinting(event: FollowedEvent): boolean {
  return event.type === "event" && event.name === "job-state";
}

function resultOf(end: FollowedEnd): PrintOutput {
  assert.ok(end.outcome === "ok", JSON.stringify(end));
  return end.result as PrintOutput;
}

import assert from "node:assert/strict";
import type { AttachmentHandle } from "writ";
import { JOB_STATE } from "../../runtime/cli/demo/print_queue.ts";
import print, {
  OPERATION,
  PrintError,
  type PrintInput,
  type PrintOutput,
} from "../../scripts/print/mod.ts";
import { jpeg, pdf, plainText } from "../print/documents.ts";
import { attachment, fakeContext, type FakeContextOptions } from "../print/fake_context.ts";
import { askOfJob } from "../print/ipp_client.ts";
import { RealPrinter } from "./real_printer.ts";
import { requireReal } from "./require_real.ts";

const FORMATS = ["application/pdf", "text/plain", "image/jpeg"];
const real = requireReal(["ippeveprinter", "dbus-daemon"]);

/** The way from an order to the printer; everything below holds for any such way. */
async function order(
  input: PrintInput,
  document: AttachmentHandle,
  options: FakeContextOptions = {},
): Promise<PrintOutput> {
  return await print.run(input, fakeContext([document], options).ctx);
}

Deno.test({
  name: "a real printer gets each document byte for byte, with copies, sides and name",
  ignore: !real,
  async fn(t) {
    await using printer = await RealPrinter.start(real!, FORMATS);
    for (const document of [pdf(2), plainText(), jpeg()]) {
      await t.step(document.mediaType, async () => {
        const { jobId, ...output } = await order({
          printer: printer.uri,
          copies: 3,
          sides: "two-sided-long-edge",
          media: "iso_a4_210x297mm",
          jobName: `Größe of ${document.name}`,
        }, document);
        assert.deepEqual(output, {
          state: "completed",
          reasons: ["job-completed-successfully"],
          pages: 2,
          copies: 3,
          printer: printer.uri,
        });
        assert.deepEqual(await printer.received(jobId), {
          bytes: await document.bytes(),
          copies: "3",
          sides: "two-sided-long-edge",
          media: "iso_a4_210x297mm",
          jobName: `Größe of ${document.name}`,
        });
      });
    }
    await t.step("of many pieces", async () => {
      const content = Uint8Array.from({ length: 5_000_000 }, (_, i) => i * i % 251);
      const document = attachment("big.pdf", "application/pdf", content);
      const { jobId } = await order({ printer: printer.uri }, document);
      const received = await printer.received(jobId);
      assert.ok(received!.bytes.every((byte, i) => byte === content[i]));
      assert.equal(received!.bytes.length, content.length);
    });
  },
});

Deno.test({
  name: "a real printer that is busy prints the second job after the first",
  ignore: !real,
  async fn() {
    await using printer = await RealPrinter.start(real!, FORMATS);
    await printer.hold();
    const input = { printer: printer.uri };
    const printing = Promise.withResolvers<void>(), waiting = Promise.withResolvers<void>();
    const first = order(input, pdf(), { onEvent: () => printing.resolve() });
    await printing.promise;
    // The first thing a run has to say is that it waits.
    const second = order(input, plainText(), { onLog: () => waiting.resolve() });
    await waiting.promise;
    await printer.release();
    const outputs = await Promise.all([first, second]);
    assert.deepEqual(outputs.map(({ state }) => state), ["completed", "completed"]);
    assert.deepEqual(
      (await printer.received(outputs[1].jobId))!.bytes,
      await plainText().bytes(),
    );
  },
});

Deno.test({
  name: "a real printer's job is cancelled with the run",
  ignore: !real,
  async fn() {
    await using printer = await RealPrinter.start(real!, FORMATS);
    await printer.hold();
    const controller = new AbortController();
    const reason = new Error("cancelled by the orderer");
    const input = { printer: printer.uri };
    await assert.rejects(
      () =>
        order(input, pdf(), { signal: controller.signal, onEvent: () => controller.abort(reason) }),
      reason,
    );
    await printer.release();
    // It takes one job at a time, so once the second is printed the first is over.
    const { jobId, state } = await order(input, pdf());
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
    const refused = await order({ printer: printer.uri }, jpeg()).catch((error: unknown) => error);
    assert.ok(refused instanceof PrintError);
    assert.equal(refused.code, "unsupported");
    assert.equal(await printer.received(1), undefined);
    assert.equal((await order({ printer: printer.uri }, pdf())).jobId, 1);
  },
});

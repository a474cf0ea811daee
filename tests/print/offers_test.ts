import assert from "node:assert/strict";
import { GROUP, type IppAttributes, OPERATION } from "../../scripts/print/ipp/message.ts";
import { STATUS } from "../../scripts/print/ipp/status.ts";
import { attributesOf, textsOf } from "../../scripts/print/ipp/values.ts";
import { until } from "../until.ts";
import { FakeAgent } from "./fake_agent.ts";
import { askQueue, printText } from "./queue_client.ts";
import { answer, TestPrinter } from "./test_printer.ts";

/** What `get-printer-attributes.test` of CUPS wants, and `lpadmin -m everywhere` asks for. */
const WANTED = `charset-configured charset-supported compression-supported document-format-default
  document-format-supported generated-natural-language-supported ipp-versions-supported
  media-col-default media-default media-size-supported media-supported natural-language-configured
  operations-supported printer-info printer-is-accepting-jobs printer-location
  printer-make-and-model printer-more-info printer-name printer-state printer-state-reasons
  printer-up-time printer-uri-supported sides-supported uri-authentication-supported
  uri-security-supported`.split(/\s+/);

/** A queue in front of a printer, which it asks what it offers. */
function agentFor(printer: string, dir?: string): FakeAgent {
  return new FakeAgent({ settings: { queues: { office: { printer } } }, ...dir && { dir } });
}

async function offered({ url }: FakeAgent): Promise<IppAttributes> {
  const said = await askQueue(url, OPERATION.getPrinterAttributes);
  assert.equal(said.code, STATUS.ok);
  return attributesOf(said, GROUP.printer);
}

/** The printer's own formats are two: one that it does not take shows that it was not heard. */
function formatsOf(attributes: IppAttributes): string[] {
  return textsOf(attributes, "document-format-supported");
}

Deno.test("a queue whose printer was never reached says all that clients want to know", async () => {
  await using gone = new TestPrinter();
  const { uri } = gone;
  await gone[Symbol.asyncDispose]();
  await using agent = agentFor(uri);
  const attributes = await offered(agent);
  assert.deepEqual(WANTED.filter((name) => !attributes.has(name)), []);
  assert.ok(formatsOf(attributes).includes("image/jpeg"));
});

Deno.test("a client that asks first hears the printer, also one that failed a moment ago", async () => {
  await using printer = new TestPrinter();
  printer.says[OPERATION.getPrinterAttributes] = (request, count) =>
    count === 1 ? answer(request, STATUS.internalError) : undefined;
  await using agent = agentFor(printer.uri);
  await askQueue(agent.url, OPERATION.validateJob);
  assert.equal(printer.count(OPERATION.getPrinterAttributes), 1);
  assert.ok(!formatsOf(await offered(agent)).includes("image/jpeg"));
});

Deno.test("a client that asks first waits longer for the printer than one that prints", async () => {
  await using printer = new TestPrinter();
  const { promise: waitsNoMore, resolve } = Promise.withResolvers<void>();
  printer.says[OPERATION.getPrinterAttributes] = async () => void await waitsNoMore;
  await using agent = agentFor(printer.uri);
  const asks = offered(agent);
  // Begun later, and answered without the printer.
  await askQueue(agent.url, OPERATION.validateJob);
  resolve();
  assert.ok(!formatsOf(await asks).includes("image/jpeg"));
});

Deno.test("a queue that waits for its printer remembers what it offered, in another cell too", async () => {
  const dir = await Deno.makeTempDir({ prefix: "writ-print-" });
  try {
    const printer = new TestPrinter();
    const { uri } = printer;
    {
      await using agent = agentFor(uri, dir);
      await offered(agent);
      await printer[Symbol.asyncDispose]();
      await printText(agent.url, "waits");
    }
    await using agent = agentFor(uri, dir);
    // The run asks before any client does.
    await until(() => agent.log.some((line) => line.includes("waits")));
    assert.ok(!formatsOf(await offered(agent)).includes("image/jpeg"));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

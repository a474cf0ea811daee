import assert from "node:assert/strict";
import fc from "fast-check";
import { OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { STATUS } from "../../scripts/print/ipp/status.ts";
import { attributesFrom, attributesOf, numberOf } from "../../scripts/print/ipp/values.ts";
import { GROUP, type IppMessage } from "../../scripts/print/ipp/message.ts";
import { layOut } from "../../scripts/print/layout/lay_out.ts";
import { PdfDocument } from "../../scripts/print/layout/pdf/document.ts";
import { pagesOf } from "../../scripts/print/layout/pdf/pages.ts";
import { latin, LayoutError, octets } from "../../scripts/print/layout/pdf/syntax.ts";
import type { LayoutWish } from "../../scripts/print/layout/wish.ts";
import { pdf } from "./documents.ts";
import { FakeAgent } from "./fake_agent.ts";
import { ippRequest, post } from "./queue_client.ts";
import { answer, TestPrinter } from "./test_printer.ts";

const PDF = "application/pdf", POSTSCRIPT = "application/postscript";
const TWO_UP: LayoutWish = { up: 2, banner: undefined, bothSides: false };

async function laidOut(bytes: Uint8Array, wish: LayoutWish): Promise<Uint8Array> {
  return await new Response(await made(bytes, wish)).bytes();
}

function made(
  bytes: Uint8Array,
  wish: LayoutWish,
  format = PDF,
): Promise<ReadableStream<Uint8Array>> {
  const stream = () => new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const document = { length: bytes.length, bytes: () => Promise.resolve(bytes), stream };
  return layOut(document, format, wish);
}

async function sizes(bytes: Uint8Array): Promise<string[]> {
  const pages = pagesOf(await PdfDocument.read(bytes));
  return pages.map(({ width, height }) => `${width}x${height}`);
}

/** A PDF without a table of its objects, as one that is broken has none that is right. */
function pdfOf(...objects: string[]): Uint8Array<ArrayBuffer> {
  return octets(
    `%PDF-1.7\n${objects.map((object, i) => `${i + 1} 0 obj\n${object}\nendobj\n`).join("")}` +
      "trailer <</Root 1 0 R>>\n",
  );
}

Deno.test("layOut() puts pages of a PDF beside each other, and a page of its own before them", async (t) => {
  const bytes = await pdf(5).bytes();
  const banner = ["ada", "a (strange\\) name"];
  const cases: [LayoutWish, string[]][] = [
    [TWO_UP, Array(3).fill("842x595")],
    [{ ...TWO_UP, up: 4 }, Array(2).fill("595x842")],
    [{ ...TWO_UP, up: 1, banner }, Array(6).fill("595x842")],
    [{ ...TWO_UP, up: 1, banner, bothSides: true }, Array(7).fill("595x842")],
    [{ up: 2, banner, bothSides: true }, Array(5).fill("842x595")],
  ];
  for (const [wish, expected] of cases) {
    await t.step(JSON.stringify(wish), async () => {
      const file = await laidOut(bytes, wish);
      assert.deepEqual(await sizes(file), expected);
      for (let page = 1; page <= 5; page++) assert.ok(latin(file).includes(`(Page ${page}) Tj`));
      if (wish.banner) assert.ok(latin(file).includes("(a \\(strange\\\\\\) name) Tj"));
    });
  }
});

Deno.test("layOut() takes pages as they are read: turned, cut, with what they take from above", async () => {
  const bytes = pdfOf(
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 100 200]/Resources<</A 7>>>>",
    "<</Type/Page/Rotate 90/Contents 5 0 R>>",
    "<</Type/Page/CropBox[10 20 60 90]/Contents[5 0 R 5 0 R]/Annots[6 0 R]>>",
    "<</Length 3>>\nstream\nq Q\nendstream",
    "<</F 4/Rect[0 0 20 40]/AP<</N 7 0 R>>>>",
    "<</Subtype/Form/BBox[0 0 10 10]/Length 1>>\nstream\nW\nendstream",
  );
  assert.deepEqual(await sizes(bytes), ["200x100", "50x70"]);
  const made = latin(await laidOut(bytes, TWO_UP));
  // Turned clockwise, and half as high as the sheet, which lies the other way.
  assert.ok(made.includes("q 0 -0.5 0.5 0 0 175 cm /W0 Do"), made);
  assert.ok(made.includes("q 2 0 0 4 0 0 cm"), made);
  const [, resources] = /\/Resources (\d+) 0 R/.exec(made) ?? [];
  assert.ok(made.includes(`\n${resources} 0 obj\n<</A 7>>`), made);
  assert.ok(made.includes("stream\nq Q\nq Q\n\nendstream"), made);
});

Deno.test("layOut() reads objects that are packed, the last of each number", async () => {
  const catalog = "<</Type/Catalog/Pages 2 0 R>> ";
  const head = `1 0 2 ${catalog.length} `;
  const inner = `${head}${catalog}<</Kids[3 0 R]/Count 1>>`;
  const packed = await new Response(
    new Blob([octets(inner)]).stream().pipeThrough(new CompressionStream("deflate")),
  ).bytes();
  const bytes = await new Blob([
    octets("%PDF-1.7\n3 0 obj <</Type/Page/MediaBox[0 0 1 1]>> endobj\n"),
    octets(
      `4 0 obj <</Type/ObjStm/N 2/First ${head.length}/Filter/FlateDecode/Length 5 0 R>> stream\n`,
    ),
    packed,
    octets(`\nendstream endobj\n5 0 obj ${packed.length} endobj\n`),
    octets("3 0 obj <</Type/Page/MediaBox[0 0 30 40]>> endobj\n"),
    octets("6 0 obj <</Type/XRef/Root 1 0 R/Length 0>> stream\n\nendstream endobj\n"),
  ]).bytes();
  assert.deepEqual(await sizes(bytes), ["30x40"]);
});

Deno.test("layOut() refuses what it cannot lay out, and does not hang", async (t) => {
  const catalog = "<</Type/Catalog/Pages 2 0 R>>";
  const bomb = await new Response(
    new Blob([new Uint8Array(80_000_000)]).stream().pipeThrough(new CompressionStream("deflate")),
  ).bytes();
  const encrypted = latin(pdfOf(catalog, "<<>>")).replace("/Root", "/Encrypt 2 0 R/Root");
  const cases: [string, BlobPart, string?][] = [
    ["nothing", ""],
    ["another format", "x", "image/jpeg"],
    ["a longer one than is held", new Uint8Array(16_000_001)],
    ["an encrypted one", octets(encrypted)],
    ["one without pages", pdfOf(catalog, "<</Kids[]>>")],
    ["pages that stand below themselves", pdfOf(catalog, "<</Kids[2 0 R 2 0 R]>>")],
    ["an object that is where it points", pdfOf("2 0 R", "1 0 R")],
    ["values in each other without end", pdfOf("[".repeat(100_000))],
    ["a text without end", pdfOf("(".repeat(100_000))],
    ["a page without a size", pdfOf(catalog, "<</MediaBox[0 0 0 9]>>")],
    ["what is packed otherwise", pdfOf("<</Type/ObjStm/Filter/LZWDecode/Length 0>> stream\n")],
    [
      "what unpacks without measure",
      new Blob([
        octets(`1 0 obj <</Type/ObjStm/Filter/FlateDecode/Length ${bomb.length}>> stream\n`),
        bomb,
      ]),
    ],
    ["a program for one make of printer", "\x1b%-12345X@PJL\n%!PS\n", POSTSCRIPT],
  ] as [string, BlobPart, string?][];
  for (const [name, part, format] of cases) {
    await t.step(name, async () => {
      const bytes = await new Blob([part]).bytes();
      await assert.rejects(made(bytes, TWO_UP, format), LayoutError);
    });
  }
});

Deno.test("layOut() makes a PDF or a LayoutError of a PDF that was changed anywhere", async () => {
  const good = await pdf(3).bytes();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      async (changes) => {
        const bytes = Uint8Array.from(good);
        for (const [at, byte] of changes) bytes[at] = byte;
        const made = await laidOut(bytes, TWO_UP).catch((error) => {
          assert.ok(error instanceof LayoutError, String(error.stack));
        });
        if (made) assert.ok((await sizes(made)).length > 0);
      },
    ),
    { numRuns: 200 },
  );
});

/** Prints two pages, two of them on a side; answers what the queue said. */
async function printTwoUp(url: string, format = PDF): Promise<IppMessage> {
  const request = ippRequest(OPERATION.printJob, [["document-format", TAG.mime, format]], {
    job: [["number-up", TAG.integer, 2], ["copies", TAG.integer, 3]],
  });
  return await post(url, request, await pdf(2).bytes() as Uint8Array<ArrayBuffer>);
}

Deno.test("a queue makes two-up for a printer that does not, and does not ask it for that", async () => {
  await using printer = new TestPrinter();
  const asked: IppMessage[] = [];
  printer.says[OPERATION.createJob] = (request) => void asked.push(request);
  const settings = { queues: { office: { printer: printer.uri } } };
  await using agent = new FakeAgent({ settings });
  assert.equal((await printTwoUp(agent.url)).code, STATUS.ok);
  await agent.jobIs(1, "completed");
  assert.deepEqual(await sizes(printer.jobs[0]!.document!), ["842x595"]);
  const template = attributesOf(asked[0]!, GROUP.job);
  assert.deepEqual([template.has("number-up"), numberOf(template, "copies")], [false, 3]);
  // A text has no pages that are known here.
  const { code, groups } = await printTwoUp(agent.url, "text/plain");
  assert.equal(code, STATUS.okIgnored);
  assert.ok(
    groups.some(({ tag, attributes }) => tag === GROUP.unsupported && attributes.has("number-up")),
  );
  await agent.jobIs(2, "completed");
  assert.deepEqual(printer.jobs[1]!.document, await pdf(2).bytes());
});

Deno.test("a queue leaves two-up to a printer that makes it", async () => {
  await using printer = new TestPrinter();
  const asked: IppMessage[] = [];
  printer.says[OPERATION.createJob] = (request) => void asked.push(request);
  const offer = attributesFrom([
    ["document-format-supported", TAG.mime, PDF],
    ["operations-supported", TAG.enum, OPERATION.createJob, OPERATION.sendDocument],
    ["number-up-supported", TAG.integer, 1, 2],
  ]);
  printer.says[OPERATION.getPrinterAttributes] = (request) =>
    answer(request, 0, [{ tag: GROUP.printer, attributes: offer }]);
  const settings = { queues: { office: { printer: printer.uri } } };
  await using agent = new FakeAgent({ settings });
  await printTwoUp(agent.url);
  await agent.jobIs(1, "completed");
  assert.deepEqual(printer.jobs[0]!.document, await pdf(2).bytes());
  assert.equal(numberOf(attributesOf(asked[0]!, GROUP.job), "number-up"), 2);
});

Deno.test("a job whose document cannot be laid out is aborted, and leaves no job on the printer", async () => {
  await using printer = new TestPrinter();
  const settings = { queues: { office: { printer: printer.uri } } };
  await using agent = new FakeAgent({ settings });
  const request = ippRequest(OPERATION.printJob, [["document-format", TAG.mime, PDF]], {
    job: [["job-sheets", TAG.keyword, "standard"]],
  });
  await post(agent.url, request, "%PDF-1.7 and no more");
  await agent.jobIs(1, "aborted");
  assert.deepEqual(printer.paper, []);
  assert.deepEqual(printer.jobs.map(({ state }) => state), [7]);
});

import assert from "node:assert/strict";
import { layOutPdf } from "../../scripts/print/layout/pdf/sheets.ts";
import { LayoutError, octets, PdfReader } from "../../scripts/print/layout/pdf/syntax.ts";

const TWO_UP = { up: 2, banner: undefined, bothSides: false };
const CATALOG = "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n";
const TRAILER = "\ntrailer <</Root 1 0 R>>\n";

/** One page, and what else stands in the file. */
function onePage(others: string): Uint8Array {
  return octets(
    `${CATALOG}2 0 obj\n<</Kids[3 0 R]>>\nendobj\n3 0 obj\n<<>>\nendobj\n${others}${TRAILER}`,
  );
}

/** So many pages of these, behind objects 1 (the catalog), 2 (the pages) and `shared` from 3 on. */
function pages(count: number, page: string, above: string, ...shared: string[]): Uint8Array {
  const first = 3 + shared.length;
  const all = [...shared, ...Array.from({ length: count }, () => page)];
  const kids = Array.from({ length: count }, (_, i) => `${first + i} 0 R`).join(" ");
  const objects = all.map((object, i) => `${3 + i} 0 obj\n${object}\nendobj\n`).join("");
  return octets(`${CATALOG}2 0 obj\n<</Kids[${kids}]${above}>>\nendobj\n${objects}${TRAILER}`);
}

function packed(count: number, entries: string, objects: string): string {
  const dict = `<</Type/ObjStm/N ${count}/First ${entries.length}>>`;
  return `9 0 obj\n${dict}\nstream\n${entries}${objects}\nendstream\nendobj\n`;
}

function streamOf(content: string): string {
  return `<</Length ${content.length}>>\nstream\n${content}\nendstream`;
}

/** How much comes out. */
async function lengthOf(bytes: Uint8Array): Promise<number> {
  let length = 0;
  for (const piece of await layOutPdf(bytes, TWO_UP)) length += piece.length;
  return length;
}

async function refused(bytes: Uint8Array): Promise<void> {
  await assert.rejects(() => lengthOf(bytes), LayoutError);
}

Deno.test("layOutPdf() refuses packed objects that are more than fit where they are listed", async () => {
  await lengthOf(onePage(packed(2, "5 0 6 3 ", "[1][2]")));
  await refused(onePage(packed(3, "5 0 6 3 ", "[1][2]")));
  await refused(onePage(packed(-1, "5 0 ", "[]")));
  await refused(onePage(packed(1, "5 -1 ", "[]")));
  // Each may be short, and there may be many.
  await refused(onePage(packed(700_000, "7 0 ".repeat(700_000), "[]")));
});

Deno.test("layOutPdf() reads a packed object once, however many are said to stand there", async () => {
  const many = 500, read = PdfReader.prototype.value;
  const list = `[${"1.5 ".repeat(many)}]`;
  let values = 0;
  PdfReader.prototype.value = function (depth) {
    values++;
    return read.call(this, depth);
  };
  try {
    await lengthOf(onePage(packed(many, "5 0 ".repeat(many), list)));
  } finally {
    PdfReader.prototype.value = read;
  }
  assert.ok(values > many && values < 4 * many, `${values}`);
});

Deno.test("layOutPdf() does not read on where a stream falsely says that it ends", async () => {
  const many = 200, word = "A".repeat(100_000);
  const empty = (i: number) => `${10 + i} 0 obj<</Length 20000>>stream\nendstream\n`;
  const objects = Array.from({ length: many }, (_, i) => empty(i)).join("");
  const letters = String.fromCharCode;
  let calls = 0;
  String.fromCharCode = (...codes) => (calls++, letters(...codes));
  try {
    await lengthOf(onePage(objects + word));
  } finally {
    String.fromCharCode = letters;
  }
  // The word is 25 calls long, and stands behind each of 200 streams.
  assert.ok(calls < 12 * many, `${calls}`);
});

Deno.test("layOutPdf() refuses to make much of a little", async (t) => {
  const big = "q Q ".repeat(100_000);
  const cases: [string, fits: Uint8Array, tooMuch: Uint8Array][] = [
    [
      "contents that pages share, as they are packed",
      pages(2, "<</Contents 3 0 R>>", "", streamOf(big)),
      pages(200, "<</Contents 3 0 R>>", "", streamOf(big)),
    ],
    [
      "contents put together",
      pages(2, "<</Contents[3 0 R 3 0 R]>>", "", streamOf(big)),
      pages(2, `<</Contents[${"3 0 R ".repeat(200)}]>>`, "", streamOf(big)),
    ],
    [
      "marks that pages share",
      pages(2, "<</Annots 3 0 R>>", "", `[${"4 0 R ".repeat(2_000)}]`, "<</F 4>>"),
      pages(40, "<</Annots 3 0 R>>", "", `[${"4 0 R ".repeat(2_000)}]`, "<</F 4>>"),
    ],
    [
      "long lists that pages share",
      pages(2, "<</MediaBox 3 0 R/Contents 3 0 R>>", "", `[${"0 ".repeat(20_000)}]`),
      pages(40, "<</MediaBox 3 0 R/Contents 3 0 R>>", "", `[${"0 ".repeat(20_000)}]`),
    ],
    [
      "groups that share the pages below them",
      pages(2, "<</Kids 3 0 R>>", "", `[${"4 0 R ".repeat(20_000)}]`, "<<>>"),
      pages(40, "<</Kids 3 0 R>>", "", `[${"4 0 R ".repeat(20_000)}]`, "<<>>"),
    ],
  ];
  for (const [name, fits, tooMuch] of cases) {
    await t.step(name, async () => {
      await lengthOf(fits);
      await refused(tooMuch);
    });
  }
});

Deno.test("layOutPdf() writes the resources above all pages once", async () => {
  const above = `/Resources<</A[${"1.5 ".repeat(10_000)}]>>`;
  const [one, many] = await Promise.all(
    [1, 40].map((count) => lengthOf(pages(count, "<<>>", above))),
  );
  assert.ok(many! < one! + 40_000, `${one} ${many}`);
});

Deno.test("layOutPdf() refuses pages that stand in each other too deep, or that have no end", async () => {
  const nested = (depth: number) => {
    const groups = Array.from(
      { length: depth },
      (_, i) => `${2 + i} 0 obj\n<</Kids[${3 + i} 0 R]>>\n`,
    );
    return octets(`${CATALOG}${groups.join("")}${2 + depth} 0 obj\n<<>>\n${TRAILER}`);
  };
  await lengthOf(nested(256));
  await refused(nested(257));
  await lengthOf(pages(1, "<</MediaBox[0 0 1000000 10]>>", ""));
  await refused(pages(1, "<</MediaBox[0 0 1000001 10]>>", ""));
});

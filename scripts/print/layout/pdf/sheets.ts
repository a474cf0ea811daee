import type { LayoutWish } from "../wish.ts";
import { PdfDocument } from "./document.ts";
import { formOf, marksOf, type Matrix, pagesOf, type PdfPage } from "./pages.ts";
import { PdfStream } from "./stream.ts";
import { octets, type PdfDict, PdfName, PdfRef, type PdfValue } from "./syntax.ts";
import { decimal, type OwnRef, PdfWriter } from "./writer.ts";

/**
 * Puts several pages of a PDF on a side, and a page of its own before them.
 *
 * @returns the new file, piece by piece
 * @throws {LayoutError} when it is encrypted, or no PDF that can be read
 */
export async function layOutPdf(
  bytes: Uint8Array,
  { up, banner, bothSides }: LayoutWish,
): Promise<Iterable<Uint8Array>> {
  const document = await PdfDocument.read(bytes);
  const pages = pagesOf(document);
  const writer = new PdfWriter(document);
  const top = writer.add();
  const first = up === 1 ? sizeOf(pages[0]!) : sheetOf(pages[0]!, up);
  const kids: PdfRef[] = banner ? bannerSheets(writer, top, first, banner, bothSides) : [];
  const count = kids.length + Math.ceil(pages.length / up);
  const catalog = new Map(document.root);
  if (up === 1) kids.push(belowOf(document, writer, top));
  else {
    for (let i = 0; i < pages.length; i += up) {
      kids.push(await sheet(document, writer, top, pages.slice(i, i + up), up));
    }
    // They tell of pages that are none any more.
    for (const name of catalog.keys()) if (!KEPT.includes(name)) catalog.delete(name);
  }
  writer.set(top, dictOf({ Type: new PdfName("Pages"), Kids: kids, Count: count }));
  return writer.file(writer.add(catalog.set("Pages", top)));
}

/** What stays of a catalog: which layers are seen. */
const KEPT = ["Type", "OCProperties"];

/** The document's own pages as they are, below ours. */
function belowOf(document: PdfDocument, writer: PdfWriter, parent: OwnRef): PdfRef {
  const ref = document.root.get("Pages");
  const pages = new Map(document.dict(ref)).set("Parent", parent);
  if (!(ref instanceof PdfRef)) return writer.add(pages);
  writer.replace(ref, pages);
  return ref;
}

type Size = readonly [width: number, height: number];

function sizeOf({ width, height }: PdfPage): Size {
  return [width, height];
}

/** Two pages lie side by side on a sheet that lies the other way. */
function sheetOf({ width, height }: PdfPage, up: number): Size {
  return up === 2 ? [height, width] : [width, height];
}

async function sheet(
  document: PdfDocument,
  writer: PdfWriter,
  parent: OwnRef,
  pages: readonly PdfPage[],
  up: number,
): Promise<OwnRef> {
  const [width, height] = sheetOf(pages[0]!, up);
  const columns = up === 4 || width > height ? 2 : 1;
  const slot = { width: width / columns, height: height / (up / columns) };
  const things: PdfDict = new Map();
  const put = (thing: PdfRef, place: Matrix, inside = "") => {
    const name = `W${things.size}`;
    things.set(name, thing);
    return `q ${place.map(decimal).join(" ")} cm /${name} Do ${inside}Q `;
  };
  let content = "";
  for (const [i, page] of pages.entries()) {
    const scale = Math.min(slot.width / page.width, slot.height / page.height);
    const left = slot.width * (i % columns) + (slot.width - page.width * scale) / 2;
    const row = Math.floor(i / columns);
    const bottom = height - slot.height * (row + 1) + (slot.height - page.height * scale) / 2;
    const [a, b, c, d, e, f] = page.upright;
    const place: Matrix = [
      ...[a * scale, b * scale, c * scale, d * scale] as const,
      ...[e * scale + left, f * scale + bottom] as const,
    ];
    const marks = marksOf(document, page).map((mark) => put(mark.appearance, mark.place));
    const form = await formOf(document, page, writer.shared(page.resources));
    content += put(writer.add(form), place, marks.join(""));
  }
  return pageWith(writer, parent, [width, height], content, { XObject: things });
}

const HELVETICA = dictOf({
  Type: new PdfName("Font"),
  Subtype: new PdfName("Type1"),
  BaseFont: new PdfName("Helvetica"),
  Encoding: new PdfName("WinAnsiEncoding"),
});

function bannerSheets(
  writer: PdfWriter,
  parent: OwnRef,
  size: Size,
  lines: readonly string[],
  bothSides: boolean,
): OwnRef[] {
  const text = lines.map((line) => `(${line.replace(/[()\\]/g, "\\$&")}) Tj 0 -36 Td`).join("\n");
  const content = `BT /F 24 Tf 54 ${decimal(size[1] - 108)} Td\n${text}\nET\n`;
  const front = pageWith(writer, parent, size, content, { Font: dictOf({ F: HELVETICA }) });
  return bothSides ? [front, pageWith(writer, parent, size, "", {})] : [front];
}

function pageWith(
  writer: PdfWriter,
  parent: OwnRef,
  [width, height]: Size,
  content: string,
  resources: Readonly<Record<string, PdfValue>>,
): OwnRef {
  return writer.add(dictOf({
    Type: new PdfName("Page"),
    Parent: parent,
    MediaBox: [0, 0, width, height],
    Contents: writer.add(new PdfStream(new Map(), octets(content))),
    Resources: dictOf(resources),
  }));
}

function dictOf(entries: Readonly<Record<string, PdfValue>>): PdfDict {
  return new Map(Object.entries(entries));
}

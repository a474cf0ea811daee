import type { PdfDocument } from "./document.ts";
import { PdfStream } from "./stream.ts";
import { LayoutError, type PdfDict, PdfName, PdfRef, type PdfValue } from "./syntax.ts";

/** The most pages of a document that is laid out. */
const PAGES = 5_000;
/** How deep groups of pages may stand in each other. */
const DEPTH = 256;
/** The longest side of a page, in points: 350 m. PDF knows no larger numbers without an exponent. */
const SIDE = 1_000_000;

/** Six numbers that move, turn and scale (ISO 32000-1, "Coordinate Systems"). */
export type Matrix = readonly [number, number, number, number, number, number];

/** One page, with what it takes from those above it. */
export interface PdfPage {
  readonly dict: PdfDict;
  readonly resources: PdfValue;
  /** Left, bottom, right, top of what is shown. */
  readonly box: readonly [number, number, number, number];
  /** Size as it is read. */
  readonly width: number;
  readonly height: number;
  /** Moves its lower left corner, as it is read, to the origin, and turns it upright. */
  readonly upright: Matrix;
}

const A4 = [0, 0, 595, 842];
const INHERITED = ["Resources", "MediaBox", "CropBox", "Rotate"];

/**
 * The pages of a document, in sequence.
 *
 * @throws {LayoutError} when there are none, or too many
 */
export function pagesOf(document: PdfDocument): PdfPage[] {
  const pages: PdfPage[] = [];
  const seen = new Set<PdfDict>();
  const walk = (node: PdfValue | undefined, above: PdfDict, depth = 0) => {
    const dict = document.dict(node);
    if (!dict || seen.has(dict)) return;
    if (depth > DEPTH) throw new LayoutError("its pages stand in each other too deep");
    seen.add(dict);
    const own = new Map(above);
    for (const name of INHERITED) if (dict.has(name)) own.set(name, dict.get(name)!);
    if (!dict.has("Kids")) pages.push(pageOf(document, dict, own));
    else for (const kid of document.list(dict.get("Kids"))) walk(kid, own, depth + 1);
    if (pages.length > PAGES) throw new LayoutError(`it has more than ${PAGES} pages`);
  };
  walk(document.root.get("Pages"), new Map());
  if (pages.length === 0) throw new LayoutError("it has no pages");
  return pages;
}

function pageOf(document: PdfDocument, dict: PdfDict, inherited: PdfDict): PdfPage {
  const media = document.numbers(inherited.get("MediaBox"), 4) ?? A4;
  const [x0, y0, x1, y1] = document.numbers(inherited.get("CropBox"), 4) ?? media;
  const left = Math.min(x0!, x1!), right = Math.max(x0!, x1!);
  const bottom = Math.min(y0!, y1!), top = Math.max(y0!, y1!);
  const turns = ((Number(document.get(inherited.get("Rotate"))) || 0) / 90 % 4 + 4) % 4;
  const upright: Matrix = turns === 1
    ? [0, -1, 1, 0, -bottom, right]
    : turns === 2
    ? [-1, 0, 0, -1, right, top]
    : turns === 3
    ? [0, 1, -1, 0, top, -left]
    : [1, 0, 0, 1, -left, -bottom];
  const sides = [right - left, top - bottom] as const;
  const [width, height] = turns % 2 === 1 ? [sides[1], sides[0]] : sides;
  if (!(width > 0 && height > 0 && width <= SIDE && height <= SIDE)) {
    throw new LayoutError("a page of it has no size that can be printed");
  }
  const resources = inherited.get("Resources") ?? new Map();
  return { dict, resources, box: [left, bottom, right, top], width, height, upright };
}

/**
 * What a page shows as one thing that can be put anywhere (ISO 32000-1, "Form XObjects").
 *
 * @param resources Where the page's are: pages share them, and so do the forms.
 * @throws {LayoutError} when too much is made of the document
 */
export async function formOf(
  document: PdfDocument,
  page: PdfPage,
  resources: PdfRef,
): Promise<PdfStream> {
  const dict: PdfDict = new Map<string, PdfValue>([
    ["Type", new PdfName("XObject")],
    ["Subtype", new PdfName("Form")],
    ["BBox", page.box],
    ["Resources", resources],
  ]);
  const group = page.dict.get("Group");
  if (group !== undefined) dict.set("Group", group);
  const contents = page.dict.get("Contents");
  const parts = document.get(contents) instanceof PdfStream ? [contents] : document.list(contents);
  const streams = parts.map((part) => document.get(part)).filter((one) => one instanceof PdfStream);
  if (streams.length === 1) {
    document.spend(streams[0]!.packed.length);
    // As it is packed, in whatever way.
    for (const name of ["Filter", "DecodeParms"]) {
      if (streams[0]!.dict.has(name)) dict.set(name, streams[0]!.dict.get(name)!);
    }
    return new PdfStream(dict, streams[0]!.packed);
  }
  const pieces: BlobPart[] = [];
  for (const stream of streams) {
    pieces.push(await document.unpack(stream) as Uint8Array<ArrayBuffer>, "\n");
  }
  return new PdfStream(dict, new Uint8Array(await new Blob(pieces).arrayBuffer()));
}

/** A field or a mark on a page that is printed with it, and where it goes there. */
export interface PdfMark {
  readonly appearance: PdfRef;
  readonly place: Matrix;
}

const HIDDEN = 2, PRINTED = 4;
/** What one mark counts of all that is made, wherever it ends. */
const MARK_BYTES = 1_000;

/**
 * What is filled in and marked on a page (ISO 32000-1, "Appearance Streams").
 *
 * @throws {LayoutError} when too much is made of the document
 */
export function marksOf(document: PdfDocument, page: PdfPage): PdfMark[] {
  const marks = document.list(page.dict.get("Annots"));
  document.spend(marks.length * MARK_BYTES);
  return marks.flatMap((one) => {
    const mark = document.dict(one);
    const flags = Number(mark?.get("F") ?? 0);
    if (!mark || (flags & HIDDEN) !== 0 || (flags & PRINTED) === 0) return [];
    const appearance = appearanceOf(document, mark);
    const stream = document.get(appearance);
    const rect = document.numbers(mark.get("Rect"), 4);
    if (!(appearance instanceof PdfRef) || !(stream instanceof PdfStream) || !rect) return [];
    const box = document.numbers(stream.dict.get("BBox"), 4);
    if (!box) return [];
    const matrix = document.numbers(stream.dict.get("Matrix"), 6) ?? [1, 0, 0, 1, 0, 0];
    const place = onto(boundsOf(box, matrix as unknown as Matrix), rect);
    return place ? [{ appearance, place }] : [];
  });
}

/** A mark in the state it is in. */
function appearanceOf(document: PdfDocument, mark: PdfDict): PdfValue | undefined {
  const normal = document.dict(mark.get("AP"))?.get("N");
  const states = document.dict(normal);
  if (!states) return normal;
  const state = document.get(mark.get("AS"));
  return state instanceof PdfName ? states.get(state.text) : undefined;
}

function boundsOf(
  [x0, y0, x1, y1]: readonly number[],
  [a, b, c, d, e, f]: Matrix,
): readonly number[] {
  const corners = [[x0!, y0!], [x0!, y1!], [x1!, y0!], [x1!, y1!]] as const;
  const xs = corners.map(([x, y]) => a * x + c * y + e);
  const ys = corners.map(([x, y]) => b * x + d * y + f);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function onto(from: readonly number[], to: readonly number[]): Matrix | undefined {
  const width = from[2]! - from[0]!, height = from[3]! - from[1]!;
  if (width <= 0 || height <= 0) return undefined;
  const left = Math.min(to[0]!, to[2]!), bottom = Math.min(to[1]!, to[3]!);
  const x = Math.abs(to[2]! - to[0]!) / width, y = Math.abs(to[3]! - to[1]!) / height;
  return [x, 0, 0, y, left - from[0]! * x, bottom - from[1]! * y];
}

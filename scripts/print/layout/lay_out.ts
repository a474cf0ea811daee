import { layOutPdf } from "./pdf/sheets.ts";
import { LayoutError, octets } from "./pdf/syntax.ts";
import { aroundPostScript } from "./postscript.ts";
import type { LayoutWish } from "./wish.ts";

/** The longest PDF that is laid out: it is held in memory. */
const PDF_BYTES = 16_000_000;

/** Formats that can be laid out. */
export const LAID_OUT: readonly string[] = ["application/pdf", "application/postscript"];

/** A document as it was taken. */
export interface WholeDocument {
  readonly length: number;
  bytes(): Promise<Uint8Array>;
  stream(): ReadableStream<Uint8Array>;
}

/**
 * Makes what a job wishes of its document.
 *
 * @throws {LayoutError} when that cannot be made of it
 */
export async function layOut(
  document: WholeDocument,
  format: string,
  wish: LayoutWish,
): Promise<ReadableStream<Uint8Array>> {
  if (format === "application/pdf") {
    if (document.length > PDF_BYTES) throw new LayoutError(`it has more than ${PDF_BYTES} bytes`);
    return ReadableStream.from(await layOutPdf(await document.bytes(), wish));
  }
  if (format === "application/postscript") {
    // Orders to one make of printer stand before its program, and nothing may stand before them.
    if (!await isProgram(document)) throw new LayoutError("it is no PostScript program by itself");
    return ReadableStream.from(around(document.stream(), aroundPostScript(wish)));
  }
  throw new LayoutError(`it is ${format}`);
}

async function isProgram(document: WholeDocument): Promise<boolean> {
  for await (const [percent, mark] of document.stream()) return percent === 0x25 && mark === 0x21;
  return false;
}

async function* around(
  program: ReadableStream<Uint8Array>,
  { before, after }: { before: string; after: string },
): AsyncGenerator<Uint8Array> {
  yield octets(before);
  yield* program;
  yield octets(after);
}

import type { ComingDocument } from "../ipp/request_head.ts";

/** The first bytes of kinds of documents that printers take. */
const SIGNATURES: readonly (readonly [format: string, bytes: string])[] = [
  ["application/pdf", "%PDF"],
  ["application/postscript", "%!PS"],
  ["image/jpeg", "\xff\xd8\xff"],
  ["image/png", "\x89PNG"],
  ["image/pwg-raster", "RaS2"],
  ["image/urf", "UNIRAST\0"],
];

/** The kind of a document by its first bytes; `undefined` where they tell nothing. */
export function formatOf(first: Uint8Array): string | undefined {
  return SIGNATURES.find(([, bytes]) =>
    [...bytes].every((letter, i) => letter.charCodeAt(0) === first[i])
  )?.[0];
}

/** Bytes that {@linkcode formatOf} looks at. */
const LONGEST = 8;

/** Reads on until a document's first bytes can be looked at, or there are no more. */
export async function peek({ first, rest }: ComingDocument): Promise<ComingDocument> {
  const reader = rest.getReader();
  let read = first;
  while (read.length < LONGEST) {
    const { value, done } = await reader.read();
    if (done) break;
    const longer = new Uint8Array(read.length + value.length);
    longer.set(read);
    longer.set(value, read.length);
    read = longer;
  }
  reader.releaseLock();
  return { first: read, rest };
}

/** The whole as one stream. */
export function streamOf({ first, rest }: ComingDocument): ReadableStream<Uint8Array> {
  const reader = rest.getReader();
  return new ReadableStream({
    start: (controller) => first.length > 0 ? controller.enqueue(first) : undefined,
    async pull(controller) {
      const { value, done } = await reader.read();
      done ? controller.close() : controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

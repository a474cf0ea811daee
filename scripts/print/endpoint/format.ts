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

/** A document and its first bytes, which can be looked at before it goes on. */
export async function peek(
  document: ReadableStream<Uint8Array>,
): Promise<{ first: Uint8Array; document: ReadableStream<Uint8Array> }> {
  const reader = document.getReader();
  let first = new Uint8Array(), over = false;
  while (first.length < 8 && !over) {
    const { value, done } = await reader.read();
    over = done;
    if (value) {
      const longer = new Uint8Array(first.length + value.length);
      longer.set(first);
      longer.set(value, first.length);
      first = longer;
    }
  }
  const whole = new ReadableStream<Uint8Array>({
    start: (controller) => first.length > 0 ? controller.enqueue(first) : undefined,
    async pull(controller) {
      const { value, done } = over ? { value: undefined, done: true } : await reader.read();
      done ? controller.close() : controller.enqueue(value!);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { first, document: whole };
}

import { ADVERT_BYTES, ANSWERS, SERVICE, TEXT_BYTES } from "./limits.ts";

/** One answer of a packet, of which anything may be said. */
export interface HeardAnswer {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly data?: unknown;
}

/** An advert as the strings of a TXT record; `undefined` when it is too long for one. */
export function writeTexts(advert: Uint8Array): Uint8Array[] | undefined {
  if (advert.length === 0 || advert.length > ADVERT_BYTES) return undefined;
  const count = Math.ceil(advert.length / TEXT_BYTES);
  return Array.from(
    { length: count },
    (_, i) => advert.subarray(i * TEXT_BYTES, (i + 1) * TEXT_BYTES),
  );
}

/** Adverts among the answers of a packet, unjudged; what has another form is left out. */
export function readTexts(answers: readonly HeardAnswer[]): Uint8Array[] {
  return answers.slice(0, ANSWERS).flatMap(({ name, type, data }) => {
    if (name !== SERVICE || type !== "TXT") return [];
    const texts = Array.isArray(data) ? data : [data];
    if (!texts.every((text) => text instanceof Uint8Array)) return [];
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    if (length === 0 || length > ADVERT_BYTES) return [];
    const advert = new Uint8Array(length);
    let at = 0;
    for (const text of texts) {
      advert.set(text, at);
      at += text.length;
    }
    return [advert];
  });
}

/** A document that cannot be laid out, and why. */
export class LayoutError extends Error {
  override readonly name = "LayoutError";
}

/** A name as it is written, without its slash. */
export class PdfName {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Where another object stands. */
export class PdfRef {
  readonly number: number;

  constructor(number: number) {
    this.number = number;
  }
}

/** A text with its brackets, as it is written. */
export class PdfText {
  readonly written: Uint8Array;

  constructor(written: Uint8Array) {
    this.written = written;
  }
}

/** A dictionary, by names without slashes. */
export type PdfDict = Map<string, PdfValue>;

/** Any value but a stream. */
export type PdfValue =
  | null
  | boolean
  | number
  | PdfName
  | PdfRef
  | PdfText
  | readonly PdfValue[]
  | PdfDict;

/** How deep values may stand in each other. */
const DEPTH = 64;
const SPACE = new Set([0, 9, 10, 12, 13, 32]);
const DELIMITERS = new Set([..."()<>[]{}/%"].map((letter) => letter.charCodeAt(0)));
const [OPEN, CLOSE, LESS, MORE, BACKSLASH, SLASH, PERCENT] = [..."()<>\\/%"]
  .map((letter) => letter.charCodeAt(0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];

/**
 * Reads PDF's values one after another.
 *
 * @see ISO 32000-1, "Syntax"
 */
export class PdfReader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** The next word, or one bracket; empty at the end. */
  word(): string {
    this.#toToken();
    const from = this.at;
    while (this.at < this.bytes.length && !this.#ends(this.at)) this.at++;
    if (this.at === from && this.at < this.bytes.length) this.at++;
    return latin(this.bytes.subarray(from, this.at));
  }

  /**
   * The next value.
   *
   * @throws {LayoutError} when there is none
   */
  value(depth = 0): PdfValue {
    if (depth > DEPTH) throw new LayoutError("its values stand in each other too deep");
    this.#toToken();
    const { bytes, at } = this;
    const first = bytes[at];
    if (first === SLASH) return this.#name();
    if (first === OPEN) return this.#text();
    if (first === LESS && bytes[at + 1] === LESS) return this.#dict(depth);
    if (first === LESS) return this.#hex();
    const word = this.word();
    if (word === "[") return this.#array(depth);
    if (word === "true" || word === "false") return word === "true";
    if (word === "null") return null;
    const number = Number(word);
    if (word === "" || !/^[-+.\d]/.test(word) || Number.isNaN(number)) {
      throw new LayoutError(`it is no PDF that can be read: at octet ${at}`);
    }
    return /^\d+$/.test(word) ? this.#ref(number) : number;
  }

  /** Goes on to what is neither white nor a comment. */
  #toToken(): void {
    for (; this.at < this.bytes.length; this.at++) {
      const byte = this.bytes[this.at]!;
      if (byte === PERCENT) {
        while (this.at < this.bytes.length && !isLineEnd(this.bytes[this.at]!)) this.at++;
      } else if (!SPACE.has(byte)) return;
    }
  }

  #ends(at: number): boolean {
    const byte = this.bytes[at]!;
    return SPACE.has(byte) || DELIMITERS.has(byte);
  }

  #name(): PdfName {
    const from = ++this.at;
    while (this.at < this.bytes.length && !this.#ends(this.at)) this.at++;
    return new PdfName(latin(this.bytes.subarray(from, this.at)));
  }

  #text(): PdfText {
    const from = this.at;
    for (let open = 0; this.at < this.bytes.length;) {
      const byte = this.bytes[this.at++];
      if (byte === BACKSLASH) this.at++;
      else if (byte === OPEN) open++;
      else if (byte === CLOSE && --open === 0) break;
    }
    return new PdfText(this.bytes.subarray(from, this.at));
  }

  #hex(): PdfText {
    const end = this.bytes.indexOf(MORE, this.at);
    if (end < 0) throw new LayoutError("a text of it does not end");
    const written = this.bytes.subarray(this.at, end + 1);
    this.at = end + 1;
    return new PdfText(written);
  }

  #array(depth: number): PdfValue[] {
    const values: PdfValue[] = [];
    for (this.#toToken(); this.bytes[this.at] !== 0x5d; this.#toToken()) {
      values.push(this.value(depth + 1));
    }
    this.at++;
    return values;
  }

  #dict(depth: number): PdfDict {
    const entries: PdfDict = new Map();
    this.at += 2;
    for (this.#toToken(); this.bytes[this.at] !== MORE; this.#toToken()) {
      const name = this.value(depth + 1);
      if (!(name instanceof PdfName)) throw new LayoutError("a dictionary of it has no names");
      entries.set(name.text, this.value(depth + 1));
    }
    this.at += 2;
    return entries;
  }

  /** A number, or with two words after it where an object stands. */
  #ref(number: number): number | PdfRef {
    const after = this.at;
    if (/^\d+$/.test(this.word()) && this.word() === "R") return new PdfRef(number);
    this.at = after;
    return number;
  }
}

/** Octets as text, one letter each. */
export function latin(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) {
    text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  }
  return text;
}

/** The octets of such a text; a letter that has none becomes a question mark. */
export function octets(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[i] = code < 256 ? code : 0x3f;
  }
  return bytes;
}

function isLineEnd(byte: number): boolean {
  return byte === 10 || byte === 13;
}

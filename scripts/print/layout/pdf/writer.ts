import type { PdfDocument } from "./document.ts";
import { type PdfObject, PdfStream } from "./stream.ts";
import { octets, type PdfDict, PdfName, PdfRef, PdfText, type PdfValue } from "./syntax.ts";

/** The number of an object that is ours, not the document's. */
export class OwnRef extends PdfRef {}

/**
 * Writes a new PDF of own objects and of all that they point to in another document. What nothing
 * points to is left out.
 */
export class PdfWriter {
  readonly #source: PdfDocument;
  /** By their new numbers, from 1 on. */
  readonly #objects: (PdfObject | undefined)[] = [];
  readonly #numbers = new Map<number, number>();
  readonly #shared = new Map<PdfValue, OwnRef>();

  constructor(source: PdfDocument) {
    this.#source = source;
  }

  /** Adds an object; without one its number is kept free for {@linkcode set}. */
  add(object?: PdfObject): OwnRef {
    return new OwnRef(this.#objects.push(object));
  }

  set({ number }: OwnRef, object: PdfObject): void {
    this.#objects[number - 1] = object;
  }

  /** Where a value of the document stands, written once however many point to it. */
  shared(value: PdfValue): PdfRef {
    if (value instanceof PdfRef) return value;
    const ref = this.#shared.get(value) ?? this.add(value);
    this.#shared.set(value, ref);
    return ref;
  }

  /** Puts an object in place of one of the document. */
  replace({ number }: PdfRef, object: PdfObject): void {
    this.#numbers.set(number, this.#objects.push(object));
  }

  /** The whole file, piece by piece. */
  *file(catalog: OwnRef): Generator<Uint8Array> {
    let at = 0;
    const places: number[] = [];
    const count = (bytes: Uint8Array) => (at += bytes.length, bytes);
    // The second line tells programs that it is not a text.
    yield count(octets("%PDF-1.7\n%\u00e9\u00e9\n"));
    for (let i = 0; i < this.#objects.length; i++) {
      places.push(at);
      yield count(octets(`${i + 1} 0 obj\n`));
      for (const piece of this.#written(this.#objects[i] ?? null)) yield count(piece);
      yield count(octets("\nendobj\n"));
    }
    const rows = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`);
    const size = places.length + 1;
    yield octets(
      `xref\n0 ${size}\n0000000000 65535 f \n${rows.join("")}` +
        `trailer\n<</Size ${size}/Root ${catalog.number} 0 R>>\nstartxref\n${at}\n%%EOF\n`,
    );
  }

  #written(object: PdfObject): Uint8Array[] {
    if (!(object instanceof PdfStream)) return this.#value(object);
    const dict: PdfDict = new Map(object.dict).set("Length", object.packed.length);
    const around = ["\nstream\n", "\nendstream"].map((text) => octets(text));
    return [...this.#value(dict), around[0]!, object.packed, around[1]!];
  }

  #value(value: PdfValue): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let text = "";
    const write = (value: PdfValue): void => {
      if (value instanceof PdfText) {
        pieces.push(octets(text), value.written);
        text = "";
      } else if (value instanceof PdfRef) text += `${this.#number(value)} 0 R`;
      else if (value instanceof PdfName) text += `/${value.text}`;
      else if (value instanceof Map) {
        text += "<<";
        for (const [name, inner] of value) {
          text += `/${name} `;
          write(inner);
        }
        text += ">>";
      } else if (Array.isArray(value)) {
        text += "[";
        for (const inner of value) {
          write(inner);
          text += " ";
        }
        text += "]";
      } else text += typeof value === "number" ? decimal(value) : String(value);
    };
    write(value);
    return [...pieces, octets(text)];
  }

  #number(ref: PdfRef): number {
    if (ref instanceof OwnRef) return ref.number;
    let number = this.#numbers.get(ref.number);
    if (number === undefined) {
      number = this.#objects.push(this.#source.get(ref));
      this.#numbers.set(ref.number, number);
    }
    return number;
  }
}

/** PDF knows no exponents. */
export function decimal(number: number): string {
  return Number.isInteger(number) ? String(number) : number.toFixed(6).replace(/\.?0+$/, "");
}

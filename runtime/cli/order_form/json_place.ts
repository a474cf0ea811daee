import { unescapeKey } from "../../core/input_schema/json_pointer.ts";

const STRING = /"(?:[^"\\]|\\.)*"/y;
const SPACE = /\s*/y;
const SCALAR = /[^\s,\]}]+/y;

/**
 * Where in a JSON text a value stands.
 *
 * @param json A text that parses.
 * @param pointer RFC 6901, as `/items/0/name`.
 * @returns `line:column`, from 1, of the value, or of the nearest value around one that is not there.
 * @see RFC 6901, "Evaluation"
 * @example
 * ```ts
 * import { jsonPlace } from "./json_place.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(jsonPlace('{\n  "copies": 0\n}', "/copies"), "2:13");
 * ```
 */
export function jsonPlace(json: string, pointer: string): string {
  const path = pointer.split("/").slice(1)
    .map(unescapeKey);
  const index = new Scanner(json).find(path);
  const before = json.slice(0, index).split("\n");
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The index at which the value at this path begins. */
  find(path: readonly string[]): number {
    this.#take(SPACE);
    const here = this.#at;
    const [wanted, ...rest] = path;
    const open = this.#text[here];
    if (wanted === undefined || (open !== "{" && open !== "[")) return here;
    this.#at++;
    for (let count = 0; this.#more(open === "{" ? "}" : "]"); count++) {
      const key = open === "{" ? this.#key() : String(count);
      if (key === wanted) return this.find(rest);
      this.#skip();
    }
    return here;
  }

  /** Past commas; whether another entry follows. */
  #more(close: string): boolean {
    this.#take(SPACE);
    if (this.#text[this.#at] === ",") this.#at++;
    this.#take(SPACE);
    return this.#at < this.#text.length && this.#text[this.#at] !== close;
  }

  #key(): string {
    const key = JSON.parse(this.#take(STRING));
    this.#take(SPACE);
    this.#at++; // the colon
    return key;
  }

  /** Past one value of any depth. */
  #skip(): void {
    let depth = 0;
    do {
      this.#take(SPACE);
      const c = this.#text[this.#at];
      if (c === '"') this.#take(STRING);
      else if (c === "{" || c === "[") depth++, this.#at++;
      else if (c === "}" || c === "]") depth--, this.#at++;
      else if (c === "," || c === ":") this.#at++;
      else if (this.#take(SCALAR) === "") return;
    } while (depth > 0);
  }

  #take(form: RegExp): string {
    form.lastIndex = this.#at;
    const [found = ""] = form.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }
}

import { printable } from "../../core/printable.ts";
import type { Output } from "../terminal/io.ts";
import { paintFor } from "../terminal/paint.ts";

/** Where the demo speaks: to a person line by line, or not at all while it collects for a machine. */
export class Stage {
  readonly #out: Output;
  readonly #silent: boolean;
  readonly #paint: ReturnType<typeof paintFor>;
  #scene = 0;

  constructor(out: Output, silent: boolean) {
    this.#out = out;
    this.#silent = silent;
    this.#paint = paintFor(out);
  }

  scene(title: string): void {
    this.#line(`\n${this.#paint.bold(`${++this.#scene}. ${title}`)}\n`);
  }

  /** A fact: what it is about, and what there is to say. */
  say(what: string, text: string): void {
    this.#line(`   ${this.#paint.dim(what.padEnd(10))} ${printable(text)}`);
  }

  /** Something that had to come out one way, and did or did not. */
  check(good: boolean, what: string, text: string): void {
    const mark = good ? this.#paint.green("✓") : this.#paint.red("✗ NOT AS PROMISED");
    this.#line(` ${mark} ${what.padEnd(60)} ${printable(text)}`);
  }

  /** A further line below a check. */
  more(text: string): void {
    this.#line(this.#paint.dim(`     ${printable(text)}`));
  }

  plain(text: string): void {
    this.#line(text);
  }

  #line(text: string): void {
    if (!this.#silent) this.#out.write(text + "\n");
  }
}

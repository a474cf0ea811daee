import type { ElementPoint } from "../wire/input.ts";

/** A frame of most screens: nobody sees more. */
const TOGETHER_MS = 16;

/** Where people point, told once a frame, as moving a pointer makes more of it than anybody sees. */
export class Pointers {
  readonly #places = new Map<string, ElementPoint | null>();
  readonly #tell: (from: string, at: ElementPoint | null) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (from: string, at: ElementPoint | null) => void) {
    this.#tell = tell;
  }

  move(from: string, at: ElementPoint | null): void {
    this.#places.set(from, at);
    this.#timer ??= setTimeout(() => this.#flush(), TOGETHER_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#places.clear();
  }

  #flush(): void {
    this.#timer = undefined;
    for (const [from, at] of this.#places) this.#tell(from, at);
    this.#places.clear();
  }
}

import type {
  BrowserApplied,
  BrowserEvent,
  BrowserInput,
  BrowserSession,
} from "../../runtime/sdk/mod.ts";

/**
 * A browser with one page and one field in it, in which nothing happens by itself: when it does what
 * it was asked, and when its person is heard of, is for a test to say.
 */
export class BrowserByHand {
  value = "";
  /** Whether the field is there. */
  isLoaded = true;
  readonly #url: string;
  /** How much was told, and how much of that when the person last wrote. */
  #n = 0;
  #writtenAt = 0;
  #asked: (() => void)[] = [];
  #told: BrowserEvent[] = [];
  #hear: (event: BrowserEvent) => void = () => {};

  constructor(url: string) {
    this.#url = url;
  }

  /** The person types a letter. */
  type(letter: string): void {
    this.value += letter;
    this.#writtenAt = ++this.#n;
    this.#told.push({ n: this.#n, at: 0, tab: 1, ...this.#field() });
  }

  /** Does the next thing that it was asked. */
  act(): void {
    this.#asked.shift()?.();
  }

  /** Tells the next thing that happened. */
  tell(): void {
    const event = this.#told.shift();
    if (event) this.#hear(event);
  }

  get isIdle(): boolean {
    return this.#asked.length + this.#told.length === 0;
  }

  /** As a script is lent it. */
  get session(): BrowserSession {
    const done = () => Promise.resolve();
    const session: Partial<BrowserSession> = {
      apply: (input, { seen } = {}) => this.#later(() => this.#apply(input, seen)),
      state: () =>
        this.#later(() => [{ type: "navigation", url: this.#url, tab: 1 }, {
          ...this.#field(),
          tab: 1,
        }]),
      events: () => this.#events(),
      sign: done,
      point: done,
      close: done,
    };
    return session as BrowserSession;
  }

  #field() {
    const { length } = this.value;
    const selection: [number, number] = [length, length];
    return { type: "input", element: { path: "#name" }, value: this.value, selection } as const;
  }

  #apply(input: BrowserInput, seen = Infinity): BrowserApplied {
    if (input.type !== "input") return { applied: true };
    if (!this.isLoaded) return { applied: false, why: "gone" };
    if (this.#writtenAt > seen) return { applied: false, why: "overtaken" };
    this.value = input.value ?? "";
    return { applied: true };
  }

  #later<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => this.#asked.push(() => resolve(work())));
  }

  async *#events(): AsyncGenerator<BrowserEvent> {
    while (true) yield await new Promise<BrowserEvent>((resolve) => this.#hear = resolve);
  }
}

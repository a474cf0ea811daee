import type { EventParams } from "./cdp/link.ts";

/** How long something may take to be painted, once it is covered. */
const PAINT_MS = 100;

/** Who takes pictures of a page. */
export interface Watcher {
  take(base64: string, width: number, height: number): void;
}

/** How large pictures are, pixels, and how good, of 100. */
export interface WatchSize {
  readonly maxWidth: number;
  readonly maxHeight: number;
  readonly quality: number;
}

/** What {@linkcode Pictures} works by. */
export interface PicturesOptions {
  /** Has Chromium send pictures; what is there now is sent at once. */
  start(size: WatchSize): Promise<unknown>;
  stop(): Promise<unknown>;
  /** Says that one was taken. */
  acknowledge(sessionId: number): Promise<unknown>;
  /** Since when all that is unseen has been covered, milliseconds of the clock; asked for each. */
  coveredSince(): Promise<number>;
}

/** Pictures of a page. One that was made before all was covered goes to nobody. */
export class Pictures {
  readonly #options: PicturesOptions;
  readonly #watchers = new Set<Watcher>();
  #size: WatchSize | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PicturesOptions) {
    this.#options = options;
  }

  /** Sends them to one more; the size is the last one's. */
  async watch(watcher: Watcher, size: WatchSize): Promise<void> {
    this.#watchers.add(watcher);
    this.#size = size;
    await this.#start();
  }

  async unwatch(watcher: Watcher): Promise<void> {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    clearTimeout(this.#again);
    this.#again = undefined;
    await this.#options.stop().catch(() => {});
  }

  /** A picture as Chromium gives it. */
  async take({ data, metadata, sessionId }: EventParams<"Page.screencastFrame">): Promise<void> {
    const since = await this.#options.coveredSince();
    const { timestamp = 0, deviceWidth, deviceHeight } = metadata;
    if (timestamp * 1_000 >= since + PAINT_MS) {
      for (const watcher of this.#watchers) watcher.take(data, deviceWidth, deviceHeight);
    } else {
      this.#takeAgain();
    }
    await this.#options.acknowledge(sessionId);
  }

  /** A page that does not change sends no other by itself. */
  #takeAgain(): void {
    if (this.#watchers.size === 0) return;
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      this.#start().catch(() => {});
    }, PAINT_MS);
  }

  async #start(): Promise<void> {
    if (this.#size === undefined) return;
    await this.#options.stop();
    await this.#options.start(this.#size);
  }
}

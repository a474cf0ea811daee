import { decodeBase64 } from "../../core/base64.ts";
import { Bell } from "./bell.ts";
import type { Onlooker } from "./onlookers.ts";
import type { Session } from "./session.ts";
import type { Tab } from "./tab.ts";

const MAX_WIDTH = 1_280;
const QUALITY = 60;
/** A frame's longest side follows from its width. */
const MAX_HEIGHT = 2_000;

/** A frame that waits to be read. */
export interface FrameAbout {
  readonly length: number;
  readonly width: number;
  readonly height: number;
  readonly at: number;
}

interface Frame extends FrameAbout {
  readonly data: Uint8Array;
}

/** Pictures of the page that is looked at, for one who takes them when ready: only the newest counts. */
export class Screencast implements Onlooker {
  readonly #session: Session;
  readonly #about: {
    readonly maxWidth?: number | undefined;
    readonly quality?: number | undefined;
  };
  #tab: Tab | undefined;
  #newest: Frame | undefined;
  #taken: Frame | undefined;
  #over = false;
  readonly #bell = new Bell();

  constructor(
    session: Session,
    about: { readonly maxWidth?: number | undefined; readonly quality?: number | undefined },
  ) {
    this.#session = session;
    this.#about = about;
    session.closed.then(() => this.end()).catch(() => {});
  }

  /** Covers what is unseen, and only then looks. */
  async begin(): Promise<void> {
    await this.#session.appearance.box(this, true);
    await this.#look();
  }

  /** @returns nothing when it is over */
  async next(signal: AbortSignal): Promise<FrameAbout | undefined> {
    while (!this.#newest && !this.#over && !signal.aborted) {
      // A frame may come while it is looked for.
      const rung = this.#bell.rung(signal);
      await this.#look();
      await rung;
    }
    if (this.#over || signal.aborted) return undefined;
    this.#taken = this.#newest;
    this.#newest = undefined;
    const { length, width, height, at } = this.#taken!;
    return { length, width, height, at };
  }

  /** A piece of the frame that was taken last. */
  read(offset: number, most: number): Uint8Array | undefined {
    return this.#taken?.data.slice(offset, offset + most);
  }

  /** Another page is looked at, or the same in another browser. */
  moved(): void {
    this.#bell.ring();
  }

  async end(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#bell.ring();
    await this.#tab?.pictures.unwatch(this);
    await this.#session.appearance.box(this, false);
  }

  /** Follows the page that is looked at at the moment. */
  async #look(): Promise<void> {
    const { tab } = this.#session;
    if (tab === this.#tab) return;
    await this.#tab?.pictures.unwatch(this);
    this.#tab = tab;
    await tab?.pictures.watch(this, {
      maxWidth: this.#about.maxWidth ?? MAX_WIDTH,
      maxHeight: MAX_HEIGHT,
      quality: this.#about.quality ?? QUALITY,
    });
  }

  /** A frame as Chromium gives it. */
  take(base64: string, width: number, height: number): void {
    const data = decodeBase64(base64);
    if (!data) return;
    this.#newest = { data, length: data.length, width, height, at: Date.now() };
    this.#bell.ring();
  }
}

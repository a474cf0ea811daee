/**
 * A browser of this machine. The grant says which sites its pages may be of, and what of them
 * nobody else sees. There is no evaluating, no cookies, no files, no downloads.
 */
export interface Browser {
  /** Opens a page, in a session of its own. Fails as `not_granted`, `quota` or `unavailable`. */
  open(url: string, size?: { width: number; height: number }): Promise<BrowserSession>;
  /** A session that another run or request of this script has opened. */
  session(id: string): Promise<BrowserSession | undefined>;
  list(): Promise<{ id: string; url: string; state: "open" | "gone" }[]>;
}

/**
 * Pages that are seen and driven together. It is closed when no run or request that used it has
 * been under way for a minute.
 */
export interface BrowserSession {
  readonly id: string;
  /** Opens another page in it. */
  open(url: string): Promise<{ tab: number }>;
  /**
   * Goes to a URL, or where the page was. The `navigation` that follows is `applied`.
   *
   * @param to A URL, or `back`, `forward`, `reload`.
   */
  navigate(to: string, options?: { tab?: number }): Promise<void>;
  /**
   * Does here what somebody did elsewhere. What comes of it is no event of this session.
   *
   * @param options.seen The `n` of the last event that was heard when it was decided: a field in
   *   which the person has written since, and a focus that they have moved since, stay as they are.
   */
  apply(input: BrowserInput, options?: { seen?: number }): Promise<BrowserApplied>;
  /** What happens from now on, as it happens. Ends with the session, or with this run or request. */
  events(): AsyncIterable<BrowserEvent>;
  /** What brings another browser to where this one is: pages, fields, scrolling. Nothing masked. */
  state(): Promise<BrowserInput[]>;
  /**
   * The whole page as rrweb has it. From then on `mirror` events with an `n` above this one's
   * continue it, over navigations too. Fails as `unavailable` where no page is there yet.
   *
   * @param options.most Characters of its JSON, 16 million at most; a page of more fails as
   *   `too_long`. A cell needs about four times as many bytes.
   */
  snapshot(options?: { most?: number }): Promise<BrowserSnapshot>;
  /** Pictures of the page, the newest only; what is masked or hidden is black, for everybody. */
  stream(options?: { maxWidth?: number; quality?: number }): AsyncIterable<BrowserFrame>;
  /**
   * Draws a frame round an element, or a line in place of it, until it is removed by `null`, or `ms`
   * have passed.
   */
  highlight(id: string, element: ElementRef | null, look?: BrowserFrameLook): Promise<void>;
  /** Draws somebody's pointer, until it is removed by `null`. */
  point(id: string, at: ElementPoint | null, look?: BrowserLook): Promise<void>;
  /** Marks every page of the session with a text, the visible sign that it is shared; `null` ends it. */
  sign(text: string | null): Promise<void>;
  close(): Promise<void>;
}

/**
 * An element: by its path, which is the same in every browser that has the same page, or by its id
 * in the mirror of a document.
 */
export interface ElementRef {
  path?: string;
  node?: number;
  document?: string;
}

/** A place in an element's box: fractions of its width and height. */
export interface ElementPoint extends ElementRef {
  x: number;
  y: number;
}

/** A place in an element's text: characters. */
export interface TextPoint extends ElementRef {
  offset: number;
}

/** How something drawn over a page looks. */
export interface BrowserLook {
  /** `#rrggbb`. */
  color?: string;
  /** At most 40 characters. */
  label?: string;
  ms?: number;
}

/** How a frame looks. */
export interface BrowserFrameLook extends BrowserLook {
  /** At most 500 points in fractions of the element's box, and as far as 100 of them beyond it. */
  line?: [x: number, y: number][];
}

export type BrowserModifier = "alt" | "control" | "meta" | "shift";

/** What can be done in a page. `tab` is the page that is looked at where it is left out. */
export type BrowserInput =
  & { tab?: number }
  & (
    | { type: "navigation"; url: string }
    | {
      type: "click";
      point: ElementPoint;
      button?: "left" | "middle" | "right";
      count?: 1 | 2;
      modifiers?: BrowserModifier[];
    }
    | { type: "pointer"; point: ElementPoint }
    /** Fractions of what can be scrolled; `null` is the page. */
    | { type: "scroll"; element: ElementRef | null; x: number; y: number }
    /** The whole state of a field. */
    | {
      type: "input";
      element: ElementRef;
      value?: string;
      checked?: boolean;
      values?: string[];
      selection?: [number, number];
    }
    /** Keys without text: Enter, Escape, arrows. A letter is an `input`. */
    | {
      type: "key";
      element: ElementRef | null;
      key: string;
      code?: string;
      modifiers?: BrowserModifier[];
    }
    | { type: "selection"; from: TextPoint | null; to: TextPoint | null }
    | { type: "focus"; element: ElementRef | null }
    | { type: "viewport"; width: number; height: number }
    | { type: "tab"; tab: number; action: "active" | "close" }
  );

/** What became of an input. */
export interface BrowserApplied {
  applied: boolean;
  /** Of the element, where it was named by a node. */
  path?: string;
  /**
   * `masked`: nobody but the person may drive it; `gone`: there is no such element; `hidden`:
   * something else lies there; `refused`: the element does not take it, or too much waits;
   * `overtaken`: the person did something there after `seen`, which is told by itself.
   */
  why?: "masked" | "gone" | "hidden" | "refused" | "overtaken";
}

/** What happened in a session. `at` is milliseconds since 1970, by this machine's clock. */
export type BrowserEvent =
  & { n: number; at: number; tab: number }
  & (
    | Exclude<BrowserInput, { type: "navigation" | "tab" | "focus" }>
    | { type: "focus"; element: ElementRef | null; masked?: true }
    /** `applied`: it came of what was applied here. `masked`: a masked field was cut out of the URL. */
    | {
      type: "navigation";
      url: string;
      document: string;
      applied: boolean;
      masked?: true;
    }
    | { type: "tab"; action: "opened" | "closed" | "active"; url: string }
    /** An event of rrweb's, which continues a snapshot. */
    | { type: "mirror"; document: string; event: unknown }
    | {
      type: "refused";
      why:
        | "scheme"
        | "not_listed"
        | "denied"
        | "address"
        | "popup"
        | "download"
        | "too_many"
        /** It took the sign away, or lay over it, again and again; it was left. */
        | "sign";
      origin: string;
    }
    /** The browser died, or is there again with the pages that it had. */
    | { type: "browser"; state: "gone" | "back" }
    /** This listener was too slow, or the page too large: events are missing here. */
    | { type: "lost" }
    | { type: "closed" }
  );

/** A page as it was at a moment. */
export interface BrowserSnapshot {
  url: string;
  document: string;
  n: number;
  /** rrweb's events, as JSON: to be passed on as it is. */
  readonly json: string;
  /** The same, read anew each time. */
  readonly events: unknown[];
}

/** A picture of a page. */
export interface BrowserFrame {
  /** A JPEG file. */
  data: Uint8Array;
  width: number;
  height: number;
  at: number;
}

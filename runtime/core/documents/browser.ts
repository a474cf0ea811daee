import * as v from "valibot";
import { countSchema } from "./common.ts";
import { unique, uniqueBy } from "./unique.ts";

/** Bounds of {@linkcode BrowserSettings.pages}. */
export const BROWSER_PAGES = { DEFAULT: 4, MOST: 50 } as const;

/** `https://shop.example`, `http://10.0.0.7:8080`, `https://*.example.org`, `https://*`. */
export const originSchema = v.pipe(
  v.string(),
  v.maxLength(300),
  v.check(
    isOrigin,
    'must be "http://" or "https://" with a host in lower case, perhaps ":port", and no path',
  ),
);

/** A CSS selector: text that neither ends the rule that it stands in, nor begins another. */
export const selectorSchema = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(300),
  v.regex(/^[^{}@;\\<\p{Cc}]+$/u, "must be a CSS selector without { } @ ; \\ and <"),
  v.check(isClosed, "must close every bracket and quote that it opens"),
);

/** Where a Chromium listens that somebody started for this. */
export const attachSchema = v.pipe(
  v.string(),
  v.regex(/^(?:127\.0\.0\.1|\[::1\]):[1-9][0-9]{0,4}$/, 'must be "127.0.0.1:PORT"'),
);

/** An X display of this machine. */
export const displaySchema = v.pipe(
  v.string(),
  v.regex(/^:[0-9]{1,4}$/, 'must be a display of this machine, such as ":0"'),
);

const selectorsSchema = v.pipe(v.array(selectorSchema), v.maxLength(100), unique("selector"));

/** What an admin fixes about the browser that a script is lent. */
export const browserSchema = v.strictObject({
  /** Sites whose pages may be opened; `internal` lets one be, or resolve to, a private address. */
  urls: v.pipe(
    v.array(v.strictObject({ origin: originSchema, internal: v.boolean() })),
    v.minLength(1),
    v.maxLength(1_000),
    uniqueBy((entry) => entry.origin, "origin"),
  ),
  /** Sites that are not opened, whatever `urls` says. */
  deny: v.optional(v.pipe(v.array(originSchema), v.maxLength(1_000), unique("origin"))),
  /** Fields whose content nobody else sees, besides those that every grant masks. */
  mask: v.optional(selectorsSchema),
  /** Regions that nobody else sees. */
  hide: v.optional(selectorsSchema),
  /** Pages that are open at the same time. */
  pages: v.optional(v.pipe(countSchema(1), v.maxValue(BROWSER_PAGES.MOST))),
  /** A Chromium that somebody started for this; absent: the agent starts its own. */
  attach: v.optional(attachSchema),
  /** Where the agent's own shows its window; absent: it has none. */
  window: v.optional(displaySchema),
});
export type BrowserSettings = v.InferOutput<typeof browserSchema>;

/** A browser closes what a selector leaves open, and would read those after it as a part of it. */
function isClosed(selector: string): boolean {
  const bare = selector.replace(/"[^"]*"|'[^']*'/g, "");
  const count = (character: string) => bare.split(character).length;
  return !/["']/.test(bare) && count("(") === count(")") && count("[") === count("]");
}

/** Only the spelling that a browser itself gives: what an admin reads is what is compared. */
function isOrigin(text: string): boolean {
  const plain = text.replace("://*.", "://any.").replace(/:\/\/\*$/, "://any.example");
  if (!/^https?:\/\//.test(plain) || plain.includes("*") || !URL.canParse(plain)) return false;
  return new URL(plain).origin === plain;
}

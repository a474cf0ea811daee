import { isMap } from "yaml";
import {
  attachSchema,
  BROWSER_PAGES,
  type BrowserSettings,
  displaySchema,
  originSchema,
  selectorSchema,
} from "../../core/documents/browser.ts";
import { closed, count, flag, listOf } from "../yaml/decoders.ts";
import { type Decoder, either, refine } from "../yaml/decoder.ts";
import { fits } from "./values.ts";

const origin = fits(originSchema);
const siteMapping = refine(
  closed({ origin }, { internal: flag }),
  ({ origin, internal = false }) => ({ origin, internal }),
);

/** `"https://shop.example"`, or a mapping that says `internal`. */
const site: Decoder<BrowserSettings["urls"][number]> = either((place) => {
  if (isMap(place.node)) return siteMapping(place);
  const plain = origin(place);
  return plain === undefined ? undefined : { origin: plain, internal: false };
}, [origin, siteMapping]);

/** `capabilities.browser` of a grant. */
export const browserYaml: Decoder<BrowserSettings> = closed({ urls: listOf(site, 1) }, {
  deny: listOf(origin),
  mask: listOf(fits(selectorSchema)),
  hide: listOf(fits(selectorSchema)),
  pages: count(1, BROWSER_PAGES.MOST),
  attach: fits(attachSchema),
  window: fits(displaySchema),
});

import * as v from "valibot";
import { countSchema } from "./common.ts";

/** An absolute path without steps up, or anything that a configuration file would read otherwise. */
const PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._@+-]+)+$/;

/** A folder, or a socket, that a scanner's settings name. */
export const scannerPathSchema = v.pipe(
  v.string(),
  v.maxLength(500),
  v.regex(PATH, "must be an absolute path of A-Z, a-z, 0-9 and ._@+- without steps up"),
);

/** Where clamd listens: `127.0.0.1:3310`, or the path of its socket. */
export const clamdSchema = v.union([
  v.pipe(v.string(), v.regex(/^(?:127\.0\.0\.1|\[::1\]|localhost):[1-9][0-9]{0,4}$/)),
  scannerPathSchema,
], 'must be "127.0.0.1:PORT", or the absolute path of a socket');

/** Bounds of {@linkcode ScannerSettings.keep}. */
export const KEPT_GENERATIONS = { LEAST: 2, DEFAULT: 3, MOST: 20 } as const;

/** What an admin fixes about the scanner that a script is lent. */
export const scannerSchema = v.strictObject({
  /** Where its databases lie; default: with the script's other things. */
  folder: v.optional(scannerPathSchema),
  /** The daemon that is told of new ones. */
  clamd: v.optional(clamdSchema),
  /** Generations that stay, the one in use among them. */
  keep: v.optional(v.pipe(
    countSchema(KEPT_GENERATIONS.LEAST),
    v.maxValue(KEPT_GENERATIONS.MOST),
  )),
  /** The admin's own files to test with: below `found/` those to be found, below `clean/` the others. */
  canaries: v.optional(scannerPathSchema),
  /** Lets plain lists be used untested where no ClamAV is installed to test them with. */
  untested: v.optional(v.boolean()),
});
export type ScannerSettings = v.InferOutput<typeof scannerSchema>;

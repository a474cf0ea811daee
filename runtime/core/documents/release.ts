import * as v from "valibot";
import { versionSchema } from "../semver_range.ts";
import { countSchema, digestSchema, instantSchema, nameSchema } from "./common.ts";

/** A system that Deno is built for, as Deno names it: `x86_64-unknown-linux-gnu`. */
const targetSchema = v.pipe(
  v.string(),
  v.maxLength(64),
  v.regex(/^[a-z0-9_]+(-[a-z0-9_]+){2,3}$/, 'must be like "x86_64-unknown-linux-gnu"'),
);

/** Which program the agents of a fleet shall be. Signed by the role `releases` of its root. */
export const releaseSchema = v.strictObject({
  fleet: nameSchema,
  /** Rises with every release, whatever the version says: an old one is made new by a higher one. */
  sequence: countSchema(1),
  /** Of Writ. */
  version: versionSchema,
  /** Of the Deno that it brings, which is the patch level of every cell's walls. */
  deno: versionSchema,
  /** The list of its files for each system, see `release_files.ts`. */
  targets: v.pipe(
    v.record(targetSchema, v.strictObject({ sha256: digestSchema, length: countSchema(1) })),
    v.minEntries(1),
    v.maxEntries(16),
  ),
  issued: instantSchema,
  expires: instantSchema,
});
export type Release = v.InferOutput<typeof releaseSchema>;

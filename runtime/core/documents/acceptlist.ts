import * as v from "valibot";
import { LIMITS } from "../limits.ts";
import { rangeSchema } from "../semver_range.ts";
import {
  countSchema,
  digestSchema,
  instantSchema,
  keyIdSchema,
  nameSchema,
  publicKeySchema,
  scriptNameSchema,
} from "./common.ts";
import { grantSchema } from "./grant.ts";
import { unique, uniqueBy } from "./unique.ts";

/**
 * A publisher's key. `active` signs anything; `retired` counts for pinned hashes and up to
 * `maxSequence`; `revoked` counts for nothing.
 */
const publisherKeySchema = v.strictObject({
  key: publicKeySchema,
  state: v.picklist(["active", "retired", "revoked"]),
  maxSequence: v.optional(countSchema(0)),
});
export type PublisherKey = v.InferOutput<typeof publisherKeySchema>;

/** A publisher's keys and how many of them must sign. */
const publisherSchema = v.pipe(
  v.strictObject({
    keys: v.pipe(
      v.array(publisherKeySchema),
      v.minLength(1),
      v.maxLength(LIMITS.SIGNATURES),
      uniqueBy((entry) => entry.key, "key"),
    ),
    threshold: countSchema(1),
  }),
  v.check((p) => p.threshold <= p.keys.length, "must not ask for more keys than it has"),
);
export type Publisher = v.InferOutput<typeof publisherSchema>;

/** One thing that may run: exactly these bytes, or versions in a range from a sequence on. */
const acceptEntrySchema = v.union([
  v.strictObject({ script: scriptNameSchema, sha256: digestSchema }),
  v.strictObject({
    script: scriptNameSchema,
    range: rangeSchema,
    minSequence: v.optional(countSchema(0)),
  }),
]);
export type AcceptEntry = v.InferOutput<typeof acceptEntrySchema>;

/** One thing that may not run, whatever accepts it. */
const denyEntrySchema = v.union([
  v.strictObject({ key: publicKeySchema, reason: v.optional(v.string()) }),
  v.strictObject({ sha256: digestSchema, reason: v.optional(v.string()) }),
  v.strictObject({
    script: scriptNameSchema,
    range: v.optional(rangeSchema),
    reason: v.optional(v.string()),
  }),
]);
export type DenyEntry = v.InferOutput<typeof denyEntrySchema>;

/** What the signed list and the local policy files both say: the rules without their wrapping. */
const rules = {
  fleet: nameSchema,
  publishers: v.record(nameSchema, publisherSchema),
  accept: v.pipe(v.array(acceptEntrySchema), uniqueBy((entry) => JSON.stringify(entry), "entry")),
  deny: v.pipe(v.array(denyEntrySchema), uniqueBy((entry) => JSON.stringify(entry), "entry")),
  grants: v.pipe(v.array(grantSchema), uniqueBy((grant) => grant.script, "script")),
  /** Labels that orders may address, by agent. */
  labels: v.record(keyIdSchema, v.pipe(v.array(nameSchema), unique("label"))),
};

/** The signed accept-list. Signed by the role `accept`. */
export const acceptListSchema = v.strictObject({
  ...rules,
  epoch: countSchema(1),
  version: countSchema(1),
  issued: instantSchema,
  expires: instantSchema,
  /** Digest of the payload of the version before, `null` for the first. */
  prev: v.nullable(digestSchema),
});
export type AcceptList = v.InferOutput<typeof acceptListSchema>;

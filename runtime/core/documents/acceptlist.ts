import * as v from "valibot";
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

/**
 * A publisher's key. `active` signs anything; `retired` counts for pinned hashes and up to
 * `maxSequence`; `revoked` counts for nothing.
 */
export const publisherKeySchema = v.strictObject({
  key: publicKeySchema,
  state: v.picklist(["active", "retired", "revoked"]),
  maxSequence: v.optional(countSchema(0)),
});
export type PublisherKey = v.InferOutput<typeof publisherKeySchema>;

export const publisherSchema = v.strictObject({
  keys: v.pipe(v.array(publisherKeySchema), v.minLength(1), v.maxLength(16)),
  threshold: countSchema(1),
});
export type Publisher = v.InferOutput<typeof publisherSchema>;

/** One thing that may run: exactly these bytes, or versions in a range from a sequence on. */
export const acceptEntrySchema = v.union([
  v.strictObject({ script: scriptNameSchema, sha256: digestSchema }),
  v.strictObject({
    script: scriptNameSchema,
    range: v.string(),
    minSequence: v.optional(countSchema(0)),
  }),
]);
export type AcceptEntry = v.InferOutput<typeof acceptEntrySchema>;

/** One thing that may not run, whatever accepts it. */
export const denyEntrySchema = v.union([
  v.strictObject({ key: publicKeySchema, reason: v.optional(v.string()) }),
  v.strictObject({ sha256: digestSchema, reason: v.optional(v.string()) }),
  v.strictObject({
    script: scriptNameSchema,
    range: v.optional(v.string()),
    reason: v.optional(v.string()),
  }),
]);
export type DenyEntry = v.InferOutput<typeof denyEntrySchema>;

/** What the signed list and the local policy files both say: the rules without their wrapping. */
const rules = {
  fleet: nameSchema,
  publishers: v.record(nameSchema, publisherSchema),
  accept: v.array(acceptEntrySchema),
  deny: v.array(denyEntrySchema),
  grants: v.array(grantSchema),
  /** Labels that orders may address, by agent. */
  labels: v.record(keyIdSchema, v.array(nameSchema)),
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

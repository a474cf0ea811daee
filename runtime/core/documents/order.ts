import * as v from "valibot";
import { rangeSchema } from "../semver_range.ts";
import {
  countSchema,
  digestSchema,
  instantSchema,
  keyIdSchema,
  nameSchema,
  scriptNameSchema,
} from "./common.ts";
import { unique, uniqueBy } from "./unique.ts";

/** A document that comes with an order, by its hash; its bytes are uploaded apart. */
export const attachmentSchema = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  sha256: digestSchema,
  length: countSchema(0),
  mediaType: v.optional(v.pipe(v.string(), v.maxLength(255))),
});
export type Attachment = v.InferOutput<typeof attachmentSchema>;

/**
 * When an order is due again: so long after it was due, at least a minute; or by a cron pattern of
 * five parts, read in a time zone of the IANA database.
 */
const repeatSchema = v.union([
  v.strictObject({ everyMs: countSchema(60_000) }),
  v.strictObject({
    cron: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
    timezone: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  }),
]);
export type Repeat = v.InferOutput<typeof repeatSchema>;

/** A signed request to run a script. Signed by an orderer that the script's grant names. */
export const orderSchema = v.strictObject({
  /** Unique for ever: a UUID. */
  id: v.pipe(v.string(), v.uuid(), v.regex(/^[0-9a-f-]+$/, "must be in lower case")),
  fleet: nameSchema,
  /** The script by name and exact hash, or by name and version range. */
  script: v.union([
    v.strictObject({ name: scriptNameSchema, sha256: digestSchema }),
    v.strictObject({ name: scriptNameSchema, range: rangeSchema }),
  ]),
  input: v.unknown(),
  attachments: v.pipe(
    v.array(attachmentSchema),
    v.maxLength(64),
    uniqueBy((attachment) => attachment.name, "attachment"),
  ),
  /** Agents by id or by label; never both. */
  audience: v.union([
    v.strictObject({ agents: v.pipe(v.array(keyIdSchema), v.minLength(1), unique("agent")) }),
    v.strictObject({ labels: v.pipe(v.array(nameSchema), v.minLength(1), unique("label")) }),
  ]),
  issued: instantSchema,
  expires: instantSchema,
  schedule: v.optional(v.strictObject({ at: instantSchema, repeat: v.optional(repeatSchema) })),
  idempotencyKey: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
  queueKey: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
});
export type Order = v.InferOutput<typeof orderSchema>;

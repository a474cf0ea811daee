import * as v from "valibot";
import { rangeSchema, versionSchema } from "../semver_range.ts";
import { countSchema, digestSchema, instantSchema, nameSchema } from "./common.ts";
import {
  CAPABILITY_NAMES,
  flagValueSchema,
  lifeSchema,
  limitsSchema,
  PERMISSION_KINDS,
} from "./grant.ts";
import { unique, uniqueBy } from "./unique.ts";

/** A permission the script needs. Without a value: some grant of that kind. */
const requestSchema = v.strictObject({
  permission: v.picklist(PERMISSION_KINDS),
  value: v.optional(flagValueSchema),
  reason: v.pipe(v.string(), v.minLength(1), v.maxLength(500)),
});
export type PermissionRequest = v.InferOutput<typeof requestSchema>;

/** What a module may be written in. */
export const MODULE_MEDIA_TYPES = ["application/typescript", "text/javascript"] as const;

/** What a publisher signs about one version of a script. */
export const manifestSchema = v.strictObject({
  publisher: nameSchema,
  name: nameSchema,
  /** Semantic version 2.0.0, without build metadata. */
  version: versionSchema,
  /** Rises with every release of this script, whatever the version says. */
  sequence: countSchema(1),
  description: v.optional(v.pipe(v.string(), v.maxLength(500))),
  module: v.strictObject({
    sha256: digestSchema,
    length: countSchema(1),
    mediaType: v.picklist(MODULE_MEDIA_TYPES),
  }),
  /**
   * Leads from a bundled module's lines to the author's files, for stack traces; nothing depends
   * on it. It lies in every source beside the modules, under its hash.
   */
  sourceMap: v.optional(v.strictObject({ sha256: digestSchema, length: countSchema(1) })),
  /** JSON Schema 2020-12 of the input. */
  inputSchema: v.optional(v.record(v.string(), v.unknown())),
  requests: v.pipe(
    v.array(requestSchema),
    v.maxLength(256),
    uniqueBy(
      (request) => JSON.stringify([request.permission, request.value ?? null]),
      "permission",
    ),
  ),
  capabilities: v.pipe(v.array(v.picklist(CAPABILITY_NAMES)), unique("capability")),
  /** Versions of Writ that can run it, a semver range. */
  runtime: rangeSchema,
  life: lifeSchema,
  limits: v.optional(v.partial(limitsSchema)),
  idempotent: v.boolean(),
  retry: v.optional(v.strictObject({ attempts: countSchema(1), delayMs: countSchema(0) })),
  created: instantSchema,
});
export type Manifest = v.InferOutput<typeof manifestSchema>;

import * as v from "valibot";
import {
  countSchema,
  digestSchema,
  keyIdSchema,
  nameSchema,
  scriptNameSchema,
} from "../../core/documents/common.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { AuditHead } from "../audit/audit_head.ts";
import type { AuditRow } from "../audit/audit_row.ts";
import type { Acknowledgement } from "../orders/order_intake.ts";
import type { RunRecord } from "../store/runs.ts";

// What the routes answer. Each schema is held to the type that the code works with, by `satisfies`.

const time = v.pipe(countSchema(), v.description("Milliseconds since the epoch"));
const seconds = v.pipe(v.number(), v.minValue(0));
const level = v.picklist([0, 1, 2, 3]);

/** `GET /healthz`. */
export const healthSchema = v.strictObject({ ok: v.literal(true) });

/** `GET /v1/info`: what anybody may know of an agent. */
export const infoSchema = v.strictObject({
  agent: keyIdSchema,
  fleet: nameSchema,
  version: v.string(),
  level: v.pipe(v.nullable(level), v.description("Isolation of the cells; null: none can be had")),
  deno: v.string(),
  ca: v.optional(v.pipe(digestSchema, v.description("Of the certificate that vouches for TLS"))),
});

/** What anybody may know of an agent. */
export type AgentInfo = v.InferOutput<typeof infoSchema>;

/** How an order was acknowledged. */
export const acknowledgementSchema = v.strictObject({
  run: countSchema(1),
  order: v.string(),
}) satisfies v.GenericSchema<unknown, Acknowledgement>;

/** What of an order's attachments is not stored. */
export const missingSchema = v.strictObject({ missing: v.array(digestSchema) });

const limit = v.strictObject({ limitBytes: v.number() });
const reason = v.strictObject({ reason: v.string() });
const outcomeSchema = v.variant("outcome", [
  v.strictObject({ outcome: v.literal("ok"), result: v.optional(v.unknown()) }),
  v.strictObject({
    outcome: v.literal("script_error"),
    detail: v.strictObject({
      name: v.string(),
      message: v.string(),
      stack: v.optional(v.string()),
    }),
  }),
  v.strictObject({
    outcome: v.literal("denied"),
    detail: v.strictObject({ permission: v.string(), value: v.string(), message: v.string() }),
  }),
  v.strictObject({
    outcome: v.literal("cpu"),
    detail: v.strictObject({ limitMs: v.number() }),
  }),
  v.strictObject({
    outcome: v.literal("wall"),
    detail: v.strictObject({
      reason: v.picklist(["deadline", "unresponsive"]),
      limitMs: v.number(),
    }),
  }),
  v.strictObject({
    outcome: v.literal("memory"),
    detail: v.strictObject({ kind: v.picklist(["heap", "native"]), limitBytes: v.number() }),
  }),
  v.strictObject({ outcome: v.literal("output"), detail: limit }),
  v.strictObject({
    outcome: v.literal("protocol"),
    detail: v.strictObject({ message: v.string() }),
  }),
  v.strictObject({
    outcome: v.literal("exited"),
    detail: v.union([
      v.strictObject({ code: v.number() }),
      v.strictObject({ signal: v.string() }),
    ]),
  }),
  v.strictObject({ outcome: v.literal("cancelled"), detail: reason }),
  v.strictObject({
    outcome: v.literal("refused"),
    detail: v.strictObject({ rule: v.string(), message: v.string() }),
  }),
  v.strictObject({ outcome: v.literal("interrupted"), detail: reason }),
]);

/** One outcome that the schema would not know is a mistake of the compiler's. */
type Unknown = Exclude<Outcome["outcome"], v.InferOutput<typeof outcomeSchema>["outcome"]>;
const noneUnknown: [Unknown] extends [never] ? true : never = true;
void noneUnknown;

/** Which release an agent is, and which others it knows. */
export const releasesSchema = v.strictObject({
  version: v.string(),
  deno: v.string(),
  running: v.nullable(countSchema(1)),
  next: v.nullable(countSchema(1)),
  failed: v.nullable(countSchema(1)),
  previous: v.nullable(countSchema(1)),
  supervised: v.boolean(),
});

/** A release that was taken. */
export const takenReleaseSchema = v.strictObject({
  release: countSchema(1),
  version: v.string(),
  deno: v.string(),
});

/** One run. */
export const runSchema = v.strictObject({
  id: countSchema(1),
  order: v.string(),
  orderer: nameSchema,
  script: scriptNameSchema,
  state: v.picklist(["accepted", "running", "ended"]),
  attempt: countSchema(1),
  retryOf: v.nullable(countSchema(1)),
  created: time,
  due: v.nullable(time),
  started: v.nullable(time),
  ended: v.nullable(time),
  version: v.nullable(v.string()),
  module: v.nullable(digestSchema),
  policy: v.nullable(digestSchema),
  level: v.nullable(v.number()),
  outcome: v.nullable(outcomeSchema),
  figures: v.nullable(v.strictObject({
    cpuMs: seconds,
    wallMs: seconds,
    peakBytes: v.number(),
    outputBytes: countSchema(),
    calls: v.optional(countSchema()),
    callBytes: v.optional(countSchema()),
    level,
    shared: v.optional(v.literal(true)),
  })),
});
/** A field of {@linkcode RunRecord} that the schema would not know is a mistake of the compiler's. */
const sameFields: [Exclude<keyof RunRecord, keyof v.InferOutput<typeof runSchema>>] extends [never]
  ? true
  : never = true;
void sameFields;

/** `GET /v1/runs`: newest first. */
export const runsSchema = v.strictObject({ runs: v.array(runSchema) });

/** `POST /v1/runs/:id/cancel`. */
export const cancelledSchema = v.strictObject({ run: countSchema(1), cancelled: v.boolean() });

/** `PUT /v1/blobs/:digest`. */
export const blobSchema = v.strictObject({ digest: digestSchema, length: countSchema() });

/** `POST /v1/manifests`. */
export const publishedSchema = v.strictObject({
  script: scriptNameSchema,
  version: v.string(),
  module: digestSchema,
});

/** `GET /v1/audit`: rows, oldest first, and the signed end of the log. */
export const auditSchema = v.strictObject({
  rows: v.array(
    v.strictObject({
      seq: countSchema(1),
      time,
      event: v.string(),
      detail: v.pipe(v.string(), v.description("Canonical JSON")),
      prev: digestSchema,
      hash: digestSchema,
    }) satisfies v.GenericSchema<unknown, AuditRow>,
  ),
  head: v.nullable(
    v.strictObject({
      agent: keyIdSchema,
      seq: countSchema(),
      hash: digestSchema,
      time,
      signature: v.string(),
    }) satisfies v.GenericSchema<unknown, AuditHead>,
  ),
});

/** The list of a script's versions, as every source has it. */
export const versionsSchema = v.strictObject({
  versions: v.array(v.strictObject({ version: v.string(), sha256: digestSchema })),
});

/** `GET /v1/policy`. */
export const policySchema = v.strictObject({ digest: digestSchema, rules: v.unknown() });

/** `GET /v1/policy/pending`. */
export const pendingSchema = v.strictObject({
  auditMode: v.boolean(),
  pending: v.array(v.record(v.string(), v.unknown())),
});

/** `POST /v1/policy/reload`. */
export const reloadedSchema = v.record(v.string(), v.unknown());

/** Every refusal. */
export const errorSchema = v.strictObject({
  error: v.strictObject({ code: v.string(), message: v.string() }),
});

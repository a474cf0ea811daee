import * as v from "valibot";
import { browserSchema } from "./browser.ts";
import { channelSchema } from "./channel.ts";
import { countSchema, nameSchema, scriptNameSchema } from "./common.ts";
import { scannerSchema } from "./scanner.ts";
import { callersSchema, serveSchema } from "./serve.ts";
import { unique, uniqueBy } from "./unique.ts";

/**
 * A value that becomes part of a Deno flag. A comma would begin a second value there, so it is
 * refused, with control characters and the empty string, which would mean "everything".
 */
export const flagValueSchema = v.pipe(
  v.string(),
  v.minLength(1, "must not be empty"),
  v.maxLength(1024),
  v.check(isFlagText, "must not contain commas or control characters"),
);

/** Deno's permissions, as grants and manifests name them. */
export const PERMISSION_KINDS = ["net", "read", "write", "env", "sys", "run", "ffi"] as const;

/**
 * What Deno permissions a cell holds. Absent means none. Values under `unsafe` widen a cell past
 * what its walls can bound and carry the admin's reason.
 */
const permissionsSchema = v.strictObject({
  /** `host:port`; `internal` lets a name resolve to private and loopback addresses. */
  net: v.optional(v.pipe(
    v.array(v.strictObject({
      address: flagValueSchema,
      internal: v.boolean(),
    })),
    uniqueBy((entry) => entry.address, "address"),
  )),
  /** Absolute paths. */
  read: v.optional(v.pipe(v.array(flagValueSchema), unique("path"))),
  /** Absolute paths. */
  write: v.optional(v.pipe(v.array(flagValueSchema), unique("path"))),
  /** Names of environment variables. */
  env: v.optional(v.pipe(v.array(flagValueSchema), unique("name"))),
  /** Deno's `sys` names, harmless ones only. */
  sys: v.optional(v.pipe(v.array(flagValueSchema), unique("name"))),
  /** `value` is a Deno flag's value; the empty string means unscoped. */
  unsafe: v.optional(v.array(v.strictObject({
    permission: v.picklist(PERMISSION_KINDS),
    value: v.pipe(
      v.string(),
      v.maxLength(1024),
      v.check(isFlagText, "must not contain commas or control characters"),
    ),
    reason: v.pipe(v.string(), v.minLength(1)),
  }))),
});
export type Permissions = v.InferOutput<typeof permissionsSchema>;

/** Bounds of one run. */
export const limitsSchema = v.strictObject({
  memoryBytes: countSchema(1),
  cpuMs: countSchema(1),
  wallMs: countSchema(1),
  /** Result, logs and events together. */
  outputBytes: countSchema(1),
  /** Runs of this script at the same time on one agent. */
  runs: countSchema(1),
});
export type Limits = v.InferOutput<typeof limitsSchema>;

/** What holds where a grant, or `try` without a grant, says nothing. */
export const DEFAULT_LIMITS: Limits = {
  memoryBytes: 64_000_000,
  cpuMs: 2_000,
  wallMs: 10_000,
  outputBytes: 256_000,
  runs: 1,
};

/** Services of the agent that a grant can lend to a script. */
export const CAPABILITY_NAMES = [
  "dir",
  "store",
  "blobs",
  "peers",
  "channel",
  "browser",
  "scanner",
  "hub",
] as const;

/** What a capability may keep where the grant names it and says no more. */
export const DEFAULT_QUOTAS = {
  dir: 100_000_000,
  store: 10_000_000,
  blobs: 100_000_000,
} as const;

const quotaSchema = v.strictObject({ quotaBytes: v.optional(countSchema(1)) });

/** How long a cell serves: one order, several, or for as long as the agent does; shortest first. */
export const LIVES = ["fresh", "warm", "live"] as const;
export const lifeSchema = v.picklist(LIVES);
export type Life = v.InferOutput<typeof lifeSchema>;

/** What one script may touch, and who may order it. */
export const grantSchema = v.strictObject({
  script: scriptNameSchema,
  /** Orderers by name. */
  orders: v.pipe(v.array(nameSchema), unique("orderer")),
  permissions: permissionsSchema,
  /** Callers the script's own endpoint admits. */
  serve: v.optional(serveSchema),
  capabilities: v.optional(v.strictObject({
    dir: v.optional(quotaSchema),
    store: v.optional(quotaSchema),
    blobs: v.optional(quotaSchema),
    peers: v.optional(v.strictObject({})),
    channel: v.optional(channelSchema),
    browser: v.optional(browserSchema),
    scanner: v.optional(scannerSchema),
    hub: v.optional(v.strictObject({})),
  })),
  /** What the admin tells the script; only the script knows what it means. */
  settings: v.optional(v.record(v.string(), v.unknown())),
  limits: limitsSchema,
  life: v.optional(lifeSchema),
  /** The lowest isolation level this script may run at. */
  minLevel: v.optional(v.picklist([0, 1, 2, 3])),
});
export type Grant = v.InferOutput<typeof grantSchema>;

/** The most any grant may give on one node. */
const ceilingSchema = v.strictObject({
  /** What is absent here allows nothing. */
  permissions: permissionsSchema,
  limits: limitsSchema,
  /** Those that may be lent, and how much they may keep; absent where all may. */
  capabilities: v.optional(v.strictObject({
    dir: v.optional(quotaSchema),
    store: v.optional(quotaSchema),
    blobs: v.optional(quotaSchema),
    peers: v.optional(v.strictObject({})),
    channel: v.optional(v.strictObject({})),
    browser: v.optional(v.strictObject({})),
    scanner: v.optional(v.strictObject({})),
    hub: v.optional(v.strictObject({})),
  })),
  /** Whom scripts' endpoints may admit; absent where that is anybody. */
  serve: v.optional(callersSchema),
});
export type Ceiling = v.InferOutput<typeof ceilingSchema>;

/** Whether a text is one value of a flag: without the comma that ends one, and control characters. */
export function isFlagText(text: string): boolean {
  return !/[\p{Cc},]/u.test(text);
}

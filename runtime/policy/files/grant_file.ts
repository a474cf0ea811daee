import {
  CAPABILITY_NAMES,
  type Ceiling,
  DEFAULT_LIMITS,
  type Grant,
  type Limits,
  LIVES,
} from "../../core/documents/grant.ts";
import type { ScriptName } from "../../core/documents/common.ts";
import { aliasSchema, type Caller, CALLERS, type Serve } from "../../core/documents/serve.ts";
import {
  clamdSchema,
  KEPT_GENERATIONS,
  scannerPathSchema,
  type ScannerSettings,
} from "../../core/documents/scanner.ts";
import { throwMistakes } from "../errors.ts";
import type { PermissionOptions } from "../permissions/check_permissions.ts";
import { closed, count, flag, listOf, oneOf } from "../yaml/decoders.ts";
import { type Decoder, refine } from "../yaml/decoder.ts";
import { Place } from "../yaml/place.ts";
import { jsonMapping } from "../yaml/json_yaml.ts";
import { PolicyFile } from "../yaml/policy_file.ts";
import { browserYaml } from "./browser_yaml.ts";
import { channelYaml } from "./channel_yaml.ts";
import { permissionsYaml } from "./permissions_yaml.ts";
import { fits, name, quantity, scriptName } from "./values.ts";

/** Runs of one script at a time that any grant may allow. */
const MAX_RUNS = 1_000;

/** `script` of a grant that names none, for `try`. */
const UNNAMED: ScriptName = "local/try";

/** `limits:`; what is not said stays as by default. */
export const limitsYaml: Decoder<Limits> = refine(
  closed({}, {
    memory: quantity("size"),
    cpu: quantity("time"),
    wall: quantity("time"),
    output: quantity("size"),
    runs: count(1, MAX_RUNS),
  }),
  (limits) => ({
    memoryBytes: limits.memory ?? DEFAULT_LIMITS.memoryBytes,
    cpuMs: limits.cpu ?? DEFAULT_LIMITS.cpuMs,
    wallMs: limits.wall ?? DEFAULT_LIMITS.wallMs,
    outputBytes: limits.output ?? DEFAULT_LIMITS.outputBytes,
    runs: limits.runs ?? DEFAULT_LIMITS.runs,
  }),
);

/** Capabilities that keep something, and so have a quota. */
const WITH_QUOTA: readonly string[] = ["dir", "store", "blobs"];

type Capabilities = NonNullable<Grant["capabilities"]>;

const capability = (name: string): Decoder<{ quotaBytes?: number }> =>
  refine(
    closed({}, WITH_QUOTA.includes(name) ? { quota: quantity("size") } : {}),
    (settings: { quota?: number }) =>
      settings.quota === undefined ? {} : { quotaBytes: settings.quota },
  );

const scanner: Decoder<ScannerSettings> = closed({}, {
  folder: fits(scannerPathSchema),
  clamd: fits(clamdSchema),
  keep: count(KEPT_GENERATIONS.LEAST, KEPT_GENERATIONS.MOST),
  canaries: fits(scannerPathSchema),
  untested: flag,
});

const capabilities = closed({}, {
  ...Object.fromEntries(CAPABILITY_NAMES.map((name) => [name, capability(name)])),
  browser: browserYaml,
  channel: channelYaml,
  scanner,
}) as Decoder<Capabilities>;

/** `capabilities:` of a ceiling: which may be lent, and how much each may keep. */
export const ceilingCapabilities = closed(
  {},
  Object.fromEntries(CAPABILITY_NAMES.map((name) => [name, capability(name)])),
) as Decoder<NonNullable<Ceiling["capabilities"]>>;

/** `serve:` of a ceiling; an empty list admits nobody. */
export const ceilingServe: Decoder<Caller[]> = refine(
  closed({ allow: listOf(oneOf(CALLERS)) }, {}),
  ({ allow }) => allow,
);

/** Requests of one script at a time that any grant may allow. */
const MAX_REQUESTS = 10_000;

const alias = fits(aliasSchema);

/** `serve:`; without bounds of its own it is what lists signed before there were any say. */
const serve: Decoder<Serve> = refine(
  closed({ allow: listOf(oneOf(CALLERS), 1) }, {
    alias,
    body: quantity("size"),
    idle: quantity("time"),
    wall: quantity("time"),
    requests: count(1, MAX_REQUESTS),
  }),
  (settings) => {
    const { allow, alias: path, body, idle, wall, requests } = settings;
    if (Object.keys(settings).length === 1) return allow;
    return {
      allow,
      ...(path !== undefined && { alias: path }),
      ...(body !== undefined && { bodyBytes: body }),
      ...(idle !== undefined && { idleMs: idle }),
      ...(wall !== undefined && { wallMs: wall }),
      ...(requests !== undefined && { requests }),
    };
  },
);

const LEVELS = { "0": 0, "1": 1, "2": 2, "3": 3 } as const;

const level: Decoder<0 | 1 | 2 | 3> = refine(
  oneOf(["0", "1", "2", "3"]),
  (word) => LEVELS[word],
);

/** What a grant must say, and what the checks may know. */
export interface GrantOptions extends PermissionOptions {
  /** For `try`: neither `script` nor `orders` need be there. */
  readonly local?: boolean;
}

/** A grant file as it is written. */
export function grantYaml(options: GrantOptions) {
  const must = { script: scriptName, orders: listOf(name, 1) };
  const may = {
    permissions: permissionsYaml(options),
    serve,
    capabilities,
    settings: jsonMapping,
    limits: limitsYaml,
    life: oneOf(LIVES),
    isolation: level,
  };
  return options.local ? closed({}, { ...must, ...may, orders: listOf(name) }) : closed(must, may);
}

/**
 * Decodes one parsed grant file; mistakes are collected in `file`.
 *
 * @returns the grant, or `undefined` when a part of it could not be read.
 */
export function decodeGrant(file: PolicyFile, options: GrantOptions = {}): Grant | undefined {
  const place = new Place(file, file.root);
  if (!file.root) return undefined;
  const grant = grantYaml(options)(place);
  if (!grant) return undefined;
  return {
    script: grant.script ?? UNNAMED,
    orders: grant.orders ?? [],
    permissions: grant.permissions ?? {},
    limits: grant.limits ?? DEFAULT_LIMITS,
    ...(grant.serve && { serve: grant.serve }),
    ...(grant.capabilities && { capabilities: grant.capabilities }),
    ...(grant.settings && { settings: grant.settings }),
    ...(grant.life && { life: grant.life }),
    ...(grant.isolation !== undefined && { minLevel: grant.isolation }),
  };
}

/**
 * Reads one grant that no policy folder holds, for `writ try --grant`. `script` and `orders` may
 * be left out.
 *
 * @param text the YAML.
 * @param file the name that mistakes shall show.
 * @throws {PolicyError} the first mistake's code – with all mistakes of the file
 *
 * @example
 * ```ts
 * import { parseGrant } from "./grant_file.ts";
 * import assert from "node:assert/strict";
 *
 * const grant = parseGrant('permissions: { net: ["192.168.1.20:631"] }', "print.yaml");
 * assert.deepEqual(grant.permissions.net, [{ address: "192.168.1.20:631", internal: false }]);
 * assert.equal(grant.limits.memoryBytes, 64_000_000);
 * ```
 */
export function parseGrant(text: string, file: string): Grant {
  const source = new PolicyFile(file, text);
  if (text.trim() === "" || !source.root) {
    if (source.mistakes.length === 0) {
      source.mistake(null, "", { code: "bad_type", message: "must be a mapping: got nothing" });
    }
  }
  const grant = decodeGrant(source, { local: true });
  throwMistakes(source.mistakes);
  return grant!;
}

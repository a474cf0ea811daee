import { isCollection, isMap, isScalar, isSeq, type Node } from "yaml";
import { CAPABILITY_NAMES, type Limits, LIVES, PERMISSION_KINDS } from "../core/documents/grant.ts";
import type { Manifest, PermissionRequest } from "../core/documents/manifest.ts";
import { versionSchema } from "../core/semver_range.ts";
import { throwMistakes } from "../policy/errors.ts";
import { instant, name, quantity, range, reason } from "../policy/files/values.ts";
import { closed, count, flag, listOf, oneOf, parsed, text } from "../policy/yaml/decoders.ts";
import type { Decoder } from "../policy/yaml/decoder.ts";
import { Place } from "../policy/yaml/place.ts";
import { PolicyFile } from "../policy/yaml/policy_file.ts";
import { is } from "valibot";

/** What `manifest.yaml` says: a manifest without what `pack` finds out by itself. */
export interface ManifestFile {
  /** The module's file, beside the manifest. */
  readonly module: string;
  /** Absent when the file leaves it to `pack`. */
  readonly created?: string;
  readonly manifest: Omit<Manifest, "module" | "created">;
}

const version = parsed((value) =>
  is(versionSchema, value) ? { ok: value } : {
    code: "bad_value",
    message: `must be a version like "1.4.0": got ${JSON.stringify(value)}`,
  }
);

/** A file beside the manifest, so that nothing outside its folder is ever packed. */
const fileName = parsed((value) =>
  /^[A-Za-z0-9_][A-Za-z0-9_.-]*\.m?[jt]s$/.test(value) ? { ok: value } : {
    code: "bad_value",
    message: `must be the name of a .ts or .js file in the same folder: ` +
      `got ${JSON.stringify(value)}`,
  }
);

const request: Decoder<PermissionRequest> = (place) => {
  const entry = closed(
    { permission: oneOf(PERMISSION_KINDS), reason },
    { value: text },
  )(place);
  if (!entry) return undefined;
  const { permission, value, reason: why } = entry;
  return { permission, ...(value !== undefined && { value }), reason: why };
};

const limits: Decoder<Partial<Limits>> = (place) => {
  const said = closed({}, {
    memory: quantity("size"),
    cpu: quantity("time"),
    wall: quantity("time"),
    output: quantity("size"),
    runs: count(1, 1_000),
  })(place);
  return said && {
    ...(said.memory !== undefined && { memoryBytes: said.memory }),
    ...(said.cpu !== undefined && { cpuMs: said.cpu }),
    ...(said.wall !== undefined && { wallMs: said.wall }),
    ...(said.output !== undefined && { outputBytes: said.output }),
    ...(said.runs !== undefined && { runs: said.runs }),
  };
};

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const JSON_WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** JSON written as YAML: a plain scalar is what it would be in JSON, a quoted one is text. */
const jsonObject: Decoder<Record<string, unknown>> = (place) =>
  isMap(place.node)
    ? jsonOf(place.node) as Record<string, unknown>
    : place.mistake({ code: "bad_type", message: "must be a mapping" });

function jsonOf(node: Node | null): unknown {
  if (isSeq(node)) return node.items.map((item) => jsonOf(item as Node));
  if (isMap(node)) {
    return Object.fromEntries(node.items.map((pair) => [
      String((pair.key as { value?: unknown }).value),
      jsonOf(pair.value as Node | null),
    ]));
  }
  if (!isScalar(node)) return null;
  const value = String(node.value);
  if (node.type !== "PLAIN") return value;
  if (JSON_WORDS.has(value)) return JSON_WORDS.get(value);
  return JSON_NUMBER.test(value) ? Number(value) : value;
}

/**
 * Reads a `manifest.yaml`, strictly as policies are read: closed, with units, all mistakes at once.
 *
 * @param text The whole file.
 * @param file Its name, as mistakes shall show it.
 * @throws {PolicyError} the first mistake's code – with every mistake of the file
 * @example
 * ```ts
 * import { parseManifestFile } from "./manifest_file.ts";
 * import assert from "node:assert/strict";
 *
 * const { manifest, module } = parseManifestFile(
 *   'publisher: acme\nname: hello\nversion: 1.10.0\nsequence: 3\nruntime: "^0.1.0"\n',
 *   "manifest.yaml",
 * );
 * assert.equal(manifest.version, "1.10.0");
 * assert.equal(module, "mod.ts");
 * assert.equal(manifest.idempotent, false);
 * ```
 */
export function parseManifestFile(text: string, file: string): ManifestFile {
  const source = new PolicyFile(file, text);
  if (!isCollection(source.root) && source.mistakes.length === 0) {
    source.mistake(null, "", { code: "bad_type", message: "must be a mapping: got nothing" });
  }
  const said = source.root && closed(
    { publisher: name, name, version, sequence: count(1, Number.MAX_SAFE_INTEGER), runtime: range },
    {
      description: reason,
      module: fileName,
      requests: listOf(request),
      capabilities: listOf(oneOf(CAPABILITY_NAMES)),
      life: oneOf(LIVES),
      limits,
      idempotent: flag,
      retry: closed({ attempts: count(1, 100), delay: quantity("time") }, {}),
      "input-schema": jsonObject,
      created: instant,
    },
  )(new Place(source, source.root));
  throwMistakes(source.mistakes);
  const {
    module = "mod.ts",
    created,
    retry,
    requests = [],
    capabilities = [],
    life = "fresh",
    idempotent = false,
    "input-schema": inputSchema,
    ...rest
  } = said!;
  return {
    module,
    ...(created !== undefined && { created }),
    manifest: {
      ...rest,
      requests,
      capabilities,
      life,
      idempotent,
      ...(retry && { retry: { attempts: retry.attempts, delayMs: retry.delay } }),
      ...(inputSchema && { inputSchema }),
    } as ManifestFile["manifest"],
  };
}

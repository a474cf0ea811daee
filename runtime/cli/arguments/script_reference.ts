import { is } from "valibot";
import { digestSchema, scriptNameSchema } from "../../core/documents/common.ts";
import type { Order } from "../../core/documents/order.ts";
import { rangeSchema } from "../../core/semver_range.ts";
import { CliError } from "../errors.ts";

/**
 * Reads how a user names a script: `acme/print`, `acme/print@^1.2.0` or `acme/print@sha256:…`.
 *
 * @throws {CliError} usage – when it is none of these
 * @example
 * ```ts
 * import { parseScriptReference } from "./script_reference.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseScriptReference("acme/print"), { name: "acme/print", range: "*" });
 * ```
 */
export function parseScriptReference(text: string): Order["script"] {
  const at = text.indexOf("@");
  const name = at < 0 ? text : text.slice(0, at);
  const which = at < 0 ? "*" : text.slice(at + 1);
  if (is(scriptNameSchema, name)) {
    if (is(digestSchema, which)) return { name, sha256: which };
    if (is(rangeSchema, which)) return { name, range: which };
  }
  throw new CliError(
    "usage",
    `Cannot tell which script "${text}" is`,
    "write publisher/name, publisher/name@^1.2.0 or publisher/name@sha256:…",
  );
}

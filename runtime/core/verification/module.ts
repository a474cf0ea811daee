import { digestOf } from "../digest.ts";
import type { Digest } from "../documents/common.ts";
import type { Manifest } from "../documents/manifest.ts";
import { VerificationError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { type ModuleParsers, type PreparedModule, prepareModule } from "../module.ts";

/** A module that is the one its manifest names. */
export interface VerifiedModule extends PreparedModule {
  readonly digest: Digest;
}

/**
 * Verifies that bytes are the module that a manifest names, and prepares them for a cell.
 *
 * In order: size, length, hash, then as `prepareModule`. The JavaScript that is returned was made
 * from these very bytes: nothing is read a second time.
 *
 * @param bytes A buffer that nobody else writes to.
 * @param parsers As `prepareModule` takes them.
 * @throws {VerificationError} too_large – when longer than {@linkcode LIMITS.MODULE_BYTES}
 * @throws {VerificationError} module_length – when the length differs
 * @throws {VerificationError} module_hash – when the hash differs
 * @throws {VerificationError} – and the codes of `prepareModule`
 */
export function verifyModule(
  bytes: Uint8Array,
  manifest: Manifest,
  parsers: ModuleParsers,
): VerifiedModule {
  const { length, sha256, mediaType } = manifest.module;
  if (length > LIMITS.MODULE_BYTES) {
    throw refusal("too_large", `it is longer than ${LIMITS.MODULE_BYTES} bytes: ${length}`);
  }
  if (bytes.length !== length) {
    throw refusal("module_length", `its length is not ${length} bytes: ${bytes.length}`);
  }
  const digest = digestOf(bytes);
  if (digest !== sha256) {
    throw refusal("module_hash", `its hash is not ${sha256}: ${digest}`);
  }
  return { ...prepareModule(bytes, mediaType, parsers), digest };
}

function refusal(
  code: "too_large" | "module_length" | "module_hash",
  found: string,
): VerificationError {
  return new VerificationError(code, `Cannot use the module as ${found}`);
}

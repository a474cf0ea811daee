import type { ScriptName } from "../../core/documents/common.ts";
import type { Order } from "../../core/documents/order.ts";
import { VerificationError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { checkAccepted } from "../../core/verification/accepted.ts";
import {
  scriptNameOf,
  type VerifiedManifest,
  verifyManifest,
} from "../../core/verification/manifest.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { ScriptLibrary, Wanted } from "./script_library.ts";

/** A manifest that may run for an order, and its module's bytes, which are yet to be verified. */
export interface ResolvedScript {
  verified: VerifiedManifest;
  manifestBytes: Uint8Array;
  moduleBytes: Uint8Array;
}

/** What is resolved: what an order names, or the highest of all that may serve. */
export type Resolvable = Pick<Order, "script"> | { readonly serving: ScriptName };

/** What {@linkcode resolveScript} looks through, and by which rules. */
export interface ResolveOptions {
  readonly library: ScriptLibrary;
  readonly policy: PolicyInForce;
  readonly highestSequence: number | undefined;
  readonly signal: AbortSignal;
  /** For all sources and candidates together. Default: {@linkcode AGENT_LIMITS}`.RESOLVE_MS`. */
  readonly deadlineMs?: number;
}

/**
 * Finds the script an order names, or that serves: of all versions in its range the highest that
 * the policy accepts, so that a release nobody accepted yet does not stand in the way of the one before.
 *
 * @throws {VerificationError} not_found – no source has a manifest or the module, or gave it in time.
 * @throws {VerificationError} – what refused the highest version, when every version is refused.
 */
export async function resolveScript(
  order: Resolvable,
  options: ResolveOptions,
): Promise<ResolvedScript> {
  const { signal, deadlineMs = AGENT_LIMITS.RESOLVE_MS } = options;
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    return await resolve(order, { ...options, signal: AbortSignal.any([signal, deadline]) });
  } catch (error) {
    // Whatever was under way, it was not waited for any longer.
    if (!deadline.aborted || signal.aborted || error instanceof VerificationError) throw error;
    throw notFound(`the sources did not give it within ${deadlineMs} ms`);
  }
}

async function resolve(
  order: Resolvable,
  { library, policy, highestSequence, signal }: ResolveOptions,
): Promise<ResolvedScript> {
  let refusal: VerificationError | undefined;
  const wanted = wantedOf(order, policy);
  for await (const manifestBytes of library.candidates(wanted, signal)) {
    try {
      const verified = verifyManifest(manifestBytes, { policy });
      if ("serving" in order) requireNamed(verified, order.serving);
      const asked = "script" in order ? { order } : {};
      checkAccepted(verified, { policy, highestSequence, ...asked });
      const moduleBytes = await findModule(verified, library, signal);
      return { verified, manifestBytes, moduleBytes };
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      refusal ??= error;
    }
  }
  throw refusal ?? notFound(`no source has a manifest of "${wanted.name}" that fits`);
}

function wantedOf(order: Resolvable, { accept }: PolicyInForce): Wanted {
  if ("script" in order) return order.script;
  const { serving: name } = order;
  return { name, accepted: accept.filter(({ script }) => script === name) };
}

/** A source may give another script's manifest under this one's name. */
function requireNamed({ manifest }: VerifiedManifest, name: ScriptName): void {
  const found = scriptNameOf(manifest);
  if (found === name) return;
  throw new VerificationError(
    "order_mismatch",
    `Cannot use the manifest as it is of "${found}" and not of "${name}"`,
  );
}

async function findModule(
  { manifest }: VerifiedManifest,
  library: ScriptLibrary,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { sha256, length } = manifest.module;
  if (length > LIMITS.MODULE_BYTES) {
    throw new VerificationError(
      "too_large",
      `Cannot use the module as it is longer than ${LIMITS.MODULE_BYTES} bytes: ${length}`,
    );
  }
  const bytes = await library.module(sha256, length, signal);
  if (bytes) return bytes;
  throw notFound(`no source has the module ${sha256} of ${length} bytes`);
}

function notFound(found: string): VerificationError {
  return new VerificationError("not_found", `Cannot find the script as ${found}`);
}

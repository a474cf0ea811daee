import { digestOf } from "../digest.ts";
import type { Publisher, PublisherKey } from "../documents/acceptlist.ts";
import type { Digest, PublicKey, ScriptName } from "../documents/common.ts";
import type { Manifest } from "../documents/manifest.ts";
import { parseDocument } from "../documents/parse.ts";
import { type Envelope, openEnvelope, signedBy } from "../dsse.ts";
import { VerificationError } from "../errors.ts";
import type { PolicyInForce } from "../policy_in_force.ts";
import { meets } from "./threshold.ts";

/** A manifest that its publisher signed. Whether it may run is decided by `checkAccepted`. */
export interface VerifiedManifest {
  readonly manifest: Manifest;
  /** All keys known to the policy that signed, denied and revoked ones too. */
  readonly signers: ReadonlySet<PublicKey>;
  /** Of the payload. */
  readonly digest: Digest;
}

/** `publisher/name`, as grants and accept entries spell it. */
export function scriptNameOf(manifest: Manifest): ScriptName {
  return `${manifest.publisher}/${manifest.name}`;
}

/** Whether an accept entry pins exactly this module. */
function isPinned(manifest: Manifest, policy: PolicyInForce): boolean {
  const script = scriptNameOf(manifest);
  return policy.accept.some((entry) =>
    "sha256" in entry && entry.script === script && entry.sha256 === manifest.module.sha256
  );
}

/**
 * Verifies a manifest with the keys that the policy lists for its publisher.
 *
 * In order: envelope, signatures by any key the policy knows, canonical JSON, schema, publisher
 * listed, threshold of its keys by their state: an active key counts; a retired one counts for a
 * pinned module or up to its `maxSequence`; a revoked one never. The time of signing plays no part.
 *
 * @throws {VerificationError} unknown_publisher – when the policy does not list the publisher
 * @throws {VerificationError} threshold – when too few of its keys signed
 * @throws {VerificationError} key_revoked, key_retired – when a key in that state is what is missing
 * @throws {VerificationError} – and the codes of `openEnvelope` and `parseDocument`
 */
export function verifyManifest(
  bytes: Uint8Array,
  options: { policy: PolicyInForce },
): VerifiedManifest {
  const { policy } = options;
  const envelope = openEnvelope("manifest", bytes);
  const signers = signedBy(envelope, keysOf(policy));
  if (signers.size === 0) throw signedByNobody(envelope, policy);
  const manifest = parseDocument("manifest", envelope.payload);
  const publisher = requirePublisher(manifest.publisher, policy);
  requireKeys(manifest, publisher, signers, isPinned(manifest, policy));
  return { manifest, signers, digest: digestOf(envelope.payload) };
}

function* keysOf(policy: PolicyInForce): Generator<PublicKey> {
  for (const publisher of policy.publishers.values()) {
    for (const { key } of publisher.keys) yield key;
  }
  for (const entry of policy.deny) if ("key" in entry) yield entry.key;
}

function requirePublisher(name: string, policy: PolicyInForce): Publisher {
  const publisher = policy.publishers.get(name);
  if (publisher) return publisher;
  throw new VerificationError(
    "unknown_publisher",
    `Cannot trust the manifest as its publisher is not listed: "${name}"`,
  );
}

function requireKeys(
  manifest: Manifest,
  publisher: Publisher,
  signers: ReadonlySet<PublicKey>,
  pinned: boolean,
): void {
  const signed = publisher.keys.filter((entry) => signers.has(entry.key));
  const counts = (entry: PublisherKey) =>
    entry.state === "active" ||
    entry.state === "retired" && (pinned || manifest.sequence <= (entry.maxSequence ?? 0));
  const counted = signed.filter(counts).length;
  if (meets(counted, publisher.threshold)) return;
  const script = `"${scriptNameOf(manifest)}" ${manifest.version}`;
  const refuse = (code: "threshold" | "key_revoked" | "key_retired", found: string) =>
    new VerificationError(code, `Cannot trust the manifest of ${script} as ${found}`);

  const revoked = signed.filter((entry) => entry.state === "revoked").length;
  const retired = signed.length - counted - revoked;
  if (retired > 0 && meets(counted + retired, publisher.threshold)) {
    throw refuse("key_retired", `a retired key signed sequence ${manifest.sequence}`);
  }
  if (revoked > 0 && meets(counted + retired + revoked, publisher.threshold)) {
    throw refuse("key_revoked", "a revoked key signed it");
  }
  const asked = `${counted} of ${publisher.threshold}`;
  throw refuse("threshold", `fewer keys of "${manifest.publisher}" signed it than must: ${asked}`);
}

/**
 * Which refusal it is when no known key signed. The payload is read here without being trusted,
 * only to tell an unknown publisher from a wrong signature: refused it is in either case.
 */
function signedByNobody(envelope: Envelope, policy: PolicyInForce): VerificationError {
  try {
    requirePublisher(parseDocument("manifest", envelope.payload).publisher, policy);
  } catch (error) {
    if (error instanceof VerificationError && error.code === "unknown_publisher") return error;
  }
  return new VerificationError(
    "threshold",
    "Cannot trust the manifest as no listed key signed it: " +
      [...envelope.signatures.keys()].slice(0, 3).join(", "),
  );
}

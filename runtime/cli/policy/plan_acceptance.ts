import type { AcceptEntry } from "../../core/documents/acceptlist.ts";
import type { Digest, KeyId, PublicKey, ScriptName } from "../../core/documents/common.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { keyId } from "../../core/key.ts";
import { makePolicy, type PolicyInForce } from "../../core/policy_in_force.ts";
import { isAllowedBy, isForbiddenBy } from "../../core/semver_range.ts";
import { scriptNameOf, verifyManifest } from "../../core/verification/manifest.ts";
import { denyWords, entryWords } from "../../policy/diff/diff_trust.ts";
import {
  acceptInYaml,
  type LoadedLocalPolicy,
  loadPolicyDir,
  writeGrantSkeleton,
} from "../../policy/mod.ts";
import { CliError } from "../errors.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { type PlannedWrite, planWrite } from "./change_policy.ts";

/** What accepting a script would change. */
export interface PlannedAcceptance {
  readonly script: ScriptName;
  readonly version: string;
  readonly sha256: Digest;
  readonly signedBy: readonly KeyId[];
  /** The entry that accepts it already, in words. */
  readonly acceptedBy?: string;
  /** Empty when it is accepted and granted already. */
  readonly writes: readonly PlannedWrite[];
}

/** How {@linkcode planAcceptance} is to accept. */
export interface AcceptanceOptions {
  readonly fleet: Fleet;
  /** Keys of a publisher that is new here. */
  readonly keys: readonly PublicKey[];
  /** Versions to accept. Default: exactly the bytes that the manifest names. */
  readonly range?: string;
  /** Who may order. Default: `operator`, or the only orderer there is. */
  readonly orders?: readonly string[];
}

/**
 * Finds out what must be written so that a signed script may run here, without writing it. The
 * manifest is verified with the keys that the policy has, or will have. Where an entry covers the
 * release already, no other is added.
 *
 * @throws {PolicyError} – when the policy has mistakes
 * @throws {VerificationError} – the codes of `verifyManifest`
 * @throws {CliError} usage – when a publisher is new and no key of it is given, or the range does
 * not hold the version; refused – when the folder only narrows a signed list, or a deny entry
 * forbids the release
 */
export async function planAcceptance(
  envelope: Uint8Array,
  options: AcceptanceOptions,
): Promise<PlannedAcceptance> {
  const { fleet: { policy: dir, kept }, keys, range } = options;
  const loaded = await loadPolicyDir(dir, { kept });
  if (loaded.mode !== "local") {
    throw new CliError(
      "refused",
      "Cannot accept here as a signed list says what is accepted",
      "accept it where the lists are signed, then: writ policy sign",
    );
  }
  const claimed = parseDocument("manifest", openEnvelope("manifest", envelope).payload);
  const known = loaded.policy.publishers.has(claimed.publisher);
  if (!known && keys.length === 0) {
    throw new CliError(
      "usage",
      `Cannot verify the manifest as publisher "${claimed.publisher}" is new here`,
      "get its public key over a way you trust, and give it: --publisher-key",
    );
  }
  const policy = withKeys(loaded.policy, claimed.publisher, keys);
  const { manifest, signers } = verifyManifest(envelope, { policy });
  if (range !== undefined && !isAllowedBy(manifest.version, range)) {
    throw new CliError("usage", `Cannot accept ${manifest.version} by range "${range}"`);
  }
  const script = scriptNameOf(manifest);
  requireNotDenied(manifest, loaded);
  const { sha256 } = manifest.module;
  const covering = range === undefined ? coveringEntry(manifest, policy) : undefined;
  const entry: AcceptEntry = covering ??
    (range === undefined ? { script, sha256 } : { script, range });
  const path = `${dir}/accept.yaml`;
  const writes: PlannedWrite[] = await planWrite(
    path,
    (before) => acceptInYaml(before, path, { entry, keys }).text,
  );
  if (!loaded.policy.grants.has(script)) {
    const text = writeGrantSkeleton(manifest, options.orders ?? defaultOrders(loaded));
    const grant = await freeName(dir, manifest.publisher, manifest.name);
    writes.push({ path: grant, text, before: "" });
  }
  return {
    script,
    version: manifest.version,
    sha256,
    signedBy: [...signers].map(keyId),
    ...(covering && { acceptedBy: entryWords(covering) }),
    writes,
  };
}

/** The entry that accepts this release already, so that no second one says the same. */
function coveringEntry(manifest: Manifest, { accept }: PolicyInForce): AcceptEntry | undefined {
  const script = scriptNameOf(manifest);
  return accept.find((entry) =>
    entry.script === script &&
    ("sha256" in entry
      ? entry.sha256 === manifest.module.sha256
      : isAllowedBy(manifest.version, entry.range) &&
        manifest.sequence >= (entry.minSequence ?? 0))
  );
}

/** Accepting what is denied would write an entry that does nothing. */
function requireNotDenied(manifest: Manifest, { policy }: LoadedLocalPolicy): void {
  const script = scriptNameOf(manifest);
  const entry = policy.deny.find((deny) =>
    "sha256" in deny
      ? deny.sha256 === manifest.module.sha256
      : "script" in deny && deny.script === script &&
        (deny.range === undefined || isForbiddenBy(manifest.version, deny.range))
  );
  if (!entry) return;
  const why = entry.reason === undefined ? "" : ` (${entry.reason})`;
  throw new CliError(
    "refused",
    `Cannot accept "${script}" ${manifest.version} as ${denyWords(entry)} is denied${why}`,
    'take the entry out of "deny" in policy/accept.yaml first, if that is what you want',
  );
}

/** The policy as it will be: new keys are active, and known ones stay in the state they have. */
function withKeys(
  policy: PolicyInForce,
  publisher: string,
  keys: readonly PublicKey[],
): PolicyInForce {
  const before = policy.publishers.get(publisher) ?? { keys: [], threshold: 1 };
  const fresh = keys.filter((key) => !before.keys.some((entry) => entry.key === key));
  const after = {
    ...before,
    keys: [...before.keys, ...fresh.map((key) => ({ key, state: "active" as const }))],
  };
  const { digest: _, ...rules } = policy;
  return makePolicy({ ...rules, publishers: new Map(policy.publishers).set(publisher, after) });
}

function defaultOrders({ policy }: LoadedLocalPolicy): string[] {
  const names = [...policy.orderers.keys()];
  if (names.includes("operator")) return ["operator"];
  return names.length === 1 ? names : [];
}

async function freeName(dir: string, publisher: string, name: string): Promise<string> {
  const short = `${dir}/grants/${name}.yaml`;
  const taken = await Deno.lstat(short).then(() => true, () => false);
  return taken ? `${dir}/grants/${publisher}-${name}.yaml` : short;
}

import type { AcceptEntry } from "../core/documents/acceptlist.ts";
import type { Digest, KeyId, PublicKey, ScriptName } from "../core/documents/common.ts";
import { parseDocument } from "../core/documents/parse.ts";
import { openEnvelope } from "../core/dsse.ts";
import { keyId } from "../core/key.ts";
import { makePolicy, type PolicyInForce } from "../core/policy_in_force.ts";
import { isAllowedBy } from "../core/semver_range.ts";
import { scriptNameOf, verifyManifest } from "../core/verification/manifest.ts";
import {
  acceptInYaml,
  type LoadedLocalPolicy,
  loadPolicyDir,
  writeGrantSkeleton,
} from "../policy/mod.ts";
import { throwMistakes } from "../policy/errors.ts";
import { readFolder } from "../policy/folder.ts";
import { decodeFolder } from "../policy/load_policy_dir.ts";
import { CliError } from "./errors.ts";

/** One file that would be written. */
export interface PlannedWrite {
  readonly path: string;
  readonly text: string;
  /** The lines that are new. */
  readonly added: readonly string[];
}

/** What accepting a script would change. */
export interface PlannedAcceptance {
  readonly script: ScriptName;
  readonly version: string;
  readonly sha256: Digest;
  readonly signedBy: readonly KeyId[];
  /** Empty when it is accepted and granted already. */
  readonly writes: readonly PlannedWrite[];
}

/** How {@linkcode planAcceptance} is to accept. */
export interface AcceptanceOptions {
  /** The policy folder, in local mode. */
  readonly dir: string;
  readonly kept: readonly string[];
  /** Keys of a publisher that is new here. */
  readonly keys: readonly PublicKey[];
  /** Versions to accept. Default: exactly the bytes that the manifest names. */
  readonly range?: string;
  /** Who may order. Default: `operator`, or the only orderer there is. */
  readonly orders?: readonly string[];
}

/**
 * Finds out what must be written so that a signed script may run here, without writing it. The
 * manifest is verified with the keys that the policy has, or will have.
 *
 * @throws {PolicyError} – when the policy has mistakes, before or after: a request that this node's
 * ceiling has no room for is one
 * @throws {VerificationError} – the codes of `verifyManifest`
 * @throws {CliError} usage – when a publisher is new and no key of it is given, or the range does
 * not hold the version; refused – when the folder only narrows a signed list
 */
export async function planAcceptance(
  envelope: Uint8Array,
  options: AcceptanceOptions,
): Promise<PlannedAcceptance> {
  const { dir, kept, keys, range } = options;
  const loaded = await loadPolicyDir(dir, { kept });
  if (loaded.mode !== "local") {
    throw new CliError("refused", "Cannot accept here as a signed list says what is accepted");
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
  const { sha256 } = manifest.module;
  const entry: AcceptEntry = range === undefined ? { script, sha256 } : { script, range };
  const path = `${dir}/accept.yaml`;
  const before = await Deno.readTextFile(path).catch(() => "");
  const { text, changed } = acceptInYaml(before, path, { entry, keys });
  const writes = changed ? [{ path, text, added: newLines(before, text) }] : [];
  if (!loaded.policy.grants.has(script)) {
    const grant = writeGrantSkeleton(manifest, options.orders ?? defaultOrders(loaded));
    writes.push({
      path: await freeName(dir, manifest.publisher, manifest.name),
      text: grant,
      added: grant.trimEnd().split("\n"),
    });
  }
  await requireGoodAfter(writes, options);
  return { script, version: manifest.version, sha256, signedBy: [...signers].map(keyId), writes };
}

/**
 * One bad rule would have the whole folder refused at the next reload, so the policy as it will be
 * is read before anything is written.
 */
async function requireGoodAfter(
  writes: readonly PlannedWrite[],
  { dir, kept }: AcceptanceOptions,
): Promise<void> {
  const folder = await readFolder(dir);
  const files = new Map(folder.files.map(({ name, text }) => [name, text]));
  for (const { path, text } of writes) files.set(path.slice(dir.length + 1), text);
  const { mistakes } = decodeFolder(dir, {
    path: folder.path,
    mistakes: folder.mistakes,
    warnings: folder.warnings,
    files: Array.from(files, ([name, text]) => ({ name, text })),
  }, { kept });
  throwMistakes(mistakes);
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

/** The lines that are there more often than before. */
function newLines(before: string, after: string): string[] {
  const old = new Map<string, number>();
  for (const line of before.split("\n")) old.set(line, (old.get(line) ?? 0) + 1);
  return after.split("\n").filter((line) => {
    const left = old.get(line) ?? 0;
    old.set(line, left - 1);
    return left <= 0 && line.trim() !== "";
  });
}

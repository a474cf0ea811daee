import semver from "semver";
import { canonicalBytes } from "../core/canonical_json.ts";
import { digestOf } from "../core/digest.ts";
import type { Digest, ScriptName } from "../core/documents/common.ts";
import type { Manifest } from "../core/documents/manifest.ts";
import { parseDocument } from "../core/documents/parse.ts";
import { type Envelope, openEnvelope } from "../core/dsse.ts";
import { LIMITS } from "../core/limits.ts";
import { indexPath, manifestPath, modulePath } from "../core/source_layout.ts";
import { scriptNameOf } from "../core/verification/manifest.ts";
import { verifyModule } from "../core/verification/module.ts";
import { readIfThere, writeAtomically } from "./atomic_file.ts";
import { parsersFor } from "./cell_parsers.ts";
import { AuthorError } from "./errors.ts";

/** A signed manifest and the module it names. */
export interface SignedScript {
  /** The manifest's envelope. */
  readonly envelope: Uint8Array;
  readonly module: Uint8Array;
  /** Of a bundled module. */
  readonly sourceMap?: Uint8Array;
}

/** What was published, and which files were new. */
export interface Published {
  readonly script: ScriptName;
  readonly version: string;
  readonly module: Digest;
  /** Relative to the folder; empty when all was there already. */
  readonly written: readonly string[];
}

/**
 * Puts a signed script into a folder that any static web server can serve: the module under its
 * hash, the manifest under its version, and the version into the script's index, last, so that
 * whoever reads the index finds everything it names.
 *
 * Publishing the same again changes nothing. A published version is never replaced: only further
 * signatures on the same manifest are taken. Every release has a higher sequence than all before.
 *
 * @param to Made when it is missing.
 * @throws {AuthorError} version_published – when the version is there with another manifest, or
 * with signatures that the new envelope lacks
 * @throws {AuthorError} wrong_file – when the source map is missing, or not the one that was signed
 * @throws {AuthorError} sequence_published – when a release with this sequence, or a higher one, is
 * there
 * @throws {CellError} – when this machine can start no cell to parse it in
 * @throws {VerificationError} – the codes of `openEnvelope`, `parseDocument` and `verifyModule`
 */
export async function publishTo(to: string, script: SignedScript): Promise<Published> {
  const { envelope, manifest } = await requireWhole(script);
  const name = scriptNameOf(manifest);
  const paths = {
    module: modulePath(manifest.module.sha256),
    manifest: manifestPath(name, manifest.version),
    index: indexPath(name),
  };
  const folder = `${to}/v1/manifests/${name}`;
  await Deno.mkdir(`${to}/v1/modules`, { recursive: true });
  await Deno.mkdir(folder, { recursive: true });
  using _lock = await lockFolder(to);

  const there = await readIfThere(`${to}/${paths.manifest}`);
  if (there) requireSameRelease(there, envelope, manifest);
  else requireNewSequence(await releasesIn(folder), manifest);
  const written: string[] = [];
  const put = async (path: string, bytes: Uint8Array) => {
    const before = await readIfThere(`${to}/${path}`);
    if (before && digestOf(before) === digestOf(bytes)) return;
    await writeAtomically(`${to}/${path}`, bytes);
    written.push(path);
  };
  await put(paths.module, script.module);
  if (manifest.sourceMap) await put(modulePath(manifest.sourceMap.sha256), script.sourceMap!);
  await put(paths.manifest, script.envelope);
  await put(paths.index, indexOf(await releasesIn(folder)));
  return { script: name, version: manifest.version, module: manifest.module.sha256, written };
}

/** Nobody could read the traces of what has lost its map. */
function requireSourceMap(sourceMap: Uint8Array | undefined, manifest: Manifest): void {
  if (!manifest.sourceMap) return;
  const { sha256, length } = manifest.sourceMap;
  const same = sourceMap?.length === length && digestOf(sourceMap) === sha256;
  if (same && length <= LIMITS.SOURCE_MAP_BYTES) return;
  throw new AuthorError(
    "wrong_file",
    `Cannot publish "${scriptNameOf(manifest)}" ${manifest.version} as its source map is ` +
      (sourceMap ? "not the one in the manifest" : "missing"),
    "publish the folder that writ pack made, whole",
  );
}

/**
 * Requires that a script can be published: a signed manifest, and the module and source map that it
 * names. Whose signatures these are is for agents to say.
 *
 * @throws {AuthorError} wrong_file – when the source map is missing, or not the one that was signed
 * @throws {CellError} – when this machine can start no cell to parse it in
 * @throws {VerificationError} – the codes of `openEnvelope`, `parseDocument` and `verifyModule`
 */
export async function requireWhole(
  script: SignedScript,
): Promise<{ envelope: Envelope; manifest: Manifest }> {
  const envelope = openEnvelope("manifest", script.envelope);
  const manifest = parseDocument("manifest", envelope.payload);
  const { mediaType } = manifest.module;
  const parsers = await parsersFor({ bytes: script.module, mediaType });
  verifyModule(script.module, manifest, parsers);
  requireSourceMap(script.sourceMap, manifest);
  return { envelope, manifest };
}

/** A version is what it was on its first day, to everybody who has it. */
function requireSameRelease(there: Uint8Array, envelope: Envelope, manifest: Manifest): void {
  const before = openEnvelope("manifest", there);
  const same = digestOf(before.payload) === digestOf(envelope.payload);
  if (same && [...before.signatures.keys()].every((id) => envelope.signatures.has(id))) return;
  const release = `"${scriptNameOf(manifest)}" ${manifest.version}`;
  throw same
    ? new AuthorError(
      "version_published",
      `Cannot publish ${release} as it would lose a signature it has`,
      "add the new signature to the published manifest instead: writ sign",
    )
    : new AuthorError(
      "version_published",
      `Cannot publish ${release} as that version is published with other content`,
      "raise version and sequence in manifest.yaml",
    );
}

/** The sequence is what tells agents an older release from a newer one, so that none goes back. */
function requireNewSequence(releases: readonly Manifest[], manifest: Manifest): void {
  const newest = releases.findLast(({ sequence }) => sequence >= manifest.sequence);
  if (!newest) return;
  throw new AuthorError(
    "sequence_published",
    `Cannot publish "${scriptNameOf(manifest)}" ${manifest.version} as its sequence must be ` +
      `above that of ${newest.version}, ${newest.sequence}: ${manifest.sequence}`,
    `write "sequence: ${newest.sequence + 1}" into manifest.yaml`,
  );
}

/** What is published of one script, by rising sequence. */
async function releasesIn(folder: string): Promise<Manifest[]> {
  const releases: Manifest[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const version = name.endsWith(".json") ? name.slice(0, -".json".length) : "";
    if (semver.valid(version) !== version) continue;
    const { payload } = openEnvelope("manifest", await Deno.readFile(`${folder}/${name}`));
    releases.push(parseDocument("manifest", payload));
  }
  return releases.sort((a, b) => a.sequence - b.sequence);
}

/** The index says what lies in the folder, so that it heals by itself. */
function indexOf(releases: readonly Manifest[]): Uint8Array {
  const versions = releases
    .map(({ version, module }) => ({ version, sha256: module.sha256 }))
    .sort((a, b) => semver.compare(a.version, b.version));
  return canonicalBytes({ versions });
}

/** Two publishers at once must not lose each other's line in an index. */
async function lockFolder(folder: string): Promise<Disposable> {
  const file = await Deno.open(`${folder}/.lock`, { create: true, write: true });
  await file.lock(true);
  return { [Symbol.dispose]: () => file.close() };
}

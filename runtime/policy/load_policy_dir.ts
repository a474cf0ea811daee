import type { Digest } from "../core/documents/common.ts";
import type { DenyEntry } from "../core/documents/acceptlist.ts";
import type { Ceiling, Grant } from "../core/documents/grant.ts";
import { digestOf } from "../core/digest.ts";
import { makePolicy, type PolicyInForce } from "../core/policy_in_force.ts";
import { crossCheck } from "./cross_check.ts";
import type { Decoded } from "./decoded.ts";
import { inReadingOrder, type Mistake, throwMistakes } from "./errors.ts";
import { type AcceptFile, decodeAccept, EMPTY_ACCEPT } from "./files/accept_file.ts";
import { decodeFleet, type FleetFile } from "./files/fleet_file.ts";
import { decodeGrant } from "./files/grant_file.ts";
import { type Folder, type FolderOptions, readFolder } from "./folder.ts";
import { PolicyFile } from "./yaml/policy_file.ts";

/** What a local folder may do to a signed accept-list: forbid more, lower the ceiling, run nothing. */
export interface Narrowing {
  readonly ceiling: Ceiling;
  readonly deny: readonly DenyEntry[];
  readonly auditMode?: true;
}

/** What both modes have. */
interface LoadedCommon {
  readonly dir: string;
  /** With the folders among its sources joined to `dir`. */
  readonly fleet: FleetFile;
  readonly narrowing: Narrowing;
  readonly warnings: readonly Mistake[];
  /** Every file that was read, with the digest of its text. */
  readonly files: readonly { readonly name: string; readonly digest: Digest }[];
}

/** A folder that is the whole policy. */
export interface LoadedLocalPolicy extends LoadedCommon {
  readonly mode: "local";
  readonly policy: PolicyInForce;
  readonly accept: AcceptFile;
  readonly grants: readonly Grant[];
}

/** A folder that narrows a signed accept-list. */
export interface LoadedSignedPolicy extends LoadedCommon {
  readonly mode: "signed";
  /** Folder of the root chain, absolute or relative to the working directory. */
  readonly root: string;
}

/** What {@linkcode loadPolicyDir} answers. */
export type LoadedPolicy = LoadedLocalPolicy | LoadedSignedPolicy;

/** What the loader may know besides the folder. */
export interface LoadOptions extends FolderOptions {
  /** Further paths that no grant may touch without `unsafe`, such as the agent's state. */
  readonly kept?: readonly string[];
}

/** A folder that was read and decoded, usable only when there are no mistakes. */
export interface CheckedPolicy {
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly Mistake[];
  readonly loaded?: LoadedPolicy;
}

/**
 * Loads a policy folder, or throws everything that is wrong with it.
 *
 * In order: the folder and its files as files (see `readFolder`), each file's YAML, each file's
 * values, then what only all files together show. All mistakes of all files are found at once. The
 * folder is read once and nothing is kept: a reload that throws leaves the old policy as it was.
 *
 * @param dir the folder that holds `fleet.yaml`.
 * @throws {PolicyError} the first mistake's code – with every mistake
 */
export async function loadPolicyDir(dir: string, options: LoadOptions = {}): Promise<LoadedPolicy> {
  const { loaded, mistakes } = await checkPolicyDir(dir, options);
  throwMistakes(mistakes);
  return loaded!;
}

/** As {@linkcode loadPolicyDir}, but answers the mistakes, with the warnings. */
export async function checkPolicyDir(
  dir: string,
  options: LoadOptions = {},
): Promise<CheckedPolicy> {
  const folder = await readFolder(dir, options);
  return decodeFolder(dir, folder, options);
}

/** The pure part of {@linkcode checkPolicyDir}: from texts to a policy. */
export function decodeFolder(
  dir: string,
  folder: Folder,
  options: LoadOptions = {},
): CheckedPolicy {
  const parsed = folder.files.map(({ name, text }) => ({
    name,
    file: new PolicyFile(`${dir}/${name}`, text),
  }));
  const top = (name: string) => parsed.find((p) => p.name === name)?.file;
  const kept = [...(options.kept ?? []), ...(folder.path ? [folder.path] : [])];
  const mistakes: Mistake[] = [...folder.mistakes];
  const missing = ["fleet.yaml"].filter((name) => !top(name));
  if (missing.length > 0 && folder.mistakes.length === 0) {
    mistakes.push({ ...WHOLE_FILE, file: `${dir}/fleet.yaml`, message: "does not exist" });
  }
  for (const { file } of parsed) refuseEmpty(file);

  const fleetFile = top("fleet.yaml");
  const fleet = fleetFile && decodeFleet(fleetFile, { kept });
  const signed = fleet?.mode === "signed";
  const acceptFile = top("accept.yaml");
  const accept = acceptFile && decodeAccept(acceptFile, signed);
  const grantFiles = parsed.filter((p) => p.name.startsWith("grants/"));
  const grants = grantFiles.flatMap(({ file }): Decoded<Grant>[] => {
    if (signed) {
      file.mistake(file.root, "", {
        code: "only_narrows",
        message: "grants come from the signed accept-list: none may stand here",
        hint: "narrow with ceiling in fleet.yaml or deny in accept.yaml",
      });
      return [];
    }
    const value = decodeGrant(file, { kept });
    return value ? [{ file, value }] : [];
  });
  if (fleet && !signed && (accept || !acceptFile)) {
    crossCheck(
      { file: fleetFile!, value: fleet },
      acceptFile && { file: acceptFile, value: accept! },
      grants,
    );
  }

  mistakes.push(...parsed.flatMap((p) => p.file.mistakes));
  const warnings = [...folder.warnings, ...parsed.flatMap((p) => p.file.warnings)];
  if (mistakes.length > 0 || !fleet) return { mistakes: inReadingOrder(mistakes), warnings };
  const common: LoadedCommon = {
    dir,
    fleet: { ...fleet, sources: fleet.sources.map((source) => absolute(dir, source)) },
    narrowing: {
      ceiling: fleet.ceiling,
      deny: accept?.deny ?? [],
      ...(fleet.auditMode && { auditMode: true }),
    },
    warnings,
    files: folder.files.map(({ name, text }) => ({
      name,
      digest: digestOf(new TextEncoder().encode(text)),
    })),
  };
  const loaded: LoadedPolicy = signed
    ? { ...common, mode: "signed", root: join(dir, fleet.root!) }
    : local(common, accept ?? EMPTY_ACCEPT, grants.map((g) => g.value));
  return { mistakes, warnings, loaded };
}

/** The policy that a signed one becomes under a local folder: more denied, a ceiling of its own. */
export function narrowPolicy(
  policy: Omit<PolicyInForce, "digest">,
  narrowing: Narrowing,
): PolicyInForce {
  return makePolicy({
    ...policy,
    deny: [...policy.deny, ...narrowing.deny],
    ceiling: narrowing.ceiling,
    ...(narrowing.auditMode && { auditMode: true }),
  });
}

const WHOLE_FILE = { code: "missing_file", line: 0, column: 0, keyPath: "" } as const;

function local(common: LoadedCommon, accept: AcceptFile, grants: readonly Grant[]): LoadedPolicy {
  const policy = makePolicy({
    fleet: common.fleet.fleet,
    orderers: common.fleet.orderers,
    publishers: accept.publishers,
    accept: accept.accept,
    deny: accept.deny,
    grants: new Map(grants.map((grant) => [grant.script, grant])),
    labels: accept.labels,
    ceiling: common.fleet.ceiling,
    ...(common.fleet.auditMode && { auditMode: true }),
    ...(accept.expires !== undefined && { expires: Date.parse(accept.expires) }),
  });
  return { ...common, mode: "local", policy, accept, grants };
}

/** A file of nothing but comments is not a policy of no rules. */
function refuseEmpty(file: PolicyFile): void {
  if (file.root || file.mistakes.length > 0) return;
  file.mistake(null, "", { code: "bad_type", message: "must be a mapping: got nothing" });
}

function absolute(dir: string, source: FleetFile["sources"][number]) {
  return source.kind === "http" ? source : { ...source, path: join(dir, source.path) };
}

function join(dir: string, path: string): string {
  return path.startsWith("/") ? path : `${dir}/${path}`;
}

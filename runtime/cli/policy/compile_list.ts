import { digestOf } from "../../core/digest.ts";
import type { AcceptList } from "../../core/documents/acceptlist.ts";
import type { Digest } from "../../core/documents/common.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import type { Root } from "../../core/documents/root.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { VerificationError } from "../../core/errors.ts";
import { instantOf } from "../../core/instant.ts";
import { verifyAcceptList } from "../../core/verification/accept_list.ts";
import { compileAcceptList, loadPolicyDir } from "../../policy/mod.ts";
import { parseDuration } from "../arguments/duration.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { readSignedFolder } from "./policy_of.ts";

/** An accept-list ready to be signed. */
export interface CompiledList {
  readonly list: AcceptList;
  readonly root: Root;
  /** Where root and lists of the fleet lie. */
  readonly folder: string;
}

/**
 * Compiles the fleet's policy files to the accept-list that follows the newest one in
 * `policy/signed`.
 *
 * @param expires A time from now, such as `30 d`; absent to take `expires` of `accept.yaml`.
 * @throws {PolicyError} – when the files have mistakes
 * @throws {VerificationError} – when the root or the newest list does not hold
 * @throws {CliError} refused – when the folder is not in local mode, or nothing says an expiry
 */
export async function compileList(
  cli: Cli,
  fleet: Fleet,
  expires: string | undefined,
): Promise<CompiledList> {
  const loaded = await loadPolicyDir(fleet.policy, { kept: fleet.kept });
  if (loaded.mode !== "local") {
    throw new CliError("refused", "Cannot compile a policy that only narrows a signed list");
  }
  const now = cli.io.now();
  const folder = `${fleet.policy}/signed`;
  const { root, roots, newest } = await readSignedFolder(folder, now);
  try {
    const list = compileAcceptList(loaded, {
      epoch: root.epoch,
      issued: instantOf(now),
      ...(newest ? after(newest, roots) : FIRST),
      ...(expires !== undefined &&
        { expires: instantOf(now + parseDuration("--expires", expires)) }),
    });
    return { list, root, folder };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const hint = "give it: --expires '30 d'";
    throw new CliError("refused", cause.message, hint, { cause });
  }
}

const FIRST = { version: 1, prev: null };

/**
 * What follows a list. One that has expired is followed like any other; one of an older epoch
 * was signed by keys that are not trusted any more, so only its number and hash are taken.
 */
function after(envelope: Uint8Array, roots: readonly Root[]): { version: number; prev: Digest } {
  const { payload } = openEnvelope("acceptlist", envelope);
  const list = parseDocument("acceptlist", payload);
  if (list.epoch === roots.at(-1)?.epoch) requireSigned(envelope, list, roots);
  return { version: list.version + 1, prev: digestOf(payload) };
}

/**
 * A list holds under a root of its epoch: the newest, or the one it was signed under. Otherwise no
 * list could be the first under a root with another accept key or a higher threshold.
 */
function requireSigned(envelope: Uint8Array, list: AcceptList, roots: readonly Root[]): void {
  const now = Date.parse(list.issued);
  const [newest, ...older] = roots.filter(({ epoch }) => epoch === list.epoch).toReversed();
  try {
    verifyAcceptList(envelope, { root: newest!, now });
  } catch (cause) {
    if (!older.some((root) => holds(envelope, root, now))) throw cause;
  }
}

function holds(envelope: Uint8Array, root: Root, now: number): boolean {
  try {
    verifyAcceptList(envelope, { root, now });
    return true;
  } catch (cause) {
    if (cause instanceof VerificationError) return false;
    throw cause;
  }
}

import { dirname } from "node:path";
import { seeDocument } from "../../author/document_kind.ts";
import * as inspect from "../../author/inspect.ts";
import { digestOf, hexOf } from "../../core/digest.ts";
import type { KeyId } from "../../core/documents/common.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { verifyAcceptList } from "../../core/verification/accept_list.ts";
import { verifyRelease } from "../../core/verification/release.ts";
import { readUserFile } from "../arguments/files.ts";
import type { Cli } from "../cli.ts";
import { readSignedFolder } from "../policy/policy_of.ts";

/**
 * Says step by step what holds of a file: a signed document of any kind, an unsigned one, a module.
 *
 * @param file As the user wrote it.
 * @param policy What to judge by; without it nothing is known about anybody.
 * @param agent Whom an order is meant for.
 * @throws {CliError} no_such_file, file – when it cannot be read
 */
export async function inspectFile(
  cli: Cli,
  file: string,
  policy: PolicyInForce | undefined,
  agent?: KeyId,
): Promise<inspect.Step[]> {
  const path = cli.path(file);
  const bytes = await readUserFile(path, file, 4 * LIMITS.MODULE_BYTES);
  const seen = seeDocument(bytes);
  if (!seen && file.endsWith(".json")) return inspect.inspectUnknown(file);
  if (!seen) return await inspect.inspectModule(bytes, file);
  if (seen.form === "payload") return inspect.inspectPayload(seen.kind, bytes);
  const options = { now: cli.io.now(), ...(policy && { policy }), ...(agent && { agent }) };
  switch (seen.kind) {
    case "manifest": {
      const module = await findModule(path, bytes);
      return await inspect.inspectManifest(bytes, { ...options, ...(module && { module }) });
    }
    case "order":
      return inspect.inspectOrder(bytes, options);
    case "advert":
      return inspect.inspectAdvert(bytes, options.now);
    default:
      return await inspectUnderRoots(seen.kind, path, bytes, cli.io.now());
  }
}

/** A root, an accept-list or a release is judged by the roots that lie beside it. */
async function inspectUnderRoots(
  kind: "root" | "acceptlist" | "release",
  path: string,
  bytes: Uint8Array,
  now: number,
): Promise<inspect.Step[]> {
  const steps = new inspect.Steps();
  if (!steps.open(kind, bytes)) return steps.list;
  try {
    const { root } = await readSignedFolder(dirname(path), now);
    steps.judge("roots", () => `root ${root.version} of fleet "${root.fleet}" holds`);
    if (kind === "acceptlist") {
      steps.judge("list", () => {
        const { list } = verifyAcceptList(bytes, { root, now });
        return `version ${list.version}, signed by the role accept, good until ${list.expires}`;
      });
    } else if (kind === "release") {
      steps.judge("release", () => {
        const { sequence, version, deno } = verifyRelease(bytes, { root, newest: 0, now });
        return `number ${sequence}: Writ ${version} with Deno ${deno}, signed by the role releases`;
      });
    }
  } catch (error) {
    steps.judge("roots", () => {
      throw error;
    });
  }
  return steps.list;
}

/** The module of a manifest: beside it, as `pack` leaves it, or where `publish` puts it. */
async function findModule(path: string, envelope: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    const { module } = parseDocument("manifest", openEnvelope("manifest", envelope).payload);
    const folder = dirname(path);
    const candidates = [`${folder}/../../../modules/${hexOf(module.sha256)}`];
    for await (const { name } of Deno.readDir(folder)) {
      if (/\.m?[jt]s$/.test(name)) candidates.push(`${folder}/${name}`);
    }
    const found: Uint8Array[] = [];
    for (const candidate of candidates) {
      const bytes = await Deno.readFile(candidate).catch(() => undefined);
      if (bytes) found.push(bytes);
    }
    // A module with other bytes is shown as what it is: not the one that was signed.
    return found.find((bytes) => digestOf(bytes) === module.sha256) ?? found[0];
  } catch {
    return undefined;
  }
}

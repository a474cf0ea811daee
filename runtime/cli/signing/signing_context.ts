import { dirname } from "node:path";
import { type SignatureStatus, signatureStatus } from "../../author/signature_status.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import type { Root } from "../../core/documents/root.ts";
import { type DocumentKind, openEnvelope } from "../../core/dsse.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import type { Cli } from "../cli.ts";
import { type Fleet, type FleetOptions, seekFleet } from "../fleet/fleet.ts";
import { readRoots } from "../policy/policy_of.ts";

/**
 * Who signed a document and who has to, as far as it is known here: from the roots that lie beside
 * the file, else from the fleet's, and from its policy.
 *
 * @param path Absolute.
 * @throws {VerificationError} – the codes of `openEnvelope` and `parseDocument`
 */
export async function statusOf(
  cli: Cli,
  kind: DocumentKind,
  bytes: Uint8Array,
  path: string,
  options: FleetOptions,
): Promise<SignatureStatus> {
  const fleet = await seekFleet(cli, options);
  if (kind === "root" || kind === "acceptlist" || kind === "release") {
    const beside = await readRoots(dirname(path));
    const roots = beside.length > 0 || !fleet
      ? beside
      : await readRoots(`${fleet.policy}/signed`).catch(() => []);
    const root = kind === "root" ? rootBefore(bytes, roots) : roots.at(-1);
    return signatureStatus(kind, bytes, root ? { root } : {});
  }
  const policy = fleet && await policyOfFleet(cli, fleet);
  return signatureStatus(kind, bytes, policy ? { policy } : {});
}

/** A policy with mistakes says nothing about anybody, and keeps nobody from signing. */
async function policyOfFleet(cli: Cli, fleet: Fleet): Promise<PolicyInForce | undefined> {
  const [{ checkPolicyDir }, { policyOf }] = await Promise.all([
    import("../../policy/mod.ts"),
    import("../policy/policy_of.ts"),
  ]);
  const { loaded } = await checkPolicyDir(fleet.policy, { kept: fleet.kept });
  return loaded && await policyOf(loaded, cli.io.now()).catch(() => undefined);
}

function rootBefore(bytes: Uint8Array, roots: readonly Root[]): Root | undefined {
  const { version } = parseDocument("root", openEnvelope("root", bytes).payload);
  return roots.find((root) => root.version === version - 1);
}

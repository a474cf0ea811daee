import type { Order } from "../../core/documents/order.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import type { Cli } from "../cli.ts";
import { type FleetOptions, seekFleet } from "../fleet/fleet.ts";

/**
 * The input schema of what an order names, as the fleet's sources tell it. It is for the eyes of
 * whoever orders and for an early word: nothing is verified here, and the agent decides.
 *
 * @returns `undefined` when there is no fleet here, no source has the script, or it has no schema.
 */
export async function findSchema(
  cli: Cli,
  script: Order["script"],
  options: FleetOptions,
): Promise<Record<string, unknown> | undefined> {
  const fleet = await seekFleet(cli, options);
  if (!fleet) return undefined;
  const [{ loadPolicyDir }, { findManifest }] = await Promise.all([
    import("../../policy/mod.ts"),
    import("../fleet/find_manifest.ts"),
  ]);
  const wanted = "sha256" in script ? script.sha256 : script.range;
  try {
    const { sources } = (await loadPolicyDir(fleet.policy)).fleet;
    const envelope = await findManifest(sources, script.name, wanted);
    if (!envelope) return undefined;
    return parseDocument("manifest", openEnvelope("manifest", envelope).payload).inputSchema;
  } catch (error) {
    // A folder with mistakes, or a source that lies, is told of where it matters.
    const known = ["PolicyError", "VerificationError", "AgentError"];
    if (error instanceof Error && known.includes(error.name)) return undefined;
    throw error;
  }
}

import { parseEnrolToken } from "../../agent/hub_link/enrol_token.ts";
import { readSignedFiles } from "../../agent/trust/signed_folder.ts";
import { digestOf } from "../../core/digest.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Cli } from "../cli.ts";
import { seekFleet } from "../fleet/fleet.ts";

/**
 * Says so where a token that a hub made does not lead to the fleet of the folder: a hub that was
 * taken over could have machines join a thief's.
 *
 * @throws {AgentError} enrol_token – it is no token
 */
export async function checkEnrolToken(cli: Cli, token: string): Promise<void> {
  const { root } = parseEnrolToken(token);
  const fleet = await seekFleet(cli, {});
  if (!fleet) return;
  const folder = `${fleet.policy}/signed`;
  const roots = await readSignedFiles(folder, "root", 0, LIMITS.ROOT_CHAIN).catch(() => []);
  if (roots.some((known) => digestOf(openEnvelope("root", known).payload) === root)) return;
  cli.note(
    `The token leads to root ${root}, which is none in ${folder}: hand it out only for a machine ` +
      "of another fleet than this folder's",
  );
}

import { nearestScript } from "../arguments/nearest_script.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { type FleetOptions, seekFleet } from "../fleet/fleet.ts";

/** Why a field cannot be an option, where nothing here tells what fields the script has. */
export async function fieldsUnknown(
  cli: Cli,
  script: string,
  field: string,
  options: FleetOptions,
): Promise<CliError> {
  const known = await grantedHere(cli, options);
  const near = known.has(script) ? undefined : nearestScript(script, known);
  return new CliError(
    "usage",
    `Cannot use "${field}" as no source of the fleet tells which fields "${script}" has`,
    near ? `did you mean ${near}?` : "give the input as JSON: --input",
  );
}

/** Names of the scripts that the fleet's grant files name. */
async function grantedHere(cli: Cli, options: FleetOptions): Promise<Set<string>> {
  const fleet = await seekFleet(cli, options);
  if (!fleet) return new Set();
  const { checkPolicyDir } = await import("../../policy/mod.ts");
  const { loaded } = await checkPolicyDir(fleet.policy);
  return new Set(loaded?.mode === "local" ? loaded.policy.grants.keys() : []);
}

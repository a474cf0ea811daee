import type { Grant } from "../../../core/documents/grant.ts";
import type { PolicyInForce } from "../../../core/policy_in_force.ts";
import type { Cli, Registry } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { readUserFile } from "../../files.ts";
import { findFleet, type FleetOptions, withFleet } from "../../fleet.ts";

/** `writ policy explain`: what a script may do, in words and in Deno's own flags. */
export function addExplain(group: Registry): void {
  const command = group.command(
    "explain <script>",
    "say what a script may do: publisher/name, or a grant file",
    "writ policy explain example/hello",
  );
  withFleet(command).action(group.action(runExplain));
}

async function runExplain(cli: Cli, script: string, options: FleetOptions): Promise<void> {
  const { explain, explainText } = await import("../../../policy/mod.ts");
  const { grant, policy } = script.endsWith(".yaml")
    ? { grant: await readGrant(cli, script), policy: undefined }
    : await findGrant(cli, script, options);
  const explanation = explain(grant, policy);
  cli.answer(explanation, () => explainText(explanation, { color: cli.io.stdout.isTerminal }));
}

async function readGrant(cli: Cli, file: string): Promise<Grant> {
  const { parseGrant } = await import("../../../policy/mod.ts");
  const bytes = await readUserFile(cli.path(file), file, 1 << 20);
  return parseGrant(new TextDecoder().decode(bytes), file);
}

async function findGrant(
  cli: Cli,
  script: string,
  options: FleetOptions,
): Promise<{ grant: Grant; policy: PolicyInForce }> {
  const [{ loadPolicyDir }, { policyOf }, { nearestWord }] = await Promise.all([
    import("../../../policy/mod.ts"),
    import("../../policy_of.ts"),
    import("../../../policy/near_word.ts"),
  ]);
  const { policy: dir, state, keys } = await findFleet(cli, options);
  const loaded = await loadPolicyDir(dir, { kept: [state, keys] });
  const policy = await policyOf(loaded, cli.io.now());
  for (const [name, grant] of policy.grants) if (name === script) return { grant, policy };
  const near = nearestWord(script, policy.grants.keys());
  throw new CliError(
    "refused",
    `Cannot explain "${script}" as no grant names it: it may not be ordered at all`,
    near ? `did you mean ${near}?` : "write a grant for it: writ policy accept MANIFEST",
  );
}

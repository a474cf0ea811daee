import type { Grant } from "../../../core/documents/grant.ts";
import type { PolicyInForce } from "../../../core/policy_in_force.ts";
import type { Explanation } from "../../../policy/mod.ts";
import { readUserFile } from "../../arguments/files.ts";
import type { Cli, Registry } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { findFleet, type FleetOptions, withFleet } from "../../fleet/fleet.ts";

/** `writ policy explain`: what a script may do, in words and in Deno's own flags. */
export function addExplain(group: Registry): void {
  const command = group.command(
    "explain [script]",
    "say what a script may do: publisher/name, or a grant file (default: all, a line each)",
    "writ policy explain example/hello",
  );
  withFleet(command).action(group.action(runExplain));
}

async function runExplain(
  cli: Cli,
  script: string | undefined,
  options: FleetOptions,
): Promise<void> {
  const { explain, explainText } = await import("../../../policy/mod.ts");
  if (script === undefined) {
    const policy = await readPolicy(cli, options);
    const all = [...policy.grants.values()].map((grant) => explain(grant, policy));
    return cli.answer({ scripts: all }, () => overview(cli, all));
  }
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
  const [policy, { nearestScript }] = await Promise.all([
    readPolicy(cli, options),
    import("../../arguments/nearest_script.ts"),
  ]);
  for (const [name, grant] of policy.grants) if (name === script) return { grant, policy };
  const near = nearestScript(script, policy.grants.keys());
  throw new CliError(
    "refused",
    `Cannot explain "${script}" as no grant names it: it may not be ordered at all`,
    near ? `did you mean ${near}?` : "write a grant for it: writ policy accept MANIFEST",
  );
}

async function readPolicy(cli: Cli, options: FleetOptions): Promise<PolicyInForce> {
  const [{ loadPolicyDir }, { policyOf }] = await Promise.all([
    import("../../../policy/mod.ts"),
    import("../../policy/policy_of.ts"),
  ]);
  const { policy: dir, kept } = await findFleet(cli, options);
  return await policyOf(await loadPolicyDir(dir, { kept }), cli.io.now());
}

function overview(cli: Cli, all: readonly Explanation[]): string {
  if (all.length === 0) return "No script has a grant: nothing may be ordered";
  const [first] = all;
  return [
    ...first!.notes,
    ...all.map(({ script, summary, orders, beyondCeiling }) => {
      const words = beyondCeiling.length > 0 ? "DOES NOT RUN: beyond the ceiling" : summary;
      const by = orders.map(({ orderer }) => orderer).join(", ");
      return `${cli.out.bold(script)} ${cli.out.dim(`(ordered by ${by})`)}\n  ` +
        (/^(UNSAFE|DOES)/.test(words) ? cli.out.red(words) : words);
    }),
  ].join("\n");
}

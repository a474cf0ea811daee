import { exists } from "../../../author/path_kind.ts";
import { printable } from "../../../core/printable.ts";
import type { Cli, Registry } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { findFleet } from "../../fleet/fleet.ts";
import { changeLines, changeSummary } from "../../policy/change_lines.ts";
import type { NamedPolicy } from "../../policy/policy_source.ts";
import { type AgentOptions, findAgent, withAgent } from "../../reach/find_agent.ts";

/** `writ policy diff`: what would be different, in words, before it is. */
export function addDiff(group: Registry): void {
  const command = group.command(
    "diff [before] [after]",
    "say what changes between the policy in force and the files, or between two folders or " +
      "numbers of signed lists; exit 1 when something becomes wider",
    "writ policy diff",
  );
  withAgent(command).action(group.action(runDiff));
}

async function runDiff(
  cli: Cli,
  before: string | undefined,
  after: string | undefined,
  options: AgentOptions,
): Promise<number> {
  const [{ diffPolicies, widens }, source] = await Promise.all([
    import("../../../policy/mod.ts"),
    import("../../policy/policy_source.ts"),
  ]);
  const named = async (text: string): Promise<NamedPolicy> => {
    if (/^\d+$/.test(text)) {
      return await source.policyOfList(cli, await findFleet(cli, options), Number(text));
    }
    const path = cli.path(text);
    if (!await exists(`${path}/fleet.yaml`)) {
      throw new CliError(
        "usage",
        `Cannot compare "${text}" as it is neither a policy folder nor the number of a list`,
      );
    }
    return await source.policyOfFolder(cli, path);
  };
  const own = async () => {
    const fleet = await findFleet(cli, options);
    return await source.policyOfFolder(cli, fleet.policy, [fleet.state, fleet.keys]);
  };
  const now = after === undefined ? await own() : await named(after);
  const old = before === undefined
    ? await source.policyInForce(await findAgent(cli, options))
    : await named(before);
  const changes = diffPolicies(old.policy, now.policy);
  const wider = widens(changes);
  const side = ({ name, policy }: NamedPolicy) => ({ name, policy: policy.digest });
  cli.answer(
    { before: side(old), after: side(now), wider, changes },
    () =>
      [
        cli.out.dim(`from ${printable(old.name)}\nto   ${printable(now.name)}`),
        ...changeLines(changes, cli.out),
        changeSummary(changes),
      ].join("\n"),
  );
  return wider ? 1 : 0;
}

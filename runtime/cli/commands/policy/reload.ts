import type { Reloaded } from "../../../agent/mod.ts";
import type { Cli, Registry } from "../../cli.ts";
import { changeLines, changeSummary } from "../../policy/change_lines.ts";
import { type AgentOptions, findAgent, withAgent } from "../../reach/find_agent.ts";

/** `writ policy reload`: has the agent take the files as they are now, and says what changed. */
export function addReload(group: Registry): void {
  const command = group.command(
    "reload",
    "have the agent load its policy anew; with a mistake in it the old one stays",
    "writ policy reload",
  );
  withAgent(command).action(group.action(runReload));
}

async function runReload(cli: Cli, options: AgentOptions): Promise<void> {
  const agent = await findAgent(cli, options);
  const reloaded = await agent.json<Reloaded>("/v1/policy/reload", { method: "POST" });
  const { policy, changes } = reloaded;
  cli.answer(reloaded, () =>
    [
      ...changeLines(changes, cli.out),
      `${cli.out.green("loaded")}: ${policy} (${changeSummary(changes)})`,
    ].join("\n"));
}

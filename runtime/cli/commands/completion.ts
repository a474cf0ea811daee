import type { Cli, Registry } from "../cli.ts";
import type { CompletionRow } from "../completion/table.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** `writ completion`: what makes a shell finish our words. */
export function addCompletion(registry: Registry): void {
  const command = registry.command(
    "completion <shell>",
    "print what makes bash, zsh or fish complete commands, options and script names",
    'eval "$(writ completion bash)"',
  );
  command.registeredArguments[0]!.choices([...SHELLS]);
  command.action(registry.action((cli: Cli, shell: Shell) => runCompletion(cli, shell, registry)));
}

async function runCompletion(cli: Cli, shell: Shell, program: Registry): Promise<void> {
  const { completionTable } = await import("../completion/table.ts");
  const rows = completionTable(await program.tree());
  const text = await scriptFor(shell, rows);
  cli.answer({ shell, script: text }, () => text);
}

async function scriptFor(shell: Shell, rows: readonly CompletionRow[]): Promise<string> {
  switch (shell) {
    case "bash":
      return (await import("../completion/bash.ts")).bashCompletion(rows);
    case "zsh":
      return (await import("../completion/zsh.ts")).zshCompletion(rows);
    case "fish":
      return (await import("../completion/fish.ts")).fishCompletion(rows);
  }
}

import { printable } from "../../core/printable.ts";
import type { Cli, Registry } from "../cli.ts";
import { findState, type FleetOptions, withState } from "../fleet/fleet.ts";

interface Options extends FleetOptions {
  withKeys?: boolean;
}

/** `writ backup`: the state of an agent in one file, also while it runs. */
export function addBackup(registry: Registry): void {
  const command = registry.command(
    "backup <file>",
    "copy the agent's state into one new file, whether it runs or not",
    "writ backup before-the-move.writ",
  )
    .option("--with-keys", "its identity too; the file is then as secret as the agent's key");
  withState(command).action(registry.action(runBackup));
}

async function runBackup(cli: Cli, file: string, options: Options): Promise<void> {
  const { backupState } = await import("../../agent/backup/backup_state.ts");
  const state = await findState(cli, options);
  const keys = options.withKeys ?? false;
  const summary = await backupState(state, cli.path(file), { keys, now: cli.io.now() });
  const { bytes, auditRow, running } = summary;
  cli.answer({ file: cli.path(file), ...summary }, () =>
    [
      `Backed up ${state} into ${cli.out.bold(printable(file))}: ${(bytes / 1e6).toFixed(1)} MB, ` +
      `up to row ${auditRow} of the audit log`,
      keys
        ? "It holds the agent's keys: whoever has it can be this agent"
        : "Without keys: restored, it is an agent with a new identity (--with-keys keeps the old one)",
      running
        ? "The agent goes on: what it does from here on is not in the backup"
        : "No agent was running: unless one runs again, it can be restored with --moved",
    ].join("\n"));
}

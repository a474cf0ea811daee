import type { Cli, Registry } from "../cli.ts";
import { findState, type FleetOptions, withState } from "../fleet/fleet.ts";

interface Options extends FleetOptions {
  moved?: boolean;
}

/** `writ restore`: a state folder out of a backup. */
export function addRestore(registry: Registry): void {
  const command = registry.command(
    "restore <file>",
    "make a state folder from a backup; one that is there already is never touched",
    "writ restore before-the-move.writ --state state",
  )
    .option("--moved", "the agent had ended before the backup, and will not run there again");
  withState(command).action(registry.action(runRestore));
}

async function runRestore(cli: Cli, file: string, options: Options): Promise<void> {
  const { restoreState } = await import("../../agent/backup/restore_state.ts");
  const state = await findState(cli, options);
  const moved = options.moved ?? false;
  const now = cli.io.now();
  const summary = restoreState(cli.path(file), state, { moved, now });
  const { time, auditRow, keys, interrupted } = summary;
  const since = new Date(time).toISOString();
  const known = moved ? time : now;
  const answer = {
    state,
    ...summary,
    time: since,
    ordersFrom: new Date(known).toISOString(),
  };
  cli.answer(answer, () =>
    [
      `Restored ${cli.out.bold(state)} as it was at ${since}, row ${auditRow} of the audit log`,
      keys
        ? "It has the identity of the agent that was backed up: that one must not run any more"
        : "It gets an identity of its own at its first start; orders for the old one are not for it",
      ...(moved ? ["What waited there waits here, and every order id of before is known"] : [
        `What was ordered after ${since} is not known here, so, lest anything runs twice:`,
        `  orders issued before ${new Date(now).toISOString()} are refused as records_lost`,
        `  ${interrupted} runs that waited or were under way are interrupted and not begun again`,
        "  numbers of runs go on a million higher, so that none is used twice",
        "Lists and releases newer than the backup are learnt anew: publish the newest list first",
      ]),
      `Next: writ agent${options.state === undefined ? "" : ` --state ${options.state}`}`,
    ].join("\n"));
}

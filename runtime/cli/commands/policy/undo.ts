import type { Cli, Registry } from "../../cli.ts";
import { type ChangeOptions, findFleet, withChange } from "../../fleet/fleet.ts";
import { confirm } from "../../terminal/confirm.ts";

/** `writ policy undo`: has back what stood there before the last command that wrote. */
export function addUndo(group: Registry): void {
  const command = group.command(
    "undo",
    "take back what the last accept, deny, approve or key wrote, unless it was edited since",
    "writ policy undo",
  );
  withChange(command).action(group.action(runUndo));
}

async function runUndo(cli: Cli, options: ChangeOptions): Promise<void> {
  const [{ readUndo, forgetUndo }, { writeAtomically }, { changesOf }] = await Promise.all([
    import("../../policy/undo_file.ts"),
    import("../../../author/atomic_file.ts"),
    import("../../policy/change_policy.ts"),
  ]);
  const { changeLines } = await import("../../policy/change_lines.ts");
  const fleet = await findFleet(cli, options);
  const files = await readUndo(fleet.policy);
  const changes = await changesOf(fleet, files);
  cli.note([
    ...files.map(({ path, text }) => `${text === undefined ? "remove" : "restore"} ${path}`),
    ...changeLines(changes, cli.err),
  ].join("\n"));
  await confirm(cli, "Do this?", options.yes);
  for (const { path, text } of files) {
    if (text === undefined) await Deno.remove(path);
    else await writeAtomically(path, text);
  }
  await forgetUndo(fleet.policy);
  const restored = files.map(({ path }) => path);
  cli.answer({ restored, changes }, () => `Undone:\n${restored.map((p) => `  ${p}`).join("\n")}`);
}

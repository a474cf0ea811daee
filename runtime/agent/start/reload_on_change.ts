import type { Log } from "../log.ts";
import type { RulesInForce } from "../trust/rules_in_force.ts";
import { onHangup } from "./on_hangup.ts";
import { watchFolder } from "./watch_folder.ts";

/** Loads the rules anew at SIGHUP, and when something in their folder has changed. */
export function reloadOnChange(
  started: AsyncDisposableStack,
  rules: RulesInForce,
  folder: string | undefined,
  log: Log,
): void {
  // What is wrong with them is in the log by then.
  const reload = (asked: boolean) => rules.reload({ asked }).then(() => {}, () => {});
  started.use(onHangup(() => reload(true)));
  if (folder !== undefined) started.use(watchFolder(folder, () => reload(false), log));
}

import type { Registry } from "../../cli.ts";
import { addAccept } from "./accept.ts";
import { addCheck } from "./check.ts";
import { addCompile } from "./compile.ts";
import { addDeny } from "./deny.ts";
import { addDiff } from "./diff.ts";
import { addExplain } from "./explain.ts";
import { addLog, addShow } from "./log.ts";
import { addApprove, addPending } from "./pending.ts";
import { addReload } from "./reload.ts";
import { addSchema } from "./schema.ts";
import { addSignList } from "./sign.ts";
import { addUndo } from "./undo.ts";

/** In the order of the help: look, change, hand on. */
const COMMANDS = [
  addCheck,
  addExplain,
  addDiff,
  addLog,
  addShow,
  addAccept,
  addDeny,
  addPending,
  addApprove,
  addUndo,
  addReload,
  addCompile,
  addSignList,
  addSchema,
];

/** `writ policy`: what an admin does with the policy folder. */
export function addPolicy(registry: Registry): void {
  const group = registry.group(
    "policy",
    "check, explain and extend what may run",
    "writ policy check",
  );
  for (const add of COMMANDS) add(group);
}

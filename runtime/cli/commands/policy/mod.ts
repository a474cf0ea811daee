import type { Registry } from "../../cli.ts";
import { addAccept } from "./accept.ts";
import { addCheck } from "./check.ts";
import { addCompile } from "./compile.ts";
import { addExplain } from "./explain.ts";
import { addSignList } from "./sign.ts";

/** `writ policy`: what an admin does with the policy folder. */
export function addPolicy(registry: Registry): void {
  const group = registry.group(
    "policy",
    "check, explain and extend what may run",
    "writ policy check",
  );
  for (const add of [addCheck, addExplain, addAccept, addCompile, addSignList]) add(group);
}

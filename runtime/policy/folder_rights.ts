import { PERMISSION_KINDS } from "../core/documents/grant.ts";
import type { DenoFlags } from "./deno_flags.ts";

/** What of {@linkcode DenoFlags} bounds a cell. */
interface Rights {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly worker: DenoFlags["worker"];
}

/**
 * Adds a folder that the script may read and write, and that no grant could name, as it lies with
 * the agent's own.
 *
 * @param rights Not changed.
 */
export function withFolder({ allow, deny, worker }: Rights, path: string): Rights {
  const flags = [...allow];
  const inner: Record<string, unknown> = worker === "none"
    ? { ...NOTHING }
    : { ...worker as object };
  for (const kind of ["read", "write"] as const) {
    const flag = `--allow-${kind}`;
    const at = flags.findIndex((text) => text === flag || text.startsWith(`${flag}=`));
    if (at < 0) flags.push(`${flag}=${path}`);
    else if (flags[at] !== flag) flags[at] += `,${path}`;
    if (inner[kind] !== true) inner[kind] = [...(inner[kind] || []) as string[], path];
  }
  return { allow: flags, deny: [...deny], worker: inner as Deno.PermissionOptions };
}

/** `"none"` in full, to add to. */
const NOTHING = {
  import: false,
  ...Object.fromEntries(PERMISSION_KINDS.map((kind) => [kind, false])),
};

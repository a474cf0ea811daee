import { digestOf, hexOf } from "../../core/digest.ts";
import type { KeyId } from "../../core/documents/common.ts";

/** Where root keeps what the cells' user must reach; nothing below a 0700 folder would do. */
const ROOTS_CACHE = "/var/cache/writ";

/**
 * Where scripts have their directories: with the state, or, when the agent is root and its cells
 * are not, where those may pass. Two agents of one machine have two.
 */
export function scratchDir(state: string, agent: KeyId): string {
  if (Deno.build.os === "windows" || Deno.uid() !== 0) return `${Deno.realPathSync(state)}/dirs`;
  return `${ROOTS_CACHE}/dirs-${hexOf(digestOf(new TextEncoder().encode(agent))).slice(0, 16)}`;
}

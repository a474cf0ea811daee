import { VerificationError } from "../../core/errors.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { authorizeManifest } from "../../core/verification/authorize_run.ts";
import { scriptNameOf } from "../../core/verification/manifest.ts";
import type { ManifestTable } from "../store/manifests.ts";
import { highestSequence } from "../store/sequences.ts";
import type { Store } from "../store/store.ts";
import type { ScriptCells } from "./script_cells.ts";

/** What {@linkcode recheckCells} asks. */
export interface RecheckParts {
  store: Store;
  manifests: ManifestTable;
  policy(): PolicyInForce;
  now(): number;
}

/**
 * Ends the kept cells of every module that other rules accept no more, or grant something else
 * than it was started with. Their bytes were hashed before and have not changed.
 */
export function recheckCells(cells: ScriptCells, parts: RecheckParts): void {
  const { store, manifests, now } = parts;
  const policy = parts.policy();
  cells.recheck(({ manifest }) => {
    const script = scriptNameOf(manifest);
    const manifestBytes = manifests.get(script, manifest.version);
    if (!manifestBytes || policy.auditMode) return undefined;
    try {
      const highest = highestSequence(store, script);
      return authorizeManifest({ manifestBytes, policy, now: now(), highestSequence: highest });
    } catch (error) {
      if (error instanceof VerificationError) return undefined;
      throw error;
    }
  });
}

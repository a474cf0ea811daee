import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { diffLists, type PolicyChange } from "../../policy/mod.ts";
import { HubError } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";

/** Two accept-lists and the root under which both are looked at. */
export interface ListsToCompare {
  /** An envelope. */
  readonly root: Uint8Array;
  /** The envelope of the list in force, if there is one. */
  readonly before: Uint8Array | undefined;
  /** The payload of the other one, signed or not. */
  readonly payload: Uint8Array;
}

/**
 * What would be different under another accept-list.
 *
 * @throws {VerificationError} not_canonical, bad_schema – it is no accept-list
 * @throws {HubError} too_large – more is different than can be shown
 */
export function compareLists({ root, before, payload }: ListsToCompare): PolicyChange[] {
  const changes = diffLists(
    before && parseDocument("acceptlist", openEnvelope("acceptlist", before).payload),
    parseDocument("acceptlist", payload),
    parseDocument("root", openEnvelope("root", root).payload),
  );
  if (changes.length <= HUB_LIMITS.LIST_CHANGES) return changes;
  throw new HubError(
    "too_large",
    `Cannot show ${changes.length} changes, but ${HUB_LIMITS.LIST_CHANGES}: writ policy diff shows all`,
  );
}

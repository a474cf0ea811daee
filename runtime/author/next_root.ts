import { parseDocument } from "../core/documents/parse.ts";
import type { PublicKey } from "../core/documents/common.ts";
import type { Role, Root } from "../core/documents/root.ts";
import { canonicalBytes } from "../core/canonical_json.ts";
import { instantOf } from "../core/instant.ts";

/** A change of one role: `root`, `accept`, `releases`, or an orderer as `orderer:NAME`. */
export interface RoleChange {
  readonly role: string;
  readonly add?: PublicKey;
  readonly remove?: PublicKey;
  readonly threshold?: number;
}

/** The roles of a root, besides its orderers. */
const ROLES: readonly string[] = ["root", "accept", "releases"];

/** What the next root is to say. */
export interface NextRootOptions {
  readonly changes: readonly RoleChange[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly lifetimeMs: number;
  /** Begins a new epoch, in which the lists count from 1 again. */
  readonly newEpoch?: boolean;
}

/**
 * Makes the root that follows another, not signed yet: the old root's keys have to sign it and its
 * own as well.
 *
 * @throws {RangeError} – when a change cannot be made: a key that is there already, or is not there;
 * an unknown role; a threshold that the keys cannot meet
 * @see TUF 1.0, "Update the root role"
 */
export function nextRoot(before: Root, options: NextRootOptions): Root {
  const { changes, now, lifetimeMs, newEpoch = false } = options;
  const roles = new Map<string, Role>(Object.entries(before.roles) as [string, Role][]);
  const orderers = new Map(Object.entries(before.orderers));
  for (const change of changes) {
    const [, orderer] = /^orderer:(.+)$/.exec(change.role) ?? [];
    if (orderer === undefined && !ROLES.includes(change.role)) {
      throw new RangeError(
        `Cannot change the role "${change.role}" as it is none of ${ROLES.join(", ")} and ` +
          "orderer:NAME",
      );
    }
    const [map, name] = orderer === undefined ? [roles, change.role] : [orderers, orderer];
    const role = changed(map.get(name), change);
    // An orderer without keys is none, and nobody need sign releases; the other roles must stay.
    if (role.keys.length === 0 && name !== "root" && name !== "accept") map.delete(name);
    else map.set(name, role);
  }
  for (const [name, { keys, threshold }] of [...roles, ...orderers]) {
    if (threshold >= 1 && threshold <= keys.length) continue;
    throw new RangeError(
      `Cannot ask for ${threshold} signatures of "${name}" as it has ${keys.length} keys`,
    );
  }
  const root = {
    ...before,
    version: before.version + 1,
    epoch: before.epoch + (newEpoch ? 1 : 0),
    issued: instantOf(now),
    expires: instantOf(now + lifetimeMs),
    roles: Object.fromEntries(roles),
    orderers: Object.fromEntries(orderers),
  };
  return parseDocument("root", canonicalBytes(root));
}

function changed(role: Role | undefined, change: RoleChange): Role {
  const { add, remove, threshold } = change;
  const keys = role?.keys ?? [];
  if (add !== undefined && keys.includes(add)) {
    throw new RangeError(`Cannot add ${add} as it is a key of "${change.role}" already`);
  }
  if (remove !== undefined && !keys.includes(remove)) {
    throw new RangeError(`Cannot remove ${remove} as it is no key of "${change.role}"`);
  }
  return {
    keys: [...keys.filter((key) => key !== remove), ...(add === undefined ? [] : [add])],
    threshold: threshold ?? role?.threshold ?? 1,
  };
}

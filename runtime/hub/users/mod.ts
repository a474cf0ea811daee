/**
 * Users of the hub: who may sign in to which tenant, as what, and by which proof.
 *
 * @module
 */
import type { ChallengeParts } from "./challenges.ts";
import { Passkeys } from "./passkeys.ts";
import { type PasswordCost, Passwords } from "./password.ts";
import { Sessions } from "./sessions.ts";
import { SignIn } from "./sign_in.ts";
import { type UserParts, Users } from "./users.ts";

export { Users };

export { type UserCode, UserError } from "./errors.ts";
export type { ChallengeParts };
export type { Passkey, Passkeys } from "./passkeys.ts";
export { invitationLink } from "./invitation_link.ts";
export { isRole, type Role, ROLES } from "./role.ts";
export type { Origin, Proof, Session, SignedIn } from "./sessions.ts";
export type { User } from "./user.ts";
export { OPERATOR } from "./users.ts";
export type { UserParts } from "./users.ts";
export { USER_TABLES } from "./tables.ts";
export { USER_LIMITS } from "./limits.ts";

/** Everything about users. */
export interface UserServices {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  /** Absent where the console's address is none that passkeys can be made for. */
  readonly passkeys?: Passkeys;
}

/** What {@linkcode createUsers} works with. */
export interface CreateUsersOptions extends UserParts {
  /** The console's, as browsers have it. */
  readonly origin: string;
  /** See {@linkcode ChallengeParts}. Default: one of this very process. */
  readonly challengeKey?: Uint8Array;
  /** Another cost of a guess at a password than the product's, for tests. */
  readonly unsafePasswordCost?: PasswordCost;
}

/** Puts together everything about users. */
export function createUsers(options: CreateUsersOptions): UserServices {
  const parts = {
    ...options,
    challengeKey: options.challengeKey ?? crypto.getRandomValues(new Uint8Array(32)),
  };
  const passwords = new Passwords(options.unsafePasswordCost);
  const users = new Users(parts, passwords);
  const sessions = new Sessions(parts, users);
  const signIn = new SignIn(parts, users, sessions, passwords);
  if (!hasPasskeys(parts.origin)) return { users, sessions, signIn };
  return { users, sessions, signIn, passkeys: new Passkeys(parts, users) };
}

/** Browsers make passkeys for names, and only where nobody can listen. */
function hasPasskeys(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  if (hostname === "localhost") return true;
  return protocol === "https:" && !/^[\d.]+$|^\[/.test(hostname);
}

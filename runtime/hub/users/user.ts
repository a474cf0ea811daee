import type { Role } from "./role.ts";

/** Somebody who may sign in to the fleet of one tenant. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly created: number;
  /** Since when the user may not sign in; null for one who may. */
  readonly disabled: number | null;
  /** Whether there is a password. */
  readonly hasPassword: boolean;
  readonly passkeys: number;
  /** When the user was here last, as far as a session of theirs is kept. */
  readonly seen: number | null;
}

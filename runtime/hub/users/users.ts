import type { HubAudit } from "../audit/hub_audit.ts";
import type { HubDatabase, HubQueries } from "../database/hub_database.ts";
import { lockTenant, requireRoomFor } from "../database/lock_tenant.ts";
import { HUB_LIMITS } from "../limits.ts";
import { UserError } from "./errors.ts";
import { USER_LIMITS } from "./limits.ts";
import { Passwords } from "./password.ts";
import type { Role } from "./role.ts";
import { hashOf, makeId, makeSecret } from "../access/secret.ts";
import type { User } from "./user.ts";

/** What the services of users work with. */
export interface UserParts {
  readonly database: HubDatabase;
  readonly audit: HubAudit;
  readonly now: () => number;
}

interface Row extends Omit<User, "hasPassword"> {
  readonly password: string | null;
}

/** Who the hub's operator is in the audit log. */
export const OPERATOR = "system";

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]*$/u;
const SELECT = `SELECT id, name, role, password, created, disabled,
  (SELECT count(*) FROM user_passkeys p WHERE p.tenant = u.tenant AND p.user_id = u.id) AS passkeys,
  (SELECT max(seen) FROM user_sessions s WHERE s.tenant = u.tenant AND s.user_id = u.id) AS seen
  FROM users u`;

/** The users of each tenant, and what becomes of them. */
export class Users {
  readonly #parts: UserParts;
  readonly #passwords: Passwords;

  constructor(parts: UserParts, passwords = new Passwords()) {
    this.#parts = parts;
    this.#passwords = passwords;
  }

  /** All users of the tenant, by name. */
  async list(tenant: string): Promise<User[]> {
    const { database } = this.#parts;
    const rows = await database.all<Row>(`${SELECT} WHERE tenant = ?1 ORDER BY name`, [tenant]);
    return rows.map(userOf);
  }

  /** @throws {UserError} not_found – the tenant has no such user. */
  get(tenant: string, id: string): Promise<User> {
    return read(this.#parts.database, tenant, id);
  }

  /** What signing in needs to know; undefined for nobody, and for one who may not sign in. */
  async credentialsOf(
    tenant: string,
    name: string,
  ): Promise<{ id: string; password: string } | undefined> {
    return await this.#parts.database.get(
      `SELECT id, password FROM users
       WHERE tenant = ?1 AND name = ?2 AND disabled IS NULL AND password IS NOT NULL`,
      [tenant, name],
    );
  }

  /**
   * Makes a user who can do nothing yet but take up the invitation.
   *
   * @returns The invitation's secret, which is told this once.
   * @throws {UserError} bad_name – of another shape than names have.
   * @throws {UserError} name_taken – another user has it.
   */
  async invite(
    tenant: string,
    who: string,
    { name, role }: { name: string; role: Role },
  ): Promise<{ user: User; invitation: string }> {
    const wanted = nameOf(name);
    const id = makeId();
    const { database, audit, now } = this.#parts;
    return await database.transaction(async (tx) => {
      await lockTenant(tx, tenant);
      await requireRoomFor(tx, tenant, "users", HUB_LIMITS.USERS);
      const other = `SELECT id FROM users WHERE tenant = ?1 AND name = ?2`;
      if (await tx.get(other, [tenant, wanted])) {
        throw new UserError(
          "name_taken",
          `Cannot invite "${wanted}" as there is a user of that name`,
        );
      }
      await tx.run(
        `INSERT INTO users (tenant, id, name, role, password, created, disabled)
         VALUES (?1, ?2, ?3, ?4, NULL, ?5, NULL)`,
        [tenant, id, wanted, role, now()],
      );
      const invitation = await this.#newInvitation(tx, tenant, id);
      await audit.append(tx, tenant, {
        who,
        action: "user_invited",
        subject: wanted,
        detail: { role },
      });
      return { user: await read(tx, tenant, id), invitation };
    });
  }

  /**
   * Invites a user anew, who has lost password and passkeys: both are forgotten, and sessions end.
   *
   * @throws {UserError} not_found – the tenant has no such user.
   * @throws {UserError} last_admin – no admin who can sign in would be left.
   */
  async inviteAgain(tenant: string, who: string, id: string): Promise<string> {
    return await this.#parts.database.transaction(async (tx) => {
      await lockTenant(tx, tenant);
      const user = await read(tx, tenant, id);
      const { name } = user;
      await tx.run(`UPDATE users SET password = NULL WHERE tenant = ?1 AND id = ?2`, [tenant, id]);
      await tx.run(`DELETE FROM user_passkeys WHERE tenant = ?1 AND user_id = ?2`, [tenant, id]);
      await endSessions(tx, tenant, id);
      // The hub's operator has other ways in, and this is how the last admin comes back.
      if (who !== OPERATOR) await requireAdmin(tx, tenant, user);
      await this.#parts.audit.append(tx, tenant, {
        who,
        action: "user_invited_again",
        subject: name,
      });
      return await this.#newInvitation(tx, tenant, id);
    });
  }

  /** Whom an invitation is for; undefined when it is spent, expired or none. */
  async invited(tenant: string, invitation: string): Promise<User | undefined> {
    const { database, now } = this.#parts;
    const row = await database.get<{ id: string }>(
      `SELECT user_id AS id FROM user_invitations
       WHERE tenant = ?1 AND hash = ?2 AND expires > ?3`,
      [tenant, hashOf(invitation), now()],
    );
    const user = row && await read(database, tenant, row.id);
    return user?.disabled === null ? user : undefined;
  }

  /**
   * Takes up an invitation by setting a password. It is spent then.
   *
   * @throws {UserError} not_found – the invitation is spent, expired or none.
   * @throws {UserError} weak_password – the password is too easy a guess.
   */
  async accept(tenant: string, invitation: string, password: string): Promise<User> {
    const user = await this.invited(tenant, invitation);
    if (!user) throw noInvitation();
    const stored = await this.#passwords.hash(password, user.name);
    return await this.#parts.database.transaction(async (tx) => {
      const spent = await tx.run(
        `DELETE FROM user_invitations WHERE tenant = ?1 AND hash = ?2 AND expires > ?3`,
        [tenant, hashOf(invitation), this.#parts.now()],
      );
      if (spent !== 1) throw noInvitation();
      await this.#setPassword(tx, tenant, user, stored);
      return user;
    });
  }

  /**
   * Sets the password of somebody who is signed in. All sessions end.
   *
   * @throws {UserError} weak_password – the password is too easy a guess.
   */
  async changePassword(tenant: string, id: string, password: string): Promise<void> {
    const user = await this.get(tenant, id);
    const stored = await this.#passwords.hash(password, user.name);
    await this.#parts.database.transaction((tx) => this.#setPassword(tx, tenant, user, stored));
  }

  /**
   * @throws {UserError} not_found – the tenant has no such user.
   * @throws {UserError} last_admin – no admin would be left.
   */
  async setRole(tenant: string, who: string, id: string, role: Role): Promise<void> {
    await this.#change(tenant, who, id, "role_set", { role }, async (tx) => {
      await tx.run(`UPDATE users SET role = ?3 WHERE tenant = ?1 AND id = ?2`, [tenant, id, role]);
    });
  }

  /**
   * Shuts a user out, at once and everywhere, or lets one in again.
   *
   * @throws {UserError} not_found – the tenant has no such user.
   * @throws {UserError} last_admin – no admin would be left.
   */
  async setDisabled(tenant: string, who: string, id: string, disabled: boolean): Promise<void> {
    const action = disabled ? "user_disabled" : "user_enabled";
    await this.#change(tenant, who, id, action, {}, async (tx) => {
      const since = disabled ? this.#parts.now() : null;
      const sql = `UPDATE users SET disabled = ?3 WHERE tenant = ?1 AND id = ?2`;
      await tx.run(sql, [tenant, id, since]);
      if (disabled) await endSessions(tx, tenant, id);
    });
  }

  async #change(
    tenant: string,
    who: string,
    id: string,
    action: string,
    detail: Record<string, unknown>,
    change: (tx: HubQueries) => Promise<void>,
  ): Promise<void> {
    await this.#parts.database.transaction(async (tx) => {
      // Two admins who shut each other out must not both find the other one there.
      await lockTenant(tx, tenant);
      const user = await read(tx, tenant, id);
      await change(tx);
      await requireAdmin(tx, tenant, user);
      await this.#parts.audit.append(tx, tenant, { who, action, subject: user.name, detail });
    });
  }

  async #setPassword(tx: HubQueries, tenant: string, user: User, stored: string): Promise<void> {
    const sql = `UPDATE users SET password = ?3 WHERE tenant = ?1 AND id = ?2`;
    await tx.run(sql, [tenant, user.id, stored]);
    await endSessions(tx, tenant, user.id);
    const who = `user:${user.name}`;
    await this.#parts.audit.append(tx, tenant, { who, action: "password_set", subject: user.name });
  }

  async #newInvitation(tx: HubQueries, tenant: string, id: string): Promise<string> {
    const invitation = makeSecret();
    await tx.run(
      `INSERT INTO user_invitations (tenant, user_id, hash, expires) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT (tenant, user_id) DO UPDATE SET hash = excluded.hash, expires = excluded.expires`,
      [tenant, id, hashOf(invitation), this.#parts.now() + USER_LIMITS.INVITATION_MS],
    );
    return invitation;
  }
}

async function read(queries: HubQueries, tenant: string, id: string): Promise<User> {
  const row = await queries.get<Row>(`${SELECT} WHERE tenant = ?1 AND id = ?2`, [tenant, id]);
  if (!row) throw new UserError("not_found", "Cannot find the user");
  return userOf(row);
}

/** Somebody must stay who can let others in: who is only invited, only after another like that. */
async function requireAdmin(tx: HubQueries, tenant: string, changed: User): Promise<void> {
  const canSignIn = changed.hasPassword || changed.passkeys > 0;
  const admin = await tx.get(
    `SELECT id FROM users u WHERE tenant = ?1 AND role = 'admin' AND disabled IS NULL
       AND (?2 = 0 OR password IS NOT NULL OR EXISTS (
         SELECT 1 FROM user_passkeys p WHERE p.tenant = u.tenant AND p.user_id = u.id))
     LIMIT 1`,
    [tenant, canSignIn && changed.role === "admin" ? 1 : 0],
  );
  if (!admin) throw new UserError("last_admin", "Cannot change the user as no admin would be left");
}

async function endSessions(tx: HubQueries, tenant: string, id: string): Promise<void> {
  await tx.run(`DELETE FROM user_sessions WHERE tenant = ?1 AND user_id = ?2`, [tenant, id]);
}

/** Names are told apart without regard to case, or to how a letter with an accent is written. */
export function writtenName(text: string): string {
  return text.slice(0, 4 * USER_LIMITS.NAME).normalize("NFKC").trim().toLowerCase();
}

function nameOf(text: string): string {
  const name = writtenName(text);
  if (name.length <= USER_LIMITS.NAME && NAME.test(name)) return name;
  throw new UserError(
    "bad_name",
    `Cannot take the name as it must be 1 to ${USER_LIMITS.NAME} letters, digits or . _ @ + -`,
  );
}

function userOf({ password, ...row }: Row): User {
  return { ...row, passkeys: Number(row.passkeys), hasPassword: password !== null };
}

function noInvitation(): UserError {
  return new UserError("not_found", "Cannot use the invitation as it is spent or has expired");
}

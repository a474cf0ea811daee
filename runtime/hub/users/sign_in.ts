import { AsideWrites } from "../database/aside_writes.ts";
import { type Attempt, Attempts } from "./attempts.ts";
import { UserError } from "./errors.ts";
import type { Passwords } from "./password.ts";
import { USER_LIMITS } from "./limits.ts";
import type { Origin, Sessions, SignedIn } from "./sessions.ts";
import { type UserParts, type Users, writtenName } from "./users.ts";

/** What somebody typed, and where. */
export interface Credentials extends Origin {
  readonly tenant: string;
  readonly name: string;
  readonly password: string;
}

/** Signing in with a password. */
export class SignIn {
  readonly #parts: UserParts;
  readonly #users: Users;
  readonly #sessions: Sessions;
  readonly #passwords: Passwords;
  readonly #attempts: Attempts;
  readonly #refusals = new AsideWrites();

  constructor(parts: UserParts, users: Users, sessions: Sessions, passwords: Passwords) {
    this.#parts = parts;
    this.#users = users;
    this.#sessions = sessions;
    this.#passwords = passwords;
    this.#attempts = new Attempts(parts);
  }

  /**
   * Begins a session. A wrong name, a wrong tenant, a wrong password and a user who was shut out
   * get the same answer, and the password's hash is computed for each of them.
   *
   * @returns The value of the session's cookie.
   * @throws {UserError} bad_credentials – something of it is wrong.
   * @throws {UserError} too_many_attempts – the name or the address has to wait.
   */
  async withPassword(credentials: Credentials): Promise<string> {
    const { tenant, password, address } = credentials;
    const name = writtenName(credentials.name);
    const attempt: Attempt = { tenant, name, address };
    await this.#attempts.charge(attempt);
    const user = await this.#users.credentialsOf(tenant, name);
    if (!await this.#passwords.fits(password, user?.password) || !user) {
      // Nobody waits for it, as the answer would come later for names that somebody has.
      if (user) this.#refusals.begin(crypto.randomUUID(), () => this.#tell(tenant, name, address));
      throw new UserError("bad_credentials", "Cannot sign in as fleet, name or password is wrong");
    }
    await this.#attempts.succeed(attempt);
    const whole = await this.#users.get(tenant, user.id);
    return await this.#sessions.begin(tenant, whole, credentials, { password: user.password });
  }

  /**
   * Has whoever is signed in show that the session is their own, before something that outlives it:
   * by the password, or where there is none by having signed in just now.
   *
   * @throws {UserError} bad_credentials – it is another password.
   * @throws {UserError} too_many_attempts – the name or the address has to wait.
   * @throws {UserError} sign_in_again – the session of who has none is not new.
   */
  async requireSelf(
    { tenant, user, session }: SignedIn,
    password: string,
    { address }: Origin,
  ): Promise<void> {
    const { name, hasPassword } = user;
    if (!hasPassword) {
      if (this.#parts.now() - session.created < USER_LIMITS.SESSION_NEW_MS) return;
      throw new UserError("sign_in_again", "Cannot go on: sign out, and in once more");
    }
    const attempt: Attempt = { tenant, name, address };
    await this.#attempts.charge(attempt);
    const known = await this.#users.credentialsOf(tenant, name);
    if (!await this.#passwords.fits(password, known?.password)) {
      throw new UserError("bad_credentials", "Cannot go on as the password is wrong");
    }
    await this.#attempts.succeed(attempt);
  }

  async #tell(tenant: string, name: string, address: string): Promise<void> {
    const row = { who: "nobody", action: "session_refused", subject: name, detail: { address } };
    await this.#parts.database.transaction((tx) => this.#parts.audit.append(tx, tenant, row));
  }
}

import { HubAudit } from "../../../runtime/hub/audit/hub_audit.ts";
import { openHubDatabase } from "../../../runtime/hub/database/open_database.ts";
import { createUsers, type Role, type User } from "../../../runtime/hub/users/mod.ts";
import type { PasswordCost } from "../../../runtime/hub/users/password.ts";
import { TemporaryDir } from "../../temporary_dir.ts";

const CHEAP: PasswordCost = { logN: 4, r: 8, p: 1 };
export const PASSWORD = "a quiet orange lamp";
export const ORIGIN = "https://console.example";
export const PLACE = { address: "192.0.2.7", browser: "Test" } as const;

/**
 * The services of users over a store of their own, with a clock that tests move.
 *
 * @param where The store, when it is not to be a file that is gone afterwards.
 * @param cost Of a guess at a password.
 */
export async function userFixture(where?: string, cost: PasswordCost | undefined = CHEAP) {
  const dir = new TemporaryDir();
  const database = await openHubDatabase(where ?? `${dir.path}/hub.db`);
  const clock = { now: 1_800_000_000_000 };
  const audit = new HubAudit({ database, now: () => clock.now });
  const services = createUsers({
    ...{ database, audit, now: () => clock.now, origin: ORIGIN },
    unsafePasswordCost: cost,
  });
  return {
    ...services,
    passkeys: services.passkeys!,
    database,
    audit,
    clock,
    /** A user with the password of this fixture. */
    async user(name: string, role: Role = "admin", tenant = "acme"): Promise<User> {
      const { user, invitation } = await services.users.invite(tenant, "system", { name, role });
      await services.users.accept(tenant, invitation, PASSWORD);
      return user;
    },
    /** Signs a user in, and says what the cookie holds. */
    signIn: services.signIn,
    enter(name: string, password = PASSWORD, tenant = "acme"): Promise<string> {
      return services.signIn.withPassword({ tenant, name, password, ...PLACE });
    },
    /** Begins a session by the password that the user has. */
    async begin(user: User, tenant = "acme"): Promise<string> {
      const known = (await services.users.credentialsOf(tenant, user.name))!;
      return await services.sessions.begin(tenant, user, PLACE, known);
    },
    /** Resolves when what nobody waited for is stored. */
    async written(): Promise<void> {
      await database.transaction(() => Promise.resolve());
    },
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      dir[Symbol.dispose]();
    },
  };
}

import type { Manifest } from "../../../runtime/core/documents/manifest.ts";
import { createConsole } from "../../../runtime/hub/console/mod.ts";
import type { HubOptions } from "../../../runtime/hub/mod.ts";
import { createUsers, type Role } from "../../../runtime/hub/users/mod.ts";
import { TestHub } from "../hub_fixture.ts";
import { Visit } from "./visit.ts";

export const ORIGIN = "https://console.example";
export const PASSWORD = "a quiet orange lamp";

/** A guess at a password costs nothing here: what it costs is no matter of these tests. */
const CHEAP = { logN: 4, r: 8, p: 1 };

/** What a test says of an agent; the rest is usual. */
export interface AgentRow {
  id: string;
  name?: string;
  tenant?: string;
  standing?: "pending" | "approved" | "revoked";
  version?: string;
  deno?: string;
  release?: number;
  warning?: string;
}

/** The console of a hub that has the tenants "acme" and "other". */
export async function consoleFixture(options: Partial<HubOptions> = {}) {
  const test = await TestHub.start(options);
  await test.addTenant("other");
  const { services } = test;
  const now = () => services.now();
  const users = createUsers({ ...services, now, origin: ORIGIN, unsafePasswordCost: CHEAP });
  const agentsUrl = "https://hub.example";
  const app = createConsole({ ...services, ...users, now, origin: ORIGIN, agentsUrl });
  return {
    ...services,
    ...users,
    app,
    test,
    /** Somebody's browser, not signed in. */
    visit: () => new Visit(app, ORIGIN),
    /** Makes a user, and signs the user in by the page. */
    async enter(name: string, role: Role = "admin", tenant = "acme"): Promise<Visit> {
      const { invitation } = await users.users.invite(tenant, "system", { name, role });
      await users.users.accept(tenant, invitation, PASSWORD);
      const visit = new Visit(app, ORIGIN);
      await visit.send("/sign-in", { fleet: tenant, name, password: PASSWORD });
      return visit;
    },
    /** Publishes a version of the fleet's script to the hub, and to where agents take it from. */
    async publish(version: string, change: Partial<Manifest> = {}, text?: string): Promise<void> {
      const { envelope, module, digest } = test.fleet.publish(version, change, text);
      await services.content.put("acme", digest, ReadableStream.from([module]));
      await services.scripts.publish("acme", "system", envelope);
    },
    /** An agent as a hostile machine could have made its row. */
    async agent({ id, ...row }: AgentRow): Promise<void> {
      await services.database.run(
        `INSERT INTO agents
           (tenant, id, public_key, name, standing, enrolled, version, deno, running_release, warning)
         VALUES (?1, ?2, 'key', ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
        [
          row.tenant ?? "acme",
          id,
          row.name ?? id,
          row.standing ?? "approved",
          now(),
          row.version ?? null,
          row.deno ?? null,
          row.release ?? null,
          row.warning ?? null,
        ],
      );
    },
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}

import { type Context, Hono } from "hono";
import * as v from "valibot";
import { parseHostileJson } from "../../core/hostile_json.ts";
import { HubError } from "../errors.ts";
import type { HubServices } from "../services.ts";
import { OPERATOR, ROLES, UserError, Users } from "../users/mod.ts";
import { readBytes } from "./body.ts";

const userSchema = v.strictObject({
  name: v.string(),
  role: v.picklist(ROLES),
  /** For somebody who has lost password and passkeys. */
  again: v.optional(v.boolean()),
});

const BODY_BYTES = 10_000;

/** Invites users of a tenant to the console: the first admin, or one who was locked out. */
export function operatorUsers(services: HubServices): Hono {
  const { database, audit, tenants } = services;
  const users = new Users({ database, audit, now: () => services.now() });
  const app = new Hono();
  app.post("/tenants/:tenant/users", async (c) => {
    const tenant = c.req.param("tenant");
    await tenants.get(tenant);
    const { name, role, again = false } = await bodyOf(c);
    try {
      const invitation = again
        ? await inviteAgain(tenant, name)
        : (await users.invite(tenant, OPERATOR, { name, role })).invitation;
      return c.json({ tenant, name, invitation }, 201);
    } catch (error) {
      throw error instanceof UserError ? asHubError(error) : error;
    }
  });

  async function inviteAgain(tenant: string, name: string): Promise<string> {
    const user = (await users.list(tenant)).find((user) => user.name === name.toLowerCase());
    if (!user) throw new HubError("not_found", `Cannot find a user "${name}"`);
    return await users.inviteAgain(tenant, OPERATOR, user.id);
  }
  return app;
}

async function bodyOf(c: Context): Promise<v.InferOutput<typeof userSchema>> {
  const text = new TextDecoder().decode(await readBytes(c, BODY_BYTES));
  try {
    return v.parse(userSchema, parseHostileJson(text));
  } catch (cause) {
    throw new HubError("bad_request", "Cannot read who is to be invited", { cause });
  }
}

function asHubError(cause: UserError): HubError {
  const code = cause.code === "name_taken" ? "conflict" : "bad_request";
  return new HubError(code, cause.message, { cause });
}

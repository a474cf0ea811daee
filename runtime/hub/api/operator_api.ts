import { type Context, Hono } from "hono";
import * as v from "valibot";
import { bearerToken } from "../../agent/request_marks.ts";
import { nameSchema } from "../../core/documents/common.ts";
import { parseHostileJson } from "../../core/hostile_json.ts";
import { LIMITS } from "../../core/limits.ts";
import { SCOPES } from "../access/actor.ts";
import { HubError } from "../errors.ts";
import { bytesOf } from "../lists/carried_documents.ts";
import type { HubServices } from "../services.ts";
import type { HubState } from "../state.ts";
import { readBytes } from "./body.ts";
import { operatorUsers } from "./operator_users.ts";
import { refuse } from "./refusal.ts";

const count = v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1)));

const quotas = { maxAgents: count, maxQueued: count, maxArtefactBytes: count };
const quotasSchema = v.strictObject(quotas);

const tenantSchema = v.strictObject({
  id: nameSchema,
  /** Envelopes as text, the first root first. */
  roots: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(LIMITS.ROOT_CHAIN)),
  ...quotas,
});

/** Several roots, and what JSON adds. */
const BODY_BYTES = 8 << 20;
const WHO = "system";

/**
 * What only whoever runs the hub may do, known by the token in its state folder: which tenants
 * there are, and who is invited first. What a tenant has is not to be had here.
 */
export function createOperatorApi(
  services: HubServices,
  state: Pick<HubState, "isOperator" | "keepToken" | "findOrderer" | "makeOrderer">,
): Hono {
  const { tenants, tokens, log } = services;
  const app = new Hono().basePath("/operator/v1");
  app.onError((error, c) => refuse(c, error));
  app.use(async (c, next) => {
    const token = bearerToken(c.req.raw.headers);
    if (token === undefined || !state.isOperator(token)) {
      throw new HubError("unauthorized", "Cannot answer but whoever runs the hub");
    }
    await next();
  });
  app.get("/tenants", async (c) => {
    const all = await tenants.list();
    const ordererOf = (tenant: string) => state.findOrderer(tenant)?.publicKey ?? null;
    return c.json({ items: all.map((tenant) => ({ ...tenant, orderer: ordererOf(tenant.id) })) });
  });
  app.post("/tenants", async (c) => {
    const { roots, ...request } = await bodyOf(c, tenantSchema);
    const tenant = await tenants.create(WHO, { ...request, roots: roots.map(bytesOf) });
    const { token } = await tokens.create(tenant.id, WHO, { name: "first-admin", scopes: SCOPES });
    const tokenFile = state.keepToken(tenant.id, token);
    log("info", "tenant made", { tenant: tenant.id, fleet: tenant.fleet });
    const orderer = state.makeOrderer(tenant.id).publicKey;
    return c.json({ ...tenant, orderer, tokenFile }, 201);
  });
  app.patch("/tenants/:tenant", async (c) => {
    const tenant = c.req.param("tenant");
    return c.json(await tenants.change(WHO, tenant, await bodyOf(c, quotasSchema)));
  });

  app.route("/", operatorUsers(services));

  return app;
}

async function bodyOf<T>(c: Context, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const text = new TextDecoder().decode(await readBytes(c, BODY_BYTES));
  try {
    return v.parse(schema, parseHostileJson(text));
  } catch (cause) {
    throw new HubError("bad_request", "Cannot read what a tenant is to be", { cause });
  }
}

import { type Context, Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import * as v from "valibot";
import { messageOf } from "../../agent/errors.ts";
import { bearerToken } from "../../agent/request_marks.ts";
import { parseHostileJson } from "../../core/hostile_json.ts";
import { type Actor, requireScope } from "../access/actor.ts";
import { type HubCode, HubError } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import type { HubServices } from "../services.ts";
import { readBytes } from "./body.ts";
import { refuse } from "./refusal.ts";
import { API_PATH, type ApiRoute } from "./route.ts";
import { API_ROUTES } from "./route_table.ts";

/** What those who run the hub must hear of. */
const FAULTS: readonly HubCode[] = ["database", "disk_full"];

/**
 * The API. Every route stands in the table: who calls is found out by a token, whose tenant is the
 * only one that the call can be about.
 */
export function createApi(services: HubServices, routes: readonly ApiRoute[] = API_ROUTES): Hono {
  const app = new Hono();
  app.use(secureHeaders({ strictTransportSecurity: false, referrerPolicy: "no-referrer" }));
  app.onError((error, c) => {
    if (!(error instanceof HubError) || FAULTS.includes(error.code)) {
      services.log("warn", "request failed", { path: c.req.path, error: messageOf(error) });
    }
    return refuse(c, error);
  });
  app.notFound((c) => refuse(c, new HubError("not_found", "")));
  app.get("/healthz", (c) => c.json({ ok: true }));
  app.get("/openapi.json", async (c) => {
    const { openApi } = await import("./openapi.ts");
    return c.json(await openApi(routes));
  });
  for (const declared of routes) {
    app.on(
      declared.method,
      API_PATH + declared.path,
      async (c) => await answer(c, declared, services),
    );
  }
  return app;
}

/** Nothing of a body is read before it is known who sends it, and that they may. */
async function answer(c: Context, declared: ApiRoute, services: HubServices): Promise<Response> {
  const actor = await admit(c, services);
  requireScope(actor, declared.scope);
  if (declared.also) requireScope(actor, declared.also);
  const given = await declared.handle({
    services,
    actor,
    tenant: actor.tenant,
    who: actor.who,
    params: c.req.param() as Record<string, string>,
    query: queryOf(c, declared) as never,
    body: await bodyOf(c, declared) as never,
    context: c,
  });
  if (given instanceof Response) return given;
  const { status = 200 } = declared;
  return status === 204 ? c.body(null, 204) : c.json(given as Record<string, unknown>, status);
}

async function admit(c: Context, { tokens }: HubServices): Promise<Actor> {
  const token = bearerToken(c.req.raw.headers);
  const actor = token === undefined ? undefined : await tokens.admit(token);
  if (actor) return actor;
  throw new HubError("unauthorized", "Cannot answer without a token that is good");
}

function queryOf(c: Context, { query }: ApiRoute): unknown {
  // PostgreSQL has no text with it, and nothing here is called so.
  if (/%00/.test(c.req.url)) {
    throw new HubError("bad_request", "Cannot look for a text with a zero byte in it");
  }
  return query && checked(query, c.req.query());
}

async function bodyOf(c: Context, { body, plainBody }: ApiRoute): Promise<unknown> {
  if (body) {
    const text = new TextDecoder().decode(await readBytes(c, HUB_LIMITS.BODY_BYTES));
    return checked(body, parsed(text));
  }
  if (!plainBody) return undefined;
  if ("streams" in plainBody) return c.req.raw.body ?? ReadableStream.from([]);
  return await readBytes(c, plainBody.maxBytes);
}

function parsed(text: string): unknown {
  try {
    return parseHostileJson(text);
  } catch (cause) {
    throw new HubError("bad_request", "Cannot read the body as it is no JSON", { cause });
  }
}

function checked(schema: v.GenericSchema<unknown, unknown>, value: unknown): unknown {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = issue.path?.map(({ key }) => String(key)).join(".");
  throw new HubError("bad_request", `Cannot read ${path ?? "what was sent"}: ${issue.message}`);
}

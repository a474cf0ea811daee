import type { Context, Hono, MiddlewareHandler } from "hono";
import type { RefusedCall } from "../audit/audit_row.ts";
import type { Calls, SignedCaller } from "../calls/calls.ts";
import { bearerToken } from "../request_marks.ts";
import { localOnly, notForwarded } from "./guards.ts";
import { HttpRefusal } from "./refusal.ts";
import type { CallerKind, Route } from "./route.ts";

/** Whoever a request is from, once a guard has let it in. */
export type Caller = { readonly kind: "anybody" } | { readonly kind: "operator" } | SignedCaller;

/** What guards find out callers with. */
export interface CallerParts {
  /** Whether a token is the operator's; the same time for every token. */
  isOperator(token: string): boolean;
  calls: Pick<Calls, "admit" | "sign">;
  /** Told of every refusal of an unknown caller. */
  refused(code: string): void;
  /** Told of every refusal of a caller whose signature is known. */
  refusedCall(call: RefusedCall): void;
}

const ANYBODY: Caller = { kind: "anybody" };
const OPERATOR: Caller = { kind: "operator" };

/**
 * Puts the guard of its row in front of every route.
 *
 * @param app Has no handlers yet: a guard that came later would not stand in front.
 */
export function guardRoutes(app: Hono, routes: readonly Route[], parts: CallerParts): void {
  for (const { method, path, callers } of routes) {
    app.on(method, path, admit(`${method} ${path}`, callers, parts));
  }
}

/**
 * That no handler stands without a row in the table, and so without a guard.
 *
 * @throws {TypeError} when one does; the agent must not start
 */
export function requireGuarded(app: Hono, routes: readonly Route[]): void {
  for (const { method, path } of app.routes) {
    // Guards in front of all, and scripts' endpoints, which have guards of their own.
    if (method === "ALL") continue;
    if (routes.some((route) => route.method === method && route.path === path)) continue;
    throw new TypeError(`Cannot serve ${method} ${path} as it is not in the table of routes`);
  }
}

/** Who the request is from; set by the guard. */
export function callerOf(c: Context): Caller {
  return c.get("caller") ?? ANYBODY;
}

/** Has a refusal written down: of a known caller by its name, of others as a number. */
export function tellRefusal(c: Context, code: string, parts: CallerParts): void {
  const caller = callerOf(c);
  if (caller.kind !== "signed") return parts.refused(code);
  const { key, orderers } = caller;
  parts.refusedCall({ key, orderers, route: c.get("route"), path: c.req.path, code });
}

/**
 * The names of the orderers that may see no more than their own; `undefined` for the operator.
 * An empty list sees nothing.
 */
export function onlyOrderers(c: Context): readonly string[] | undefined {
  const caller = callerOf(c);
  if (caller.kind === "operator") return undefined;
  return caller.kind === "signed" ? caller.orderers : [];
}

/**
 * Finds out the caller and lets in whom the row names. A signature is always checked, also where
 * anybody may come, since whoever signs wants to know who answers.
 */
function admit(
  route: string,
  callers: readonly CallerKind[],
  parts: CallerParts,
): MiddlewareHandler {
  const local = localOnly();
  return async (c, next) => {
    c.set("route", route);
    if (callers.includes("local")) return await local(c, next);
    const isPublic = callers.includes("public");
    // A proxy may have its own use for Authorization.
    const caller = isPublic && !isSigned(c) ? ANYBODY : await identify(c, parts);
    c.set("caller", caller);
    if (!isPublic) requireNamed(caller, callers);
    await next();
  };
}

/**
 * Finds out who a request is from: by its signature, or by the operator's token.
 *
 * @throws {HttpRefusal} bad_request, unauthorized, not_local – it has both, or the token is wrong
 * @throws {PeerError} – as `Calls.admit()` does
 */
async function identify(c: Context, { isOperator, calls }: CallerParts): Promise<Caller> {
  const authorization = c.req.header("authorization");
  if (isSigned(c)) {
    if (authorization !== undefined) throw new HttpRefusal("bad_request");
    return await calls.admit(c.req.raw);
  }
  if (authorization === undefined) return ANYBODY;
  notForwarded(c);
  const token = bearerToken(c.req.raw.headers);
  if (token !== undefined && isOperator(token)) return OPERATOR;
  throw new HttpRefusal("unauthorized");
}

function isSigned(c: Context): boolean {
  return c.req.header("signature-input") !== undefined || c.req.header("signature") !== undefined;
}

/** A known caller learns of what is not for it as little as if it were not there. */
function requireNamed(caller: Caller, callers: readonly CallerKind[]): void {
  if (caller.kind === "anybody") throw new HttpRefusal("unauthorized");
  const named = caller.kind === "operator"
    ? callers.includes("operator")
    : (callers.includes("orderer") && caller.orderers.length > 0) ||
      (callers.includes("peer") && caller.peer !== undefined);
  if (!named) throw new HttpRefusal("not_found");
}

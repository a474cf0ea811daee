import type { Hono } from "hono";
import { ROLE_SCOPES, type Scope } from "../access/actor.ts";
import { HubError } from "../errors.ts";
import { type ConsoleContext, type ConsoleEnv, visitorOf } from "./environment.ts";

/** Who may see a page, or send its form: anyone, whoever is signed in, or who has a scope. */
export type Access = "anyone" | "signed-in" | Scope;

/** Answers one request. */
export type Page = (c: ConsoleContext) => Response | Promise<Response>;

/** Adds pages; none without a word on who may see it. */
export class Pages {
  readonly #app: Hono<ConsoleEnv>;

  constructor(app: Hono<ConsoleEnv>) {
    this.#app = app;
  }

  get(path: string, access: Access, page: Page): void {
    this.#app.get(path, (c) => admitted(c, access, page));
  }

  post(path: string, access: Access, page: Page): void {
    this.#app.post(path, (c) => admitted(c, access, page));
  }
}

function admitted(c: ConsoleContext, access: Access, page: Page): Response | Promise<Response> {
  if (access !== "anyone") {
    visitorOf(c);
    if (access !== "signed-in") requireRole(c, access);
  }
  return page(c);
}

/** As `requireScope()`, in the words of people, who have roles. @throws {HubError} forbidden */
export function requireRole(c: ConsoleContext, scope: Scope): void {
  const { actor, user } = visitorOf(c);
  if (actor.scopes.has(scope)) return;
  const may = Object.entries(ROLE_SCOPES)
    .filter(([, scopes]) => scopes.includes(scope))
    .map(([role]) => `${role}s`);
  throw new HubError(
    "forbidden",
    `Only ${may.join(" and ")} may do this, and you are ${user.role}: ask one of them`,
  );
}

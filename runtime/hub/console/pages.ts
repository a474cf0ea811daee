import type { Hono } from "hono";
import { requireScope, type Scope } from "../access/actor.ts";
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
    const { actor } = visitorOf(c);
    if (access !== "signed-in") requireScope(actor, access);
  }
  return page(c);
}

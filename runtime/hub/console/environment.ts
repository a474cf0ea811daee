import type { Context } from "hono";
import type { Actor } from "../access/actor.ts";
import type { SignedIn } from "../users/mod.ts";
import { HubError } from "../errors.ts";

/** Who looks at a page. */
export interface Visitor extends SignedIn {
  readonly actor: Actor;
  /** Goes into every form, and comes back with it. */
  readonly formToken: string;
}

/** What a request has with it. */
export interface ConsoleEnv {
  Bindings: Partial<Deno.ServeHandlerInfo>;
  Variables: {
    visitor?: Visitor;
    /** The fields of the form that was sent. */
    form?: Form;
  };
}

export type ConsoleContext = Context<ConsoleEnv>;

/** @throws {HubError} unauthorized – nobody is signed in. */
export function visitorOf(c: ConsoleContext): Visitor {
  const visitor = c.get("visitor");
  if (!visitor) throw new HubError("unauthorized", "Cannot show the page as nobody is signed in");
  return visitor;
}

/** The address of the connection. */
export function addressOf(c: ConsoleContext): string {
  const { remoteAddr } = c.env ?? {};
  return remoteAddr && "hostname" in remoteAddr ? remoteAddr.hostname : "unknown";
}

/** A form that was sent; what it has not is empty. */
export class Form {
  readonly #fields: URLSearchParams;
  /** Documents that came with it. */
  readonly files: readonly File[];

  constructor(fields: URLSearchParams, files: readonly File[] = []) {
    this.#fields = fields;
    this.files = files;
  }

  text(name: string): string {
    return this.#fields.get(name) ?? "";
  }

  all(name: string): string[] {
    return this.#fields.getAll(name);
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** Words between spaces or commas. */
  words(name: string): string[] {
    return this.text(name).split(/[\s,]+/).filter((word) => word !== "");
  }
}

/** @throws {HubError} bad_request – no form came. */
export function formOf(c: ConsoleContext): Form {
  const form = c.get("form");
  if (!form) throw new HubError("bad_request", "Cannot read the form as none was sent");
  return form;
}

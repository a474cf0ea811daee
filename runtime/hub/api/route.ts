import type { Context } from "hono";
import * as v from "valibot";
import type { Actor, Scope } from "../access/actor.ts";
import { HUB_LIMITS } from "../limits.ts";
import type { HubServices } from "../services.ts";

/** Where the routes of the table begin. */
export const API_PATH = "/api/v1";

/** What a handler is given; everything in it was checked. */
export interface ApiCall<Query, Body> {
  readonly services: HubServices;
  readonly actor: Actor;
  readonly tenant: string;
  readonly who: string;
  /** The parts of the path that are not fixed. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly context: Context;
}

/** A body that is no JSON: its bytes at once, at most so many, or as they come. */
export type PlainBody =
  | { readonly type: string; readonly maxBytes: number }
  | { readonly type: string; readonly streams: true };

/** One route of the API, from which the server and `/openapi.json` are made. */
export interface ApiRoute {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below {@linkcode API_PATH}. */
  readonly path: string;
  readonly scope: Scope;
  /** A scope that it needs as well. */
  readonly also?: Scope;
  readonly about: string;
  readonly query?: v.GenericSchema<unknown, unknown>;
  readonly body?: v.GenericSchema<unknown, unknown>;
  readonly plainBody?: PlainBody;
  /** Default: 200. */
  readonly status?: 200 | 201 | 202 | 204;
  handle(call: ApiCall<never, never>): Promise<unknown>;
}

/** What a handler is given of a body that is no JSON; else what the schema reads. */
type BodyOf<Body, Plain> = Plain extends { maxBytes: number } ? Uint8Array
  : Plain extends { streams: true } ? ReadableStream<Uint8Array>
  : Body;

/** Declares a route; the types of query and body follow from their schemas. */
export function route<
  Query = undefined,
  Body = undefined,
  Plain extends PlainBody | undefined = undefined,
>(
  declared: Omit<ApiRoute, "handle" | "query" | "body" | "plainBody"> & {
    readonly query?: v.GenericSchema<unknown, Query>;
    readonly body?: v.GenericSchema<unknown, Body>;
    readonly plainBody?: Plain;
    handle(call: ApiCall<Query, BodyOf<Body, Plain>>): Promise<unknown>;
  },
): ApiRoute {
  return declared as unknown as ApiRoute;
}

const limit = v.pipe(
  v.string(),
  v.regex(/^\d{1,4}$/),
  v.toNumber(),
  v.minValue(1),
  v.maxValue(HUB_LIMITS.PAGE_MOST),
);

/** Which part of a list. */
export const pageQuery = {
  after: v.optional(v.pipe(v.string(), v.maxLength(200))),
  limit: v.optional(limit),
};

/** A time, as a number in the address. */
export const timeQuery = v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.toNumber()));
/** A word to look for. */
export const wordQuery = v.optional(v.pipe(v.string(), v.maxLength(200)));

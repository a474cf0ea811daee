import type { GenericSchema } from "valibot";

/**
 * Who may call a route. `public`: anybody. `local`: a program on this machine. `operator`: who has
 * the token. `orderer` and `peer`: who signs with a key that the policy names as such.
 */
export type CallerKind = "public" | "local" | "operator" | "orderer" | "peer";

/** One route of the agent, with all that its guard, its documents and its tests must know. */
export interface Route {
  readonly method: "GET" | "PUT" | "POST";
  /** As Hono writes it. */
  readonly path: string;
  readonly callers: readonly [CallerKind, ...CallerKind[]];
  /** One line for `docs/api.md` and `/openapi.json`. */
  readonly about: string;
  /** What may stand in the query. */
  readonly query?: Readonly<Record<string, GenericSchema>>;
  readonly body?: Content;
  /** What a success answers, by status; refusals are the same for all routes. */
  readonly answers: Readonly<Record<number, Content>>;
}

/** A body: JSON of a schema, or bytes of another type. */
export interface Content {
  readonly type: string;
  readonly schema?: GenericSchema;
}

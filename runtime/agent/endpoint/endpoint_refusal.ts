/** A request that reaches no script: 404 for what is not there for this caller, else 503. */
export class EndpointRefusal extends Error {
  override readonly name = "EndpointRefusal";
  readonly status: 404 | 503;
  readonly code: EndpointCode;

  constructor(status: 404 | 503, code: EndpointCode) {
    super(`Cannot serve the request: ${code}`);
    this.status = status;
    this.code = code;
  }
}

/** Why a request reached no script. */
export type EndpointCode =
  /** No grant gives the script an endpoint. */
  | "not_served"
  /** The request names another host, or comes from another origin's page. */
  | "bad_name"
  /** The grant does not admit the caller. */
  | "not_admitted"
  /** Its headers are longer than any script is told. */
  | "headers_too_large"
  /** Its body is announced to be longer than the grant says. */
  | "body_too_large"
  /** As many requests are under way as the grant says. */
  | "busy"
  /** As many WebSockets are open as the agent can hold for all scripts. */
  | "too_many_sockets"
  /** A signed caller wants its digest, and it is too long to be held for that. */
  | "answer_too_long"
  /** The grant demands a higher isolation level than this node has. */
  | "isolation_level";

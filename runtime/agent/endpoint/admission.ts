import type { Digest } from "../../core/documents/common.ts";
import type { Caller } from "../../core/documents/serve.ts";
import { isFromLoopback } from "../../core/loopback.ts";
import type { FetchCaller } from "../../sandbox/mod.ts";
import { PeerError } from "../../peer/mod.ts";
import type { Calls } from "../calls/calls.ts";
import { bearerToken, wasForwarded } from "../request_marks.ts";

/** What {@linkcode admit} finds out callers with. */
export interface AdmissionParts {
  /** Whether a token is the operator's; the same time for every token. */
  isOperator(token: string): boolean;
  calls: Pick<Calls, "admit" | "sign">;
}

/** Somebody whom a script's endpoint may answer. */
export interface Admitted {
  readonly caller: FetchCaller;
  /** What the request's body must have, by the caller's signature. */
  readonly digest?: Digest;
  /** Whether the caller signed, and so believes no answer that is not signed. */
  readonly signed?: boolean;
}

/**
 * Finds out who asks, and whether the grant admits them. Who signs is a peer or nobody; else who is
 * on this machine and was not forwarded is `loopback`, and all others are `public`, which admits
 * everybody, also with a signature that is worth nothing.
 *
 * @param allow What the grant says.
 * @param address Where the connection came from.
 * @returns nothing when they are not admitted.
 * @throws {PeerError}, {AgentError} – as `Calls.admit()` does
 */
export async function admit(
  request: Request,
  allow: readonly Caller[],
  address: string,
  { isOperator, calls }: AdmissionParts,
): Promise<Admitted | undefined> {
  const { headers } = request;
  if (allow.includes("peers") && headers.has("signature-input")) {
    const { peer, digest } = await calls.admit(request);
    // A signature that leaves the body out would go with any.
    if (peer === undefined || (request.body !== null && digest === undefined)) return undefined;
    return { caller: { kind: "peer", address, peer }, signed: true, ...(digest && { digest }) };
  }
  if (allow.includes("loopback") && isFromLoopback(address) && !wasForwarded(headers)) {
    const token = bearerToken(headers);
    const kind = token !== undefined && isOperator(token) ? "operator" : "loopback";
    return { caller: { kind, address } };
  }
  if (!allow.includes("public")) return undefined;
  return { caller: { kind: "public", address }, ...await signatureOf(request, calls) };
}

/** Everybody is admitted; but whoever signs and is known here wants to know who answers. */
async function signatureOf(
  request: Request,
  calls: AdmissionParts["calls"],
): Promise<Pick<Admitted, "signed" | "digest">> {
  if (!request.headers.has("signature-input")) return {};
  try {
    const { digest } = await calls.admit(request);
    if (request.body !== null && digest === undefined) return {};
    return { signed: true, ...(digest && { digest }) };
  } catch (error) {
    if (error instanceof PeerError) return {};
    throw error;
  }
}

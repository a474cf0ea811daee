import { digestOf } from "../../runtime/core/digest.ts";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { signRequest } from "../../runtime/peer/sign_request.ts";
import { type SignedCall, verifyRequest } from "../../runtime/peer/verify_request.ts";

export const NOON = Date.parse("2026-03-01T12:00:00Z");
export const caller = generateSigner();
export const agent = generateSigner();
export const agentId = keyId(agent.publicKey);

/** A request as an agent would receive it. */
export interface Request {
  method: string;
  url: string;
  headers: Headers;
}

/** A signed request; with a body unless it is a GET. */
export function signed(
  change: Partial<Request> & { now?: number; body?: string } = {},
): Request {
  const { method = "GET", url = "https://agent.example/v1/runs?limit=5", now = NOON } = change;
  const headers = new Headers(change.headers);
  const body = change.body === undefined ? {} : { digest: bodyDigest(change.body) };
  if (change.body !== undefined) headers.set("content-type", "text/plain");
  signRequest({ method, url, headers, ...body }, { signer: caller, recipient: agentId, now });
  return { method, url, headers };
}

/** Verifies as the agent would, for the one caller it knows. */
export function verify(request: Request, now = NOON): SignedCall {
  const isKnown = (key: string) => key === caller.publicKey;
  return verifyRequest(request, { recipient: agentId, now, isKnown });
}

export function bodyDigest(text: string) {
  return digestOf(new TextEncoder().encode(text));
}

/** The same request with one field changed; `undefined` removes it. */
export function withField(
  { method, url, headers }: Request,
  name: string,
  change: (value: string) => string | undefined,
): Request {
  const changed = new Headers(headers);
  const value = change(headers.get(name) ?? "");
  if (value === undefined) changed.delete(name);
  else changed.set(name, value);
  return { method, url, headers: changed };
}

import { knownNames, nameOf } from "../request_marks.ts";
import { wantsSocket } from "./socket.ts";

/** Whether a request was meant for this agent, and comes from no page of somebody else. */
export type NameCheck = (request: Request) => boolean;

/**
 * Checks the names in a request against those of this agent.
 *
 * The host must be one of them, as in front of every other route. So must an origin, where there is
 * one.
 *
 * @param hosts Names and addresses, without port or brackets, besides the loopback ones.
 */
export function nameCheck(hosts: readonly string[]): NameCheck {
  const known = knownNames(hosts);
  return (request) => {
    if (!isKnownHost(hostOf(request), known)) return false;
    const origin = request.headers.get("origin");
    return origin === null || known.has(nameOf(origin));
  };
}

/**
 * Finds what a page without origin asks, as those of scripts are, since answers are sandboxed, and
 * sandboxed ones of anybody.
 *
 * @param hosts As for {@linkcode nameCheck}.
 */
export function sandboxedPageCheck(hosts: readonly string[]): NameCheck {
  const known = knownNames(hosts);
  return (request) =>
    isKnownHost(hostOf(request), known) && request.headers.get("origin") === "null";
}

/**
 * Finds the handshake of a WebSocket by a page that has no origin. Browsers send no `Referer` with
 * it, so nobody can tell a script's own page from a sandboxed one of anybody; who says so is the
 * public, on this machine too.
 *
 * @param hosts As for {@linkcode nameCheck}.
 */
export function nobodysSocketCheck(hosts: readonly string[]): (request: Request) => boolean {
  const known = knownNames(hosts);
  return (request) =>
    wantsSocket(request) && isKnownHost(hostOf(request), known) &&
    request.headers.get("origin") === "null" && !request.headers.has("referer");
}

function isKnownHost(host: string, known: ReadonlySet<string>): boolean {
  return known.has(nameOf(`http://${host}`));
}

function hostOf({ headers, url }: Request): string {
  return headers.get("host") ?? new URL(url).host;
}

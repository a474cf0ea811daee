import { areTooLong, requestHeaders, responseHeaders } from "../../agent/endpoint/header_filter.ts";
import { nameCheck, sandboxedPageCheck } from "../../agent/endpoint/known_names.ts";
import { PageTokens } from "../../agent/endpoint/page_tokens.ts";
import { upgrade, wantsSocket } from "../../agent/endpoint/socket.ts";
import type { TrialEndpoint } from "../../author/mod.ts";
import { isBodyless } from "../../core/http_status.ts";
import { printable } from "../../core/printable.ts";
import { type CellResponse, FetchFailed } from "../../sandbox/mod.ts";
import type { Cli } from "../cli.ts";

/** How a script that is tried is called, and where it is: as an agent would have it. */
const NAME = "local/try";
const MOUNT = `/s/${NAME}`;
const pages = new PageTokens();

/** One request for {@linkcode fetchOnce}. */
export interface AskedOnce {
  /** Below the script's endpoint, with a query at most. */
  readonly path: string;
  /** Makes it a `POST`. */
  readonly json?: unknown;
  readonly signal: AbortSignal;
}

/** Asks the script once, and prints what it answers. */
export async function fetchOnce(
  cli: Cli,
  endpoint: TrialEndpoint,
  { path, json, signal }: AskedOnce,
): Promise<number> {
  const post = json !== undefined;
  const request = new Request(`http://127.0.0.1${MOUNT}${path}`, {
    signal,
    ...(post && {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(json),
    }),
  });
  const told: Promise<void>[] = [];
  const response = await answer(cli, endpoint, request, "127.0.0.1", told);
  const body = await response.text();
  // How it ended is known a moment after its last byte, and the cell is not to be closed before.
  await Promise.all(told);
  const { status } = response;
  cli.note(`${status < 400 ? cli.err.green(String(status)) : cli.err.red(String(status))} ${path}`);
  cli.answer({ status, headers: [...response.headers], body }, () => body);
  return status < 400 ? 0 : 1;
}

/** Serves the script on this machine until the signal. */
export async function serveEndpoint(
  cli: Cli,
  endpoint: TrialEndpoint,
  { port, signal }: { port: number; signal: AbortSignal },
): Promise<number> {
  const isMeant = nameCheck([]), isPage = sandboxedPageCheck([]);
  const options = { hostname: "127.0.0.1", port, onListen: () => {} };
  const server = Deno.serve(options, (request, { remoteAddr }) => {
    const { pathname } = new URL(request.url);
    if (!isMeant(request) && !(isPage(request) && pages.callerOf(request.url, NAME))) {
      return new Response("not a name of this machine", { status: 404 });
    }
    if (pathname === "/" || pathname === MOUNT) {
      return new Response(null, { status: 307, headers: { location: `${MOUNT}/` } });
    }
    if (!pathname.startsWith(`${MOUNT}/`)) return new Response("not found", { status: 404 });
    return answer(cli, endpoint, request, remoteAddr.hostname);
  });
  const url = `http://127.0.0.1:${server.addr.port}${MOUNT}/`;
  cli.note(`${cli.err.green("serving")} ${url}`);
  signal.addEventListener("abort", () => void server.shutdown());
  if (signal.aborted) await server.shutdown();
  await server.finished;
  return 0;
}

/**
 * As an agent answers: the same is hidden from the script, the same is taken from its answer.
 *
 * @param told Gets what settles when it is said how the request ended.
 */
async function answer(
  cli: Cli,
  endpoint: TrialEndpoint,
  request: Request,
  address: string,
  told: Promise<void>[] = [],
): Promise<Response> {
  if (areTooLong(request.headers)) return refusal("headers_too_large");
  const { pathname, search } = new URL(request.url);
  try {
    const response = await endpoint.fetch({
      method: request.method,
      url: `http://script.invalid${pathname.slice(MOUNT.length)}${search}`,
      headers: requestHeaders(request.headers, { mount: MOUNT, page: pages.of(NAME, "loopback") }),
      body: request.body,
      caller: { kind: "loopback", address },
      upgrade: wantsSocket(request),
      signal: request.signal,
    });
    told.push(response.report.then(({ outcome }) => tell(cli, request, outcome)));
    const { socket, report } = response;
    if (socket) return upgrade(request, { cell: socket, ended: report });
    return toClient(request, response);
  } catch (error) {
    if (!(error instanceof FetchFailed)) throw error;
    tell(cli, request, error.report.outcome);
    return refusal(error.report.outcome.outcome);
  }
}

function toClient({ method }: Request, { status, headers: pairs, body }: CellResponse): Response {
  const headers = responseHeaders(pairs);
  if (method !== "HEAD" && !isBodyless(status)) {
    return new Response(body, { status, headers });
  }
  body?.cancel().catch(() => {});
  return new Response(null, { status, headers });
}

/** What an agent would write down of a request that did not end well. */
function tell(
  cli: Cli,
  { method, url }: Request,
  { outcome, ...rest }: { outcome: string; detail?: unknown },
): void {
  if (outcome === "ok") return;
  const { pathname } = new URL(url);
  const detail = printable(JSON.stringify(rest.detail ?? null));
  cli.note(`${cli.err.red(outcome)} ${method} ${printable(pathname)} ${detail}`);
}

function refusal(code: string): Response {
  return Response.json({ error: { code } }, { status: 503, headers: responseHeaders([]) });
}

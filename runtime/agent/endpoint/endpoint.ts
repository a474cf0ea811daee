import { isBodyless } from "../../core/http_status.ts";
import type { MiddlewareHandler } from "hono";
import type { Digest, ScriptName } from "../../core/documents/common.ts";
import type { Caller, ServeSettings } from "../../core/documents/serve.ts";
import { VerificationError } from "../../core/errors.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { PeerError } from "../../peer/mod.ts";
import { type CellResponse, FetchFailed, type RunReport } from "../../sandbox/mod.ts";
import { StartsLater } from "../cells/live_cell.ts";
import type { ScriptCells } from "../cells/script_cells.ts";
import type { ScriptWords } from "../cells/script_words.ts";
import type { ServedScripts } from "../scripts/served_scripts.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import { NodeRefusal } from "../scripts/node_refusal.ts";
import { type AdmissionParts, admit, type Admitted } from "./admission.ts";
import { EndpointRefusal } from "./endpoint_refusal.ts";
import { areTooLong, requestHeaders, responseHeaders } from "./header_filter.ts";
import { nameCheck, nobodysSocketCheck, sandboxedPageCheck } from "./known_names.ts";
import { PageTokens } from "./page_tokens.ts";
import { type Mounted, mountOf, settingsOf } from "./mounts.ts";
import { type ComingBody, readAhead } from "./read_ahead.ts";
import { Places } from "./places.ts";
import { coveredBody } from "./request_body.ts";
import type { ServedCounts } from "./served_counts.ts";
import { signedAnswer } from "./signed_answer.ts";
import { upgrade, wantsSocket } from "./socket.ts";

/** What {@linkcode scriptEndpoints} work with. */
export interface EndpointParts extends AdmissionParts {
  policy(): PolicyInForce;
  served: Pick<ServedScripts, "find">;
  cells: Pick<ScriptCells, "fetch">;
  counts: Pick<ServedCounts, "add">;
  /** Takes what scripts say while they answer. */
  words: Pick<ScriptWords, "heard" | "failed">;
  /** Told of every request that reached no script. */
  refused(code: string): void;
  /** The isolation level of this node. */
  level(): Promise<number>;
  /** Names and addresses, without port, by which this agent is known besides the loopback ones. */
  hosts: readonly string[];
  store: Store;
  log: Log;
}

/**
 * Scripts' own endpoints: `/s/<publisher>/<name>/…`, and the aliases of grants. Stands in front of
 * all other routes, as it has checks of its own, and refuses with 404 or 503 alone: some clients
 * take a 403 or 429 as a word for the whole day.
 *
 * In order: a grant that serves, the names in the request, the caller, the length of headers and
 * body, room, the version that may answer, isolation level. Then the script answers. What a caller
 * that signed is told, from then on, is signed.
 */
export function scriptEndpoints(parts: EndpointParts): MiddlewareHandler {
  const pages = PageTokens.kept(parts.store, parts.log);
  const callersOf = callersByName(parts.hosts, pages);
  const places = new Places();
  return async (c, next) => {
    const request = c.req.raw;
    const policy = parts.policy();
    const mounted = mountOf(new URL(request.url).pathname, policy);
    if (!mounted) return await next();
    const { remoteAddr } = (c.env ?? {}) as Partial<Deno.ServeHandlerInfo>;
    const address = remoteAddr && "hostname" in remoteAddr ? remoteAddr.hostname : "";
    let signs = false;
    const toCaller = async (answer: Response) =>
      signs ? await signedAnswer(answer, request, parts.calls) : answer;
    try {
      const settings = settingsOf(mounted.script, policy);
      if (!settings) throw new EndpointRefusal(404, "not_served");
      const allow = callersOf(request, mounted.script, settings.allow);
      if (allow.length === 0) throw new EndpointRefusal(404, "bad_name");
      const admitted = await admit(request, allow, address, parts);
      if (!admitted) throw new EndpointRefusal(404, "not_admitted");
      signs = admitted.signed ?? false;
      requireBounded(request, settings);
      if (needsSlash(request, mounted)) return toCaller(c.redirect(`${mounted.mount}/`, 308));
      const release = places.take(mounted.script, settings, admitted);
      const answer = await ask(request, mounted, admitted, parts, pages).catch((error) => {
        release();
        throw error;
      });
      answer.report.then(release);
      return await toCaller(toClient(request, answer));
    } catch (error) {
      return toCaller(refuse(error, mounted, request, parts));
    }
  };
}

/** Who of those that a grant admits may have sent a request, by the names in it. */
function callersByName(hosts: readonly string[], pages: PageTokens) {
  const isMeant = nameCheck(hosts);
  const isPage = sandboxedPageCheck(hosts);
  const isNobodys = nobodysSocketCheck(hosts);
  return (request: Request, script: ScriptName, allow: readonly Caller[]): readonly Caller[] => {
    if (isMeant(request)) return allow;
    const own = isPage(request) && pages.callerOf(request.url, script);
    if (own) return allow.filter((caller) => caller === own);
    return isNobodys(request) ? allow.filter((caller) => caller === "public") : [];
  };
}

function requireBounded({ headers }: Request, { bodyBytes }: ServeSettings): void {
  if (areTooLong(headers)) throw new EndpointRefusal(503, "headers_too_large");
  if (Number(headers.get("content-length")) > bodyBytes) {
    throw new EndpointRefusal(503, "body_too_large");
  }
}

/** Links in a page that is called without it would lead beside the script. */
function needsSlash({ method, url }: Request, { mount }: Mounted): boolean {
  return (method === "GET" || method === "HEAD") && new URL(url).pathname === mount;
}

async function ask(
  request: Request,
  { script, mount, rest }: Mounted,
  { caller, digest }: Admitted,
  parts: EndpointParts,
  pages: PageTokens,
): Promise<CellResponse> {
  const authorized = await parts.served.find(script);
  const { manifest, grant: { minLevel = 0 } } = authorized;
  const { words } = parts;
  if (minLevel > await parts.level()) throw new EndpointRefusal(503, "isolation_level");
  const count = (outcome: string) => parts.counts.add(script, caller.kind, outcome);
  const ended = ({ outcome }: RunReport) => {
    count(outcome.outcome);
    words.failed(manifest, outcome);
  };
  const coming = await bodyOf(request, digest);
  try {
    const response = await parts.cells.fetch(authorized, {
      method: request.method,
      url: `http://script.invalid${rest}${new URL(request.url).search}`,
      headers: requestHeaders(request.headers, {
        mount,
        page: pages.of(script, caller.kind === "public" ? "public" : "loopback"),
        hidesAuthorization: caller.kind === "operator",
      }),
      ...(coming?.rest
        ? { body: coming.rest, first: coming.first }
        : { body: coming?.first ?? null }),
      caller,
      upgrade: wantsSocket(request),
      signal: request.signal,
      onEvent: (event) => words.heard(manifest, event),
    });
    response.report.then(ended);
    return response;
  } catch (error) {
    coming?.rest?.cancel().catch(() => {});
    if (error instanceof FetchFailed) ended(error.report);
    else count("not_started");
    throw error;
  }
}

async function bodyOf(
  { body, headers }: Request,
  digest: Digest | undefined,
): Promise<ComingBody | null> {
  const isFramed = !headers.has("content-length");
  return body && await readAhead(digest ? coveredBody(body, digest) : body, isFramed);
}

function toClient(request: Request, answer: CellResponse): Response {
  const { status, body, socket, report } = answer;
  if (socket) return upgrade(request, { cell: socket, ended: report });
  const headers = responseHeaders(answer.headers);
  if (isBodyless(status) || request.method === "HEAD") {
    body?.cancel().catch(() => {});
    return new Response(null, { status, headers });
  }
  return new Response(body, { status, headers });
}

function refuse(
  error: unknown,
  { script }: Mounted,
  request: Request,
  { refused, log }: EndpointParts,
): Response {
  request.body?.cancel().catch(() => {});
  const { status, code } = refusalOf(error);
  if (!(error instanceof FetchFailed) && code !== "answer_too_long") refused(code);
  if (status === 503) log("warn", "request not served", { script, code, error: messageOf(error) });
  return Response.json({ error: { code } }, { status, headers: responseHeaders([]) });
}

/** A version that may not answer is not there; what the node or the script cannot do is said. */
function refusalOf(error: unknown): { status: 404 | 503; code: string } {
  if (error instanceof EndpointRefusal) return error;
  if (error instanceof VerificationError || error instanceof PeerError) {
    return { status: 404, code: error.code };
  }
  if (error instanceof FetchFailed) {
    const { outcome } = error.report;
    return {
      status: 503,
      code: outcome.outcome === "refused" ? outcome.detail.rule : outcome.outcome,
    };
  }
  if (error instanceof StartsLater) return { status: 503, code: "restarting" };
  if (error instanceof NodeRefusal) return { status: 503, code: error.code };
  return { status: 503, code: "unavailable" };
}

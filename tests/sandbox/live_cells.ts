import {
  type CellFetch,
  type CellModule,
  FetchFailed,
  type LiveOptions,
  type LiveScript,
  type RunReport,
  type Sandbox,
} from "../../runtime/sandbox/mod.ts";
import type { Limits } from "../../runtime/core/documents/grant.ts";
import { sealed } from "./cells.ts";

/** A module of which `source` is the `fetch`. */
export function serving(source: string, run = ""): CellModule {
  return {
    javascript: `export default { ${run} fetch: ${source} };`,
    scriptUrl: "script://example/case@1.0.0",
  };
}

/** `source` as the `fetch` of a live script in a sealed cell. */
export function live(
  sandbox: Sandbox,
  source: string,
  limits: Partial<Limits> = {},
  options: LiveOptions = {},
): LiveScript {
  return sandbox.live(sealed({ cpuMs: 10_000, ...limits }), serving(source), options);
}

/** A request for a path. */
export function asking(path = "/", request: Partial<CellFetch> = {}): CellFetch {
  return {
    method: request.body ? "POST" : "GET",
    url: `http://script.invalid${path}`,
    headers: [],
    body: null,
    caller: { kind: "loopback", address: "127.0.0.1" },
    ...request,
  };
}

/** The body of a script's answer, once the request is over. */
export async function textOf(
  script: Pick<LiveScript, "fetch">,
  request: CellFetch,
): Promise<string> {
  const { body, report } = await script.fetch(request);
  const text = await new Response(body).text();
  await report;
  return text;
}

/** How a request ends that gets no response. */
export async function failureOf(
  script: Pick<LiveScript, "fetch">,
  request: CellFetch,
): Promise<RunReport> {
  try {
    const { status } = await script.fetch(request);
    throw new Error(`a response of status ${status}`);
  } catch (error) {
    if (error instanceof FetchFailed) return error.report;
    throw error;
  }
}

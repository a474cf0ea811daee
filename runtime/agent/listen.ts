import { AgentError, messageOf } from "./errors.ts";

/** Where an agent listens. */
export interface Listen {
  hostname: string;
  /** 0 takes any free port. */
  port: number;
}

/** Where an agent listens when nothing says otherwise. */
export const DEFAULT_LISTEN: Listen = { hostname: "127.0.0.1", port: 8799 };

/** A server that listens. */
export interface Listening {
  url: string;
  /**
   * Waits for the requests that are on, then ends.
   *
   * @param graceMs After which their connections are cut.
   */
  stop(graceMs: number): Promise<void>;
}

/**
 * Serves HTTP on a loopback address; other addresses need TLS and are refused.
 *
 * @throws {AgentError} listen_refused – the address is not loopback, or may not be used.
 * @throws {AgentError} port_in_use – another program listens there.
 */
export function listen(
  { hostname, port }: Listen,
  handler: (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>,
): Listening {
  const shown = hostname.includes(":") ? `[${hostname}]` : hostname;
  if (!/^(localhost|127(\.\d{1,3}){3}|::1)$/.test(hostname)) {
    throw new AgentError(
      "listen_refused",
      `Cannot listen on "${shown}:${port}" as it is not a loopback address`,
    );
  }
  const cut = new AbortController();
  const open = new Set<Promise<void>>();
  const serve = (request: Request, info: Deno.ServeHandlerInfo) => {
    if (cut.signal.aborted) return new Response(null, { status: 503 });
    const settled = info.completed.catch(() => {}).finally(() => open.delete(settled));
    open.add(settled);
    return handler(request, info);
  };
  try {
    const server = Deno.serve({
      hostname,
      port,
      signal: cut.signal,
      onListen: () => {},
      // A request whose client has gone; by default it would be printed.
      onError: () => new Response(null, { status: 500 }),
    }, serve);
    const url = `http://${shown}:${(server.addr as Deno.NetAddr).port}`;
    const stop = async (graceMs: number) => {
      await Promise.race([Promise.all(open), delay(graceMs)]);
      cut.abort();
      await server.finished;
    };
    return { url, stop };
  } catch (error) {
    const code = error instanceof Deno.errors.AddrInUse ? "port_in_use" : "listen_refused";
    const found = code === "port_in_use" ? "another program listens there" : messageOf(error);
    throw new AgentError(code, `Cannot listen on "${shown}:${port}": ${found}`, { cause: error });
  }
}

/** Does not keep the process alive. */
function delay(ms: number): Promise<void> {
  return new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, ms)));
}

import { isLoopback } from "../core/loopback.ts";
import { AgentError, messageOf } from "./errors.ts";
import { type Log, silentLog } from "./log.ts";
import type { CertificatePair } from "./tls/certificates.ts";

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
  /** How this very machine reaches it. */
  url: string;
  /** Shows another certificate from now on; connections that are open keep theirs. */
  renew(tls: CertificatePair): Promise<void>;
  /**
   * Waits for the requests that are on, then ends.
   *
   * @param graceMs After which their connections are cut.
   */
  stop(graceMs: number): Promise<void>;
}

/** Answers requests. */
export type Handler = (
  request: Request,
  info: Deno.ServeHandlerInfo,
) => Response | Promise<Response>;

interface Server {
  server: Deno.HttpServer;
  cut: AbortController;
  pair: CertificatePair | undefined;
}

/** How long the system is given to find descriptors again. */
const LISTEN_AGAIN_MS = 200;

/**
 * Serves HTTP on a loopback address, and HTTPS wherever there is a certificate. Without one, no
 * address is served that others can reach.
 *
 * The runtime gives a server up, and with it the process, when it cannot take a connection, such as
 * when thousands of clients that never finish their request have used up all descriptors. Here all
 * connections are then cut, those clients' too, and the address is served anew.
 *
 * @throws {AgentError} listen_refused – the address is not loopback and there is no certificate,
 *   or it may not be used.
 * @throws {AgentError} port_in_use – another program listens there.
 */
export function listen(
  address: Listen,
  handler: Handler,
  { tls, log = silentLog }: { tls?: CertificatePair; log?: Log } = {},
): Listening {
  const { hostname } = address;
  const shown = hostname.includes(":") ? `[${hostname}]` : hostname;
  if (!tls && !isLoopback(hostname)) {
    throw new AgentError(
      "listen_refused",
      `Cannot listen on "${shown}:${address.port}" as it is not a loopback address`,
    );
  }
  try {
    const listener = new Listener(address, handler, tls, log);
    return {
      url: `${tls ? "https" : "http"}://${nearName(hostname, shown)}:${listener.port}`,
      renew: (pair) => listener.renew(pair, shown),
      stop: (graceMs) => listener.stop(graceMs),
    };
  } catch (error) {
    throw listenError(error, `${shown}:${address.port}`);
  }
}

/** One address, and the server that answers there at the moment. */
class Listener {
  readonly port: number;
  readonly #hostname: string;
  readonly #handler: Handler;
  readonly #log: Log;
  /** Requests under way. */
  readonly #open = new Set<Promise<void>>();
  #current: Server;
  #stopped = false;

  constructor(
    { hostname, port }: Listen,
    handler: Handler,
    pair: CertificatePair | undefined,
    log: Log,
  ) {
    this.#hostname = hostname;
    this.#handler = handler;
    this.#log = log;
    this.#current = this.#start(port, pair);
    // The one that the system chose, where any would do.
    this.port = (this.#current.server.addr as Deno.NetAddr).port;
    this.#watch(this.#current);
  }

  async renew(pair: CertificatePair, shown: string): Promise<void> {
    // Its listener closes at once; what it had taken goes on to its end, and no longer than the
    // process: Deno cannot cut a server that was told to end by itself.
    this.#current.server.unref();
    void this.#current.server.shutdown();
    this.#current = await startSoon(() => this.#start(this.port, pair), `${shown}:${this.port}`);
    this.#watch(this.#current);
  }

  async stop(graceMs: number): Promise<void> {
    await Promise.race([Promise.all(this.#open), delay(graceMs)]);
    this.#stopped = true;
    this.#current.cut.abort();
    await this.#current.server.finished.catch(() => {});
  }

  #start(port: number, pair?: CertificatePair): Server {
    const cut = new AbortController();
    const server = Deno.serve({
      hostname: this.#hostname,
      port,
      ...(pair && { cert: pair.cert, key: pair.key }),
      signal: cut.signal,
      onListen: () => {},
      // A request whose client has gone; by default it would be printed.
      onError: () => new Response(null, { status: 500 }),
    }, (request, info) => this.#serve(request, info));
    return { server, cut, pair };
  }

  #serve(request: Request, info: Deno.ServeHandlerInfo): Response | Promise<Response> {
    if (this.#stopped) return new Response(null, { status: 503 });
    const settled = info.completed.catch(() => {}).finally(() => this.#open.delete(settled));
    this.#open.add(settled);
    return this.#handler(request, info);
  }

  #watch(server: Server): void {
    server.server.finished.catch((error) => {
      this.#log("error", "connections cut", { error: messageOf(error) });
      server.cut.abort();
      return this.#startAgain(server);
    });
  }

  async #startAgain(lost: Server): Promise<void> {
    while (!this.#stopped && lost === this.#current) {
      try {
        // May be nobody's turn any more: renewed or stopped while this waited.
        this.#current = this.#start(this.port, lost.pair);
        this.#watch(this.#current);
        if (this.#stopped) this.#current.cut.abort();
      } catch (error) {
        this.#log("error", "cannot listen again", { error: messageOf(error) });
        await delay(LISTEN_AGAIN_MS);
      }
    }
  }
}

/** The name by which a program on this machine reaches an address. */
function nearName(hostname: string, shown: string): string {
  return hostname === "0.0.0.0" || hostname === "::" ? "localhost" : shown;
}

/** The system may take a moment to give the port back. */
async function startSoon<T>(start: () => T, shown: string): Promise<T> {
  for (let left = 50;; left--) {
    try {
      return start();
    } catch (error) {
      if (left === 0 || !(error instanceof Deno.errors.AddrInUse)) throw listenError(error, shown);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function listenError(error: unknown, shown: string): AgentError {
  const code = error instanceof Deno.errors.AddrInUse ? "port_in_use" : "listen_refused";
  const found = code === "port_in_use" ? "another program listens there" : messageOf(error);
  return new AgentError(code, `Cannot listen on "${shown}": ${found}`, { cause: error });
}

/** Does not keep the process alive. */
function delay(ms: number): Promise<void> {
  return new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, ms)));
}

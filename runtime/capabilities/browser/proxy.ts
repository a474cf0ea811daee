import { permittedAddress, type Resolve, systemResolve } from "./addresses.ts";
import { closeQuietly, exchange, writeAll } from "./proxy_exchange.ts";
import { bytesOf, type Head, readHead } from "./proxy_head.ts";
import type { Sites } from "./sites.ts";

/** How long a connection may take to be made. */
const CONNECT_MS = 20_000;
/** Connections of one browser at the same time. */
const MAX_CONNECTIONS = 512;
/** Until there may be descriptors again. */
const SCARCE_MS = 100;

/** What the proxy works by. */
export interface ProxyOptions {
  readonly sites: Sites;
  /** Told of an address that was not given. */
  refused(host: string): void;
  readonly resolve?: Resolve;
}

/**
 * The only way from the browser to the network: an HTTP proxy on loopback that finds the address of
 * every host itself, connects to that very address, and to none inside this network that the grant
 * does not give. Whoever else is on this machine does not know its password.
 *
 * @see RFC 9110, "CONNECT"; RFC 9112, "absolute-form"
 */
export class Proxy implements AsyncDisposable {
  readonly username = "writ";
  readonly password = crypto.randomUUID();
  readonly #options: ProxyOptions;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #expected: string;
  readonly #accepting: Promise<void>;
  #isClosed = false;

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#expected = `Basic ${btoa(`${this.username}:${this.password}`)}`;
    this.#accepting = this.#accept();
  }

  /** As `--proxy-server` has it. */
  get address(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    this.#open.forEach(closeQuietly);
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const client = await this.#listener.accept();
        if (this.#open.size >= MAX_CONNECTIONS) closeQuietly(client);
        else this.#serve(client).catch(() => {}).finally(() => this.#drop(client));
      } catch {
        // It was closed, or there is no descriptor left just now.
        if (!this.#isClosed) await new Promise((resolve) => setTimeout(resolve, SCARCE_MS));
      }
    }
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    this.#open.add(client);
    // A client that was refused for want of the password asks again, here.
    while (true) {
      const head = await readHead(client, () => closeQuietly(client));
      if (head === undefined) return;
      if (head.authorization === this.#expected) return await this.#forward(client, head);
      // A body that comes all the same is no head of a next request.
      const isLast = head.bodyBytes !== 0;
      await answer(client, "407 Proxy Authentication Required", [
        'Proxy-Authenticate: Basic realm="writ"',
        ...(isLast ? ["Connection: close"] : []),
      ]);
      if (isLast) return;
    }
  }

  async #forward(client: Deno.TcpConn, head: Head): Promise<void> {
    const { sites, refused, resolve = systemResolve } = this.#options;
    const address = await permittedAddress(sites, head.host, head.port, resolve)
      .catch(() => null);
    if (!address) {
      if (address === undefined) refused(head.host);
      return await answer(client, "502 Bad Gateway", ["Connection: close"]);
    }
    const { bodyBytes } = head;
    if (bodyBytes === undefined) {
      return await answer(client, "411 Length Required", ["Connection: close"]);
    }
    const signal = AbortSignal.timeout(CONNECT_MS);
    const server = await Deno.connect({ hostname: address, port: head.port, signal })
      .catch(() => undefined);
    if (!server) return await answer(client, "502 Bad Gateway", ["Connection: close"]);
    this.#open.add(server);
    try {
      server.setNoDelay();
      client.setNoDelay();
      if (!head.tunnel) return await exchange(client, server, { ...head, bodyBytes });
      await answer(client, "200 Connection Established", []);
      await writeAll(server, head.rest);
      await Promise.all([pump(client, server), pump(server, client)]);
    } finally {
      this.#drop(server);
    }
  }

  #drop(connection: Deno.TcpConn): void {
    this.#open.delete(connection);
    closeQuietly(connection);
  }
}

async function answer(client: Deno.TcpConn, status: string, headers: string[]): Promise<void> {
  const length = status.startsWith("200") ? [] : ["Content-Length: 0"];
  await writeAll(
    client,
    bytesOf([`HTTP/1.1 ${status}`, ...length, ...headers, "", ""].join("\r\n")),
  );
}

/** Carries bytes over until there are no more, or one side is gone: then both are. */
async function pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(64 << 10);
  try {
    for (let count; (count = await from.read(buffer)) !== null;) {
      await writeAll(to, buffer.subarray(0, count));
    }
    await to.closeWrite();
  } catch {
    closeQuietly(from);
    closeQuietly(to);
  }
}

/** A web server on loopback for tests: pages by path, and a count of what was asked for. */
export class TestSite implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** @param pages HTML by path, or what answers there. */
  constructor(
    pages: Readonly<Record<string, string | ((request: Request) => Response | Promise<Response>)>>,
  ) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      const { pathname } = new URL(request.url);
      this.asked.push(pathname);
      const page = pages[pathname];
      if (page === undefined) return new Response("not found", { status: 404 });
      if (typeof page === "function") return page(request);
      const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
      return new Response(`<!doctype html><title>${pathname}</title>${page}`, { headers });
    });
  }

  get port(): number {
    return this.#server.addr.port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

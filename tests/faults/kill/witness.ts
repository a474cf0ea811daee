/** Told by each script that it runs, so that what an agent did is known apart from its word. */
export class Witness implements AsyncDisposable {
  /** Times at which each order's script ran, counted from 1 over all. */
  readonly seen = new Map<string, number[]>();
  readonly port: number;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #count = 0;

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => {
        const id = new URL(request.url).pathname.slice(1);
        this.seen.set(id, [...this.seen.get(id) ?? [], ++this.#count]);
        return new Response("seen");
      },
    );
    this.port = this.#server.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** A server that nobody should ever reach. */
export class Canary implements AsyncDisposable {
  hits = 0;
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => {
      this.hits++;
      return new Response("export default 'caught';", {
        headers: { "content-type": "text/javascript" },
      });
    },
  );

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/module.js`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** A connection from machine to machine that can be cut: what one sends to `url` comes to `to`. */
export class Cable implements AsyncDisposable {
  /** Connections that were tried while it was cut. */
  refused = 0;
  readonly #to: { hostname: string; port: number };
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #ended: Promise<void>;
  #isCut = false;

  /** @param to An origin of http. */
  constructor(to: string) {
    const { hostname, port } = new URL(to);
    this.#to = { hostname, port: Number(port) };
    this.#ended = this.#serve();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  /** Ends what is open; from then on nobody gets through. */
  cut(): void {
    this.#isCut = true;
    for (const connection of this.#open) close(connection);
    this.#open.clear();
  }

  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#listener.close();
    await this.#ended;
  }

  async #serve(): Promise<void> {
    for await (const near of this.#listener) {
      if (this.#isCut) {
        this.refused++;
        close(near);
        continue;
      }
      const far = await Deno.connect(this.#to);
      for (const connection of [near, far]) this.#open.add(connection);
      near.readable.pipeTo(far.writable).catch(() => {});
      far.readable.pipeTo(near.writable).catch(() => {});
    }
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Its other end was first.
  }
}

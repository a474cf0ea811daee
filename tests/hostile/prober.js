// Asks /healthz on each port of its arguments every 20 ms, each over one connection, and answers
// each line on stdin with the longest answers since the line before, in the ports' order.
const PERIOD_MS = 20;
const REQUEST = new TextEncoder().encode("GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");

class Probe {
  #connection;
  #buffer = new Uint8Array(4096);
  #maxMs = 0;
  #asked = 0;

  constructor(connection) {
    this.#connection = connection;
    this.#ask();
  }

  async #ask() {
    this.#asked = performance.now();
    await this.#connection.write(REQUEST);
    await this.#connection.read(this.#buffer);
    const tookMs = performance.now() - this.#asked;
    this.#maxMs = Math.max(this.#maxMs, tookMs);
    this.#asked = 0;
    setTimeout(() => this.#ask(), Math.max(0, PERIOD_MS - tookMs));
  }

  /** The longest answer so far; one that is still outstanding counts with what it took until now. */
  lap() {
    const outstanding = this.#asked > 0 ? performance.now() - this.#asked : 0;
    const maxMs = Math.max(this.#maxMs, outstanding);
    this.#maxMs = 0;
    return maxMs;
  }
}

const connections = await Promise.all(
  Deno.args.map((port) => Deno.connect({ hostname: "127.0.0.1", port: Number(port) })),
);
const probes = connections.map((connection) => new Probe(connection));
for await (const _ of Deno.stdin.readable) {
  const laps = probes.map((probe) => probe.lap());
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(laps)));
}
Deno.exit(0);

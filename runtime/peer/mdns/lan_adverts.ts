import { Buffer } from "node:buffer";
import { SERVICE } from "./limits.ts";
import { type MulticastSocket, openMulticast } from "./multicast_socket.ts";
import { readTexts, writeTexts } from "./texts.ts";

/** From one question to the next, milliseconds. */
const ASK_MS = 60_000;
/** Questions are answered no more often than that: all hear each answer. */
const ANSWER_MS = 1_000;
/** Adverts that are looked at in one second; each costs the check of a signature. */
const HEARD_PER_S = 20;
/** How long a resolver may keep an answer, seconds. */
const TTL_S = 120;

/** What {@linkcode LanAdverts} work with. */
export interface LanAdvertsOptions {
  /** Address of the network interface; `0.0.0.0` leaves it to the system. */
  readonly address: string;
  /** This agent's advert as it is now. */
  advert(): Uint8Array;
  /** Takes a stranger's advert, which is judged by its signature. */
  heard(advert: Uint8Array): void;
  /** Told what the network says against it. */
  failed(error: Error): void;
  /** Default: 5353. */
  readonly port?: number;
}

/**
 * Tells agents of the local network about this one and hears of them, by multicast DNS: the answer to
 * a question for our service is the signed advert itself. Who is heard is believed as little as
 * anybody: the advert must verify, and its agent be one that the policy names.
 *
 * @see RFC 6762, "Multicast DNS Message Format"; RFC 6763, "DNS-SD TXT Record"
 */
export class LanAdverts implements AsyncDisposable {
  readonly #options: LanAdvertsOptions;
  readonly #socket: MulticastSocket;
  readonly #timer: ReturnType<typeof setInterval>;
  #answeredAt = -Infinity;
  #second = 0;
  #heard = 0;

  constructor(options: LanAdvertsOptions) {
    this.#options = options;
    this.#socket = openMulticast(options.address, options.port);
    this.#socket.on("error", (error: Error) => options.failed(error));
    this.#socket.on("warning", () => {});
    this.#socket.on("query", ({ questions }) => {
      if (questions.some(({ name }) => name === SERVICE)) this.#answer();
    });
    this.#socket.on("response", ({ answers }) => {
      for (const advert of readTexts(answers)) this.#take(advert);
    });
    this.#socket.on("ready", () => this.ask());
    this.#timer = setInterval(() => this.ask(), ASK_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Asks who is there, and says so of this agent. */
  ask(): void {
    this.#socket.query({ questions: [{ name: SERVICE, type: "TXT" }] });
    this.#answer();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await new Promise<void>((resolve) => this.#socket.destroy(resolve));
  }

  #answer(): void {
    const now = performance.now();
    if (now - this.#answeredAt < ANSWER_MS) return;
    this.#answeredAt = now;
    const data = writeTexts(this.#options.advert())?.map((text) => Buffer.from(text));
    // One that is too long for a packet is heard of by gossip alone.
    if (!data) return;
    this.#socket.respond({ answers: [{ name: SERVICE, type: "TXT", ttl: TTL_S, data }] });
  }

  #take(advert: Uint8Array): void {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) [this.#second, this.#heard] = [second, 0];
    if (++this.#heard <= HEARD_PER_S) this.#options.heard(advert);
  }
}

import type { KeyId } from "../../../runtime/core/documents/common.ts";
import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import { parseEnrolToken } from "../../../runtime/agent/hub_link/enrol_token.ts";
import { HubClient } from "../../../runtime/agent/hub_link/hub_client.ts";
import type { FromAgent, FromHub } from "../../../runtime/agent/hub_link/wire.ts";
import type { PeerSocket } from "../../../runtime/peer/socket/mod.ts";
import { type TestHub, WHO } from "../hub_fixture.ts";

/** Connects again after at most so long; a real agent takes longer, so that not all come at once. */
const AGAIN_MS = 300;
const EVENT = JSON.stringify({ type: "outcome", outcome: "ok", result: null, figures: null });

/**
 * An agent as the hub sees it: a key, a connection that is made again, and a memory that outlives
 * both. It takes each order once, "runs" it at once, and tells of it until the hub has stored it.
 */
export class SimulatedAgent implements AsyncDisposable {
  readonly signer = generateSigner();
  readonly id: KeyId = keyId(this.signer.publicKey);
  /** How often each order came. */
  readonly heard = new Map<string, number>();
  /** Orders that it ran, in sequence. */
  readonly ran: string[] = [];
  /** While it is set, orders come and nothing is done with them, as if power failed just then. */
  isDeaf = false;
  /** How often a connection ended. */
  ends = 0;
  isConnected = false;
  /** What it ran and the hub has not acknowledged. */
  readonly #untold = new Set<string>();
  readonly #stopping = new AbortController();
  #socket: PeerSocket | undefined;
  #say: (message: FromAgent) => void = () => {};
  #running: Promise<void> = Promise.resolve();

  private constructor() {}

  /** Makes one that the hub knows and has approved. */
  static async enrolled(hub: TestHub): Promise<SimulatedAgent> {
    const agent = new SimulatedAgent();
    const { enrolment } = hub.services;
    const { token } = await enrolment.create("acme", WHO, { expiresMs: 60_000, approved: true });
    const { secret } = parseEnrolToken(token);
    const request = { secret, key: agent.signer.publicKey, name: "simulated" };
    await enrolment.enrol("acme", request);
    return agent;
  }

  /** Connects, and again whenever the connection ends. @param urls The first is asked first. */
  begin(hub: KeyId, [url = "", ...others]: string[]): void {
    const at = { url, others, id: hub, tenant: "acme" };
    const client = new HubClient({ hub: at, signer: this.signer, now: Date.now, answerMs: 5_000 });
    this.#running = this.#keep(client);
  }

  /** Is no longer deaf, and does what it has heard meanwhile. */
  hear(): void {
    this.isDeaf = false;
    for (const order of this.heard.keys()) this.#run(order);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#socket?.close();
    await this.#running;
  }

  async #keep(client: HubClient): Promise<void> {
    const instance = crypto.randomUUID();
    using _client = client;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#connection(client, instance);
      } catch {
        // The hub is away.
      }
      this.isConnected = false;
      this.ends++;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * AGAIN_MS));
    }
  }

  async #connection(client: HubClient, instance: string): Promise<void> {
    const socket = await client.connect(this.#stopping.signal);
    this.#socket = socket;
    if (this.#stopping.signal.aborted) socket.close();
    this.#say = (message) => {
      socket.send(JSON.stringify(message)).catch(() => {});
    };
    this.#say({ type: "hello", instance, version: "0.1.0", policy: `sha256:${"0".repeat(64)}` });
    for (const order of this.#untold) this.#tell(order);
    for await (const text of socket.messages) {
      const message = JSON.parse(String(text)) as FromHub;
      if (message.type === "standing") this.isConnected = true;
      if (message.type === "stored") this.#untold.delete(message.order);
      if (message.type === "order") this.#take(message.order);
    }
  }

  #take(order: string): void {
    this.heard.set(order, (this.heard.get(order) ?? 0) + 1);
    if (!this.isDeaf) this.#run(order);
  }

  #run(order: string): void {
    if (!this.ran.includes(order)) {
      this.ran.push(order);
      this.#untold.add(order);
    }
    this.#say({ type: "taken", order, run: 1 });
    this.#tell(order);
  }

  #tell(order: string): void {
    const events = [{ run: 1, seq: 1, time: Date.now(), event: EVENT }];
    this.#say({ type: "events", order, events, over: true });
  }
}

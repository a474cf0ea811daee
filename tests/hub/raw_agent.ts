import { generateSigner, keyId } from "../../runtime/core/key.ts";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import { parseEnrolToken } from "../../runtime/agent/hub_link/enrol_token.ts";
import { HubClient } from "../../runtime/agent/hub_link/hub_client.ts";
import { type FromHub, linkPath } from "../../runtime/agent/hub_link/wire.ts";
import { connectOver, signUpgrade } from "../../runtime/peer/socket/connect_socket.ts";
import { webSocketWire, type Wire } from "../../runtime/peer/socket/wire.ts";
import type { PeerSocket, SocketEnd, SocketSettings } from "../../runtime/peer/socket/mod.ts";
import { type TestHub, WHO } from "./hub_fixture.ts";
import { within } from "../within.ts";

/** A program that holds the key of an agent and says whatever a test lets it say. */
export class RawAgent implements Disposable {
  readonly signer = generateSigner();
  readonly id: KeyId = keyId(this.signer.publicKey);
  readonly client: HubClient;
  readonly #hub: TestHub;

  private constructor(hub: TestHub, tenant: string) {
    this.#hub = hub;
    const { url, id } = hub.hub;
    this.client = new HubClient({ hub: { url, id, tenant }, signer: this.signer, now: Date.now });
  }

  /** Enrols it; approved, unless it is said otherwise. */
  static async enrolled(
    hub: TestHub,
    name = "box",
    approved = true,
    tenant = "acme",
  ): Promise<RawAgent> {
    const agent = new RawAgent(hub, tenant);
    const { enrolment } = hub.services;
    const { token } = await enrolment.create(tenant, WHO, { expiresMs: 60_000, approved });
    const { secret } = parseEnrolToken(token);
    await enrolment.enrol(tenant, { secret, key: agent.signer.publicKey, name });
    return agent;
  }

  /** Opens a connection of its own. */
  async connect(): Promise<RawLink> {
    return new RawLink(await this.client.connect(AbortSignal.timeout(20_000)));
  }

  /** Opens a connection, and lets something happen while the hub waits for the proof of the key. */
  async connectAfter(
    happens: () => Promise<unknown>,
    settings: SocketSettings = {},
  ): Promise<RawLink> {
    const { url, id: recipient } = this.#hub.hub;
    const options = { signer: this.signer, recipient, ...settings };
    const upgrade = signUpgrade(`${url}${linkPath("acme")}`, options);
    const { headers } = upgrade.request;
    const wire = webSocketWire(
      new WebSocket(upgrade.request.url.replace("http:", "ws:"), { headers }),
    );
    const slow: Wire = {
      ...wire,
      listen(listener) {
        let before: Promise<unknown> | undefined;
        wire.listen({
          ...listener,
          frame(frame) {
            before = (before ?? happens()).then(() => listener.frame(frame));
          },
        });
      },
    };
    return new RawLink(await connectOver(slow, upgrade, options));
  }

  /** As {@linkcode HubClient.get}, of another tenant's side of the hub. */
  otherTenant(tenant: string): HubClient {
    const { url, id } = this.#hub.hub;
    return new HubClient({ hub: { url, id, tenant }, signer: this.signer, now: Date.now });
  }

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]();
  }
}

/** One connection, message by message. */
export class RawLink implements Disposable {
  readonly socket: PeerSocket;

  constructor(socket: PeerSocket) {
    this.socket = socket;
  }

  get closed(): Promise<SocketEnd> {
    return within(this.socket.closed, "the end of the connection");
  }

  async say(message: unknown): Promise<void> {
    await this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  async hello(instance: string = crypto.randomUUID()): Promise<void> {
    await this.say({
      ...{ type: "hello", instance, version: "0.1.0" },
      policy: `sha256:${"0".repeat(64)}`,
    });
  }

  /** The next message of a type. */
  hear<T extends FromHub["type"]>(type: T): Promise<Extract<FromHub, { type: T }>> {
    return within(this.#hear(type), type);
  }

  async #hear<T extends FromHub["type"]>(type: T): Promise<Extract<FromHub, { type: T }>> {
    for await (const message of this.socket.messages) {
      const heard = JSON.parse(String(message)) as FromHub;
      if (heard.type === type) return heard as Extract<FromHub, { type: T }>;
    }
    throw new Error(`the hub ended before it said ${type}`);
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }
}

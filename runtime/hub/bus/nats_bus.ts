import { connect, type NatsConnection, type Subscription } from "@nats-io/transport-node";
import * as v from "valibot";
import { keyIdSchema, nameSchema } from "../../core/documents/common.ts";
import { messageOf } from "../../agent/errors.ts";
import type { Log } from "../../agent/mod.ts";
import { parseHostileJson } from "../../core/hostile_json.ts";
import { HubError } from "../errors.ts";
import type { HubEvent } from "../events/hub_events.ts";
import { type BusMessage, type HubBus, localBus } from "./hub_bus.ts";

const tenant = nameSchema;
const order = v.pipe(v.string(), v.uuid());

/** Whoever reaches the bus can have hubs look at their database, and nothing more. */
const messageSchema = v.variant("type", [
  v.strictObject({ type: v.literal("ordered"), tenant, order }),
  v.strictObject({ type: v.literal("cancelled"), tenant, order }),
  v.strictObject({ type: v.literal("standing"), tenant, agent: keyIdSchema }),
  v.strictObject({ type: v.literal("lists"), tenant }),
  v.strictObject({
    type: v.literal("event"),
    tenant,
    event: v.looseObject({ type: v.pipe(v.string(), v.maxLength(20)) }),
  }),
]);

/** Longer than any message of ours. */
const MESSAGE_BYTES = 1_024;
const RECONNECT_MS = 1_000;

/** What a bus is opened with. */
export interface NatsBusOptions {
  /** `nats://…` or `tls://…`, with user and password where the server wants them. */
  url: string;
  /** Hubs of one database; others may use the same server. */
  name: string;
  log: Log;
}

/**
 * A bus by way of NATS. While the server is away nothing is heard of other hubs, and each goes by
 * its own rounds; it is found again without end.
 *
 * @throws {HubError} bus – the server cannot be reached at the start
 */
export async function openNatsBus({ url, name, log }: NatsBusOptions): Promise<HubBus> {
  const { host, username, password, protocol } = new URL(url);
  try {
    const connection = await connect({
      servers: host,
      ...(username && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
      ...(protocol === "tls:" && { tls: {} }),
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MS,
      // What a hub says it hears itself, bus or no bus.
      noEcho: true,
    });
    return new NatsBus(connection, `writ.hub.${name}`, log);
  } catch (cause) {
    throw new HubError("bus", `Cannot reach the bus at ${host}: ${messageOf(cause)}`, { cause });
  }
}

class NatsBus implements HubBus {
  readonly #connection: NatsConnection;
  readonly #subject: string;
  readonly #log: Log;
  /** What this hub says to itself. */
  readonly #own = localBus();
  #subscription: Subscription | undefined;

  constructor(connection: NatsConnection, subject: string, log: Log) {
    this.#connection = connection;
    this.#subject = subject;
    this.#log = log;
    void this.#watch();
  }

  publish(message: BusMessage): void {
    this.#own.publish(message);
    try {
      this.#connection.publish(this.#subject, JSON.stringify(message));
    } catch (error) {
      this.#log("warn", "bus not told", { type: message.type, error: messageOf(error) });
    }
  }

  subscribe(receive: (message: BusMessage) => void): void {
    this.#own.subscribe(receive);
    this.#subscription = this.#connection.subscribe(this.#subject, {
      callback: (error, heard) => {
        if (error) return this.#log("warn", "bus", { error: messageOf(error) });
        const message = readMessage(heard.data);
        if (message) receive(message);
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription?.unsubscribe();
    await this.#connection.close();
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === "disconnect" || type === "reconnect") this.#log("warn", "bus", { type });
    }
  }
}

function readMessage(data: Uint8Array): BusMessage | undefined {
  if (data.length > MESSAGE_BYTES) return undefined;
  try {
    const message = v.parse(messageSchema, parseHostileJson(new TextDecoder().decode(data)));
    if (message.type !== "event") return message;
    return { ...message, event: message.event as unknown as HubEvent };
  } catch {
    // Somebody else's.
    return undefined;
  }
}

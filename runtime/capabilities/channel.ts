import * as v from "valibot";
import type { KeyId, ScriptName } from "../core/documents/common.ts";
import {
  admitsChannel,
  CHANNEL_BOUNDS,
  channelNameSchema,
  type ChannelSettings,
} from "../core/documents/channel.ts";
import { PeerError } from "../peer/mod.ts";
import type { PeerEntry } from "../policy/mod.ts";
import { CapabilityError } from "../sandbox/mod.ts";
import { type Capability, type CapabilityCall, type Method, readParams } from "./capability.ts";

/** What happens on a channel, as one who opened it is told. */
export type ChannelEvent =
  | { readonly type: "joined" | "left"; readonly peer: KeyId }
  | {
    readonly type: "message";
    readonly peer: KeyId;
    /** Text is JSON by the other side's word. */
    readonly message: string | Uint8Array;
  };

/** A channel, as one run or request has it open. */
export interface OpenChannel {
  /** Agents that have it open, too, and are connected. */
  readonly peers: readonly KeyId[];
  /**
   * The next event; `undefined` once it is closed.
   *
   * @throws {PeerError} flooded – nobody took what came, for too long
   */
  next(): Promise<ChannelEvent | undefined>;
  /**
   * Resolves when all have room for it.
   *
   * @returns To how many it went.
   * @throws {PeerError} closed – `to` is not, or no longer, connected
   */
  send(message: string | Uint8Array, to: KeyId | undefined): Promise<number>;
  close(): void;
}

/** What the capability needs of the agent. */
export interface Channels {
  /** @throws {PeerError} no_place – as many channels are open as may be */
  open(script: ScriptName, name: string, settings: ChannelSettings): Promise<OpenChannel>;
}

/** What {@linkcode channelCapability} works with. */
export interface ChannelParts {
  readonly channels: Channels;
  /** Other agents, as the policy of this moment lists them. */
  peers(): readonly PeerEntry[];
}

/** Channels that one run or request may have open at the same time. */
const MOST_OPEN = 8;

const openSchema = v.strictObject({ name: channelNameSchema });
const channelSchema = v.strictObject({ channel: v.pipe(v.number(), v.safeInteger()) });
const sendSchema = v.strictObject({
  ...channelSchema.entries,
  to: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
  json: v.boolean(),
});

/**
 * `ctx.channel`: streams of messages between the instances of one script on several agents. The
 * policy over there must admit the channel, too. What a run or request has open is closed with it.
 */
export function channelCapability(
  parts: ChannelParts,
  script: ScriptName,
  settings: ChannelSettings,
): Capability {
  const channels = new ScriptChannels(parts, script, settings);
  return {
    name: "channel",
    shown: {},
    methods: new Map<string, Method>([
      ["channel.open", (call) => channels.open(call)],
      ["channel.next", (call) => channels.next(call)],
      ["channel.send", (call) => channels.send(call)],
      ["channel.peers", (call) => ({ value: channels.find(call.params).peers })],
      ["channel.close", (call) => channels.close(call)],
    ]),
  };
}

class ScriptChannels {
  readonly #parts: ChannelParts;
  readonly #script: ScriptName;
  readonly #settings: ChannelSettings;
  readonly #open = new Map<number, OpenChannel>();
  #opening = 0;
  #last = 0;

  constructor(parts: ChannelParts, script: ScriptName, settings: ChannelSettings) {
    this.#parts = parts;
    this.#script = script;
    this.#settings = settings;
  }

  async open({ params, signal }: CapabilityCall) {
    const { name } = readParams(openSchema, params);
    const { names } = this.#settings;
    if (names && !admitsChannel({ names }, name, [])) {
      throw new CapabilityError(
        "not_granted",
        `Cannot open a channel that is not granted: ${name}`,
      );
    }
    if (this.#open.size + this.#opening >= MOST_OPEN) {
      throw new CapabilityError("quota", `Cannot open more than ${MOST_OPEN} channels at once`);
    }
    this.#opening++;
    try {
      const opened = await told(this.#parts.channels.open(this.#script, name, this.#settings));
      const channel = ++this.#last;
      this.#open.set(channel, opened);
      const close = () => this.#close(channel);
      signal.addEventListener("abort", close, { once: true });
      if (signal.aborted) close();
      return { value: { channel } };
    } finally {
      this.#opening--;
    }
  }

  async next({ params }: CapabilityCall) {
    const event = await told(this.find(params).next());
    if (event === undefined) return { value: { type: "closed" } };
    if (event.type !== "message") return { value: event };
    const { peer, message } = event;
    const json = typeof message === "string";
    const body = json ? new TextEncoder().encode(message) : message;
    return { value: { type: "message", peer, json }, body };
  }

  async send({ params, body }: CapabilityCall) {
    const { channel, to, json } = readParams(sendSchema, params);
    const most = this.#settings.messageBytes ?? CHANNEL_BOUNDS.MESSAGE_MOST;
    if (body.length > most) {
      const found = `${body.length} bytes, at most ${most}`;
      throw new CapabilityError("too_long", `Cannot send a message that is too long: ${found}`);
    }
    const message = json ? textOf(body) : body;
    const peer = to === undefined ? undefined : this.#peer(to);
    return { value: await told(this.find({ channel }).send(message, peer)) };
  }

  close({ params }: CapabilityCall) {
    const { channel } = readParams(channelSchema, params);
    this.#close(channel);
    return { value: null };
  }

  find(params: unknown): OpenChannel {
    const { channel } = readParams(channelSchema, params);
    const open = this.#open.get(channel);
    if (open) return open;
    throw new CapabilityError("not_found", "Cannot use a channel that is closed");
  }

  #close(channel: number): void {
    this.#open.get(channel)?.close();
    this.#open.delete(channel);
  }

  #peer(to: string): KeyId {
    return this.#parts.peers().find(({ name }) => name === to)?.id ?? to as KeyId;
  }
}

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch (cause) {
    throw new CapabilityError("invalid", "Cannot send what is no text", { cause });
  }
}

/** What the script may know of a failure among peers. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof PeerError)) throw cause;
    const code = cause.code === "too_long" ? "too_long" : "unavailable";
    throw new CapabilityError(code, `Cannot use the channel: ${cause.code}`, { cause });
  }
}

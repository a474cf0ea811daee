import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import { PeerError, verifyRequest } from "../../../runtime/peer/mod.ts";
import {
  connectRelayed,
  readUpgrade,
  RELAY_SOCKET,
  serveRelayLink,
} from "../../../runtime/peer/relay/mod.ts";
import { readRelayFrame, writeRelayFrame } from "../../../runtime/peer/relay/relay_frame.ts";
import { acceptOver, answerUpgrade } from "../../../runtime/peer/socket/accept_socket.ts";
import type { PeerSocket, SocketSettings } from "../../../runtime/peer/socket/mod.ts";
import type { Wire } from "../../../runtime/peer/socket/wire.ts";
import { tamperedPair } from "../socket/wires.ts";

export const caller = generateSigner();
export const hidden = generateSigner();

/** What a relay makes of what passes it. */
export type Pass = (frame: Uint8Array) => readonly Uint8Array[];

/** A relay in the hands of somebody else, and an agent behind it. */
export class EvilRelay {
  /** All that passed, both ways, as the relay sees it. */
  readonly seen: Uint8Array[] = [];
  toHidden: Pass = (frame) => [frame];
  toCaller: Pass = (frame) => [frame];
  /** Why the agent behind it let nobody in. */
  readonly refused: string[] = [];
  readonly #settings: SocketSettings;
  readonly #arrived = Promise.withResolvers<PeerSocket>();
  #link!: PeerSocket;
  #ways = 0;
  readonly #callers = new Map<number, PeerSocket>();

  constructor(settings: SocketSettings = {}) {
    this.#settings = { handshakeMs: 2_000, ...settings };
  }

  /** The agent's end of the first socket that it let in. */
  get arrived(): Promise<PeerSocket> {
    return this.#arrived.promise;
  }

  async open(): Promise<void> {
    const { near, far } = await tamperedPair(RELAY_SOCKET);
    this.#link = far;
    void serveRelayLink(near, (upgrade, wire) => this.#answer(upgrade, wire));
    void this.#fromHidden();
  }

  /** Opens a socket to the agent behind it. */
  async connect(path = "/room"): Promise<PeerSocket> {
    const { near, far } = await tamperedPair(RELAY_SOCKET);
    const way = ++this.#ways;
    this.#callers.set(way, far);
    await this.#link.send(writeRelayFrame({ kind: "open", way }));
    void this.#fromCaller(way, far);
    const recipient = keyId(hidden.publicKey);
    return await connectRelayed(near, path, { signer: caller, recipient, ...this.#settings });
  }

  /** Both ends of a socket through it. */
  async pair(): Promise<[PeerSocket, PeerSocket]> {
    return await Promise.all([this.connect(), this.arrived]);
  }

  /** Hands a frame to the agent behind it, on a way of its own or of another. */
  async bring(frame: Uint8Array, way = 1): Promise<void> {
    await this.#link.send(writeRelayFrame({ kind: "data", way, bytes: frame }));
  }

  close(): void {
    this.#link.close();
    for (const socket of this.#callers.values()) socket.close();
  }

  async #fromCaller(way: number, socket: PeerSocket): Promise<void> {
    try {
      for await (const message of socket.messages) {
        this.seen.push(message as Uint8Array);
        for (const frame of this.toHidden(message as Uint8Array)) await this.bring(frame, way);
      }
    } catch {
      // The test closes what is left.
    }
    await this.#link.send(writeRelayFrame({ kind: "close", way })).catch(() => {});
  }

  async #fromHidden(): Promise<void> {
    try {
      for await (const message of this.#link.messages) {
        const frame = readRelayFrame(message);
        const socket = this.#callers.get(frame.way);
        if (frame.kind !== "data") {
          socket?.close();
          continue;
        }
        this.seen.push(frame.bytes);
        for (const passed of this.toCaller(frame.bytes)) await socket?.send(passed);
      }
    } catch {
      // The test closes what is left.
    }
  }

  #answer(upgrade: Uint8Array, wire: Wire): void {
    try {
      const request = readUpgrade(upgrade);
      const recipient = keyId(hidden.publicKey);
      const isKnown = (key: string) => key === caller.publicKey;
      const { key } = verifyRequest(request, { recipient, now: Date.now(), isKnown });
      const answer = answerUpgrade(request, { signer: hidden });
      acceptOver(wire, answer, key, this.#settings)
        .then(this.#arrived.resolve, (error) => this.refused.push(error.code));
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      this.refused.push(error.code);
      wire.close();
    }
  }
}

import type { KeyId, PublicKey } from "../../core/documents/common.ts";
import { keyId } from "../../core/key.ts";
import { PeerError } from "../errors.ts";
import { type Frame, readFrame, writeFrame } from "./frame.ts";
import { FRAME_OVERHEAD, FrameOpener, FrameSealer } from "./frame_cipher.ts";
import type { SocketKeys } from "./handshake.ts";
import { costOf, Inbox, type SocketMessage } from "./inbox.ts";
import { SOCKET_LIMITS, type SocketSettings } from "./limits.ts";
import { Outbox } from "./outbox.ts";
import type { Wire } from "./wire.ts";
import type { WrittenMessage } from "./written_message.ts";

/** How a socket ended: closed by one of its sides, or not as it should. */
export type SocketEnd =
  | {
    readonly kind: "closed";
    readonly by: "us" | "peer";
    readonly code: number;
    readonly reason: string;
  }
  | { readonly kind: "failed"; readonly error: PeerError };

/** Longer than any message that is not one: the largest control frame, with its kind. */
const CONTROL_BYTES = 1 + 2 + SOCKET_LIMITS.REASON_BYTES;

const MIN_PONG_GAP_MS = 1_000;

/**
 * A connection to one agent that both sides have proven themselves on. What is sent arrives once, in
 * its sequence and as it was, or the socket ends and says why: every frame is numbered and sealed
 * with a key that only the two have. Nothing is acknowledged: what was sent before an end may not
 * have been read.
 */
export class PeerSocket {
  readonly peer: KeyId;
  /** The key that the other side has proven. */
  readonly key: PublicKey;
  /** Messages of the other side. It sends no more than there is room for until they are taken. */
  readonly messages: AsyncIterableIterator<SocketMessage, undefined>;
  /** Settled when the socket is over; never rejected. */
  readonly closed: Promise<SocketEnd>;
  readonly #wire: Wire;
  readonly #sealer: FrameSealer;
  readonly #opener: FrameOpener;
  readonly #inbox = new Inbox((cost) => this.#giveBack(cost));
  readonly #outbox: Outbox;
  readonly #settings: Required<SocketSettings>;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<SocketEnd>();
  #isOpen = false;
  #isOver = false;
  /** What the other side may still send. */
  #room: number;
  #taken = 0;
  #heard = performance.now();
  #ponged = -Infinity;
  #timer: ReturnType<typeof setTimeout>;

  /** Made by `connectSocket()` and `acceptSocket()`; the wire hands its frames to `take()`. */
  constructor(wire: Wire, keys: SocketKeys, key: PublicKey, settings: SocketSettings = {}) {
    this.peer = keyId(key);
    this.key = key;
    this.messages = this.#inbox;
    this.closed = this.#ended.promise;
    this.#wire = wire;
    this.#sealer = new FrameSealer(keys.send);
    this.#opener = new FrameOpener(keys.receive);
    this.#settings = withDefaults(settings);
    const { queueBytes, messageBytes, unsentBytes, handshakeMs } = this.#settings;
    const write = (content: Uint8Array) => wire.send(this.#sealer.seal(content));
    this.#outbox = new Outbox(write, unsentBytes);
    this.#room = queueBytes;
    this.#timer = setTimeout(() => this.#fail("silent", "it said nothing"), handshakeMs);
    this.#ready.promise.catch(() => {});
    this.#write({ kind: "open", queueBytes, messageBytes });
  }

  /**
   * Resolves when the other side has proven that it has the keys, too.
   *
   * @throws {PeerError} as the socket ended with
   */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** How many messages came and were not taken yet. */
  get waiting(): number {
    return this.#inbox.size;
  }

  /**
   * Sends a message. Resolves when the other side has room for it and it is on its way: who waits
   * for that never has more than one message in memory.
   *
   * @param message Bytes must not be changed until then. What goes to many is written once for all.
   * @throws {TypeError} – a text with half a character in it
   * @throws {PeerError} too_long – the other side takes no message of that length
   * @throws {PeerError} queue_full – as many wait already as may, 16 MiB unless it was set
   * @throws {PeerError} closed, or what the socket failed with
   */
  async send(message: string | Uint8Array | WrittenMessage): Promise<void> {
    await this.#outbox.send(message);
  }

  /**
   * Ends the socket. What waits for room is not sent any more.
   *
   * @param code 1000, or one of 3000 to 4999 that the two sides know.
   * @param reason At most 120 bytes of UTF-8.
   */
  close(code = 1000, reason = ""): void {
    if (this.#isOver) return;
    this.#write({ kind: "close", code, reason });
    this.#end({ kind: "closed", by: "us", code, reason });
  }

  /** Takes what the wire brings; for who made the socket. */
  take(frame: Uint8Array): void {
    if (this.#isOver) return;
    const longest = this.#settings.messageBytes + CONTROL_BYTES + FRAME_OVERHEAD;
    if (frame.length > longest) {
      return this.#fail("too_long", `a frame of ${frame.length} bytes came, at most ${longest}`);
    }
    try {
      this.#handle(readFrame(this.#opener.open(frame)));
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      this.#end({ kind: "failed", error });
    }
  }

  /** Is told that the wire brings no more; for who made the socket. */
  lose(): void {
    this.#fail("cut_off", "the connection is gone and nobody closed it");
  }

  #handle(frame: Frame): void {
    this.#heard = performance.now();
    if (this.#isOpen === (frame.kind === "open")) {
      return this.#fail("bad_frame", "the first frame, and no other, opens the socket");
    }
    switch (frame.kind) {
      case "open":
        this.#outbox.open(frame);
        this.#isOpen = true;
        this.#ready.resolve();
        return this.#watch();
      case "message":
        return this.#receive(frame.message as SocketMessage);
      case "credit":
        return this.#outbox.credit(frame.bytes);
      case "ping":
        return this.#answerPing();
      case "pong":
        return;
      case "close":
        return this.#end({ ...frame, kind: "closed", by: "peer" });
    }
  }

  #receive(message: SocketMessage): void {
    const bytes = typeof message === "string" ? utf8Length(message) : message.length;
    const { messageBytes } = this.#settings;
    if (bytes > messageBytes) {
      return this.#fail("too_long", `a message of ${bytes} bytes came, at most ${messageBytes}`);
    }
    const cost = costOf(bytes);
    if (cost > this.#room) return this.#fail("flooded", "it sends more than there is room for");
    this.#room -= cost;
    this.#inbox.put(message, cost);
  }

  /** Room is given back in large pieces, so that small messages do not cost a frame each way. */
  #giveBack(cost: number): void {
    this.#taken += cost;
    if (this.#isOver || this.#taken < this.#settings.queueBytes / 4) return;
    this.#room += this.#taken;
    this.#write({ kind: "credit", bytes: this.#taken });
    this.#taken = 0;
  }

  /** Who pings without end and reads nothing would have the answers pile up here. */
  #answerPing(): void {
    const gap = Math.min(MIN_PONG_GAP_MS, this.#settings.idleMs / 8);
    if (this.#heard - this.#ponged < gap) return;
    this.#ponged = this.#heard;
    this.#write({ kind: "pong" });
  }

  #watch(): void {
    clearTimeout(this.#timer);
    const { idleMs } = this.#settings;
    this.#timer = setTimeout(() => {
      const silent = performance.now() - this.#heard;
      if (silent >= idleMs) return this.#fail("silent", `nothing came for ${silent | 0} ms`);
      if (silent >= idleMs / 4) this.#write({ kind: "ping" });
      this.#watch();
    }, idleMs / 4);
  }

  #write(frame: Frame): void {
    this.#wire.send(this.#sealer.seal(writeFrame(frame)));
  }

  #fail(code: PeerError["code"], found: string): void {
    const error = new PeerError(code, `Cannot keep the socket to ${this.peer} as ${found}`);
    this.#end({ kind: "failed", error });
  }

  #end(end: SocketEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    const error = end.kind === "failed"
      ? end.error
      : new PeerError("closed", `Cannot send to ${this.peer} as the socket is closed`);
    this.#ready.reject(error);
    this.#outbox.end(error);
    this.#inbox.end(end.kind === "failed" ? error : undefined);
    this.#ended.resolve(end);
    this.#wire.close();
  }
}

function withDefaults(settings: SocketSettings): Required<SocketSettings> {
  const { MESSAGE_BYTES, QUEUE_BYTES, UNSENT_BYTES, HANDSHAKE_MS, IDLE_MS } = SOCKET_LIMITS;
  const {
    messageBytes = MESSAGE_BYTES,
    queueBytes = Math.max(QUEUE_BYTES, costOf(messageBytes)),
    unsentBytes = UNSENT_BYTES,
    handshakeMs = HANDSHAKE_MS,
    idleMs = IDLE_MS,
  } = settings;
  if (queueBytes < costOf(messageBytes)) {
    throw new RangeError(
      `Cannot open a socket as its queue of ${queueBytes} bytes holds no message of ${messageBytes}`,
    );
  }
  return { messageBytes, queueBytes, unsentBytes, handshakeMs, idleMs };
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

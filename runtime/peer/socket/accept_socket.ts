import type { PublicKey } from "../../core/documents/common.ts";
import { keyId, type Signer } from "../../core/key.ts";
import { PeerError } from "../errors.ts";
import type { Message } from "../message.ts";
import { HalfKey, type SocketKeys, writeHello } from "./handshake.ts";
import { SOCKET_LIMITS, type SocketSettings } from "./limits.ts";
import { PeerSocket } from "./peer_socket.ts";
import type { SocketPlaces } from "./socket_places.ts";
import { webSocketWire, type Wire } from "./wire.ts";

/** What {@linkcode acceptSocket} works with. */
export interface AcceptOptions extends SocketSettings {
  /** This agent. */
  signer: Signer;
  places: SocketPlaces;
  /** Milliseconds since the epoch; default: the local clock. */
  now?: number;
}

/**
 * Takes a signed upgrade that was admitted already: `verifyRequest()` found the caller and its
 * nonce was never seen. The answer proves this agent to the caller; the socket is given out when
 * the caller has proven that the upgrade was its own, so a copy of one opens nothing.
 *
 * @param caller The key that signed the request.
 * @returns `response` is for the server at once; `socket` is rejected when nothing comes of it.
 * @throws {PeerError} bad_field – it is no upgrade, or offers no half of a key
 * @throws {PeerError} no_place – as many sockets are open as may be
 */
export function acceptSocket(
  request: Request,
  caller: PublicKey,
  options: AcceptOptions,
): { response: Response; socket: Promise<PeerSocket> } {
  const answer = answerUpgrade(request, options);
  const leave = options.places.take(keyId(caller));
  try {
    const { wire, response } = upgrade(request);
    const socket = acceptOver(wire, answer, caller, options);
    socket.then(({ closed }) => closed).then(leave, leave);
    return { response, socket };
  } catch (error) {
    leave();
    throw error;
  }
}

/** The server's side of a handshake: its signed answer, and the keys that follow from it. */
export interface UpgradeAnswer {
  readonly hello: Uint8Array;
  readonly keys: SocketKeys;
}

/** @throws {PeerError} bad_field – the request offers no half of a key */
export function answerUpgrade(
  request: Message,
  { signer, now = Date.now() }: Pick<AcceptOptions, "signer" | "now">,
): UpgradeAnswer {
  return writeHello(request, new HalfKey(), { signer, now });
}

/** Does the server's side of the handshake over a wire that brought the upgrade. */
export async function acceptOver(
  wire: Wire,
  { hello, keys }: UpgradeAnswer,
  caller: PublicKey,
  settings: SocketSettings,
): Promise<PeerSocket> {
  const { handshakeMs = SOCKET_LIMITS.HANDSHAKE_MS } = settings;
  const ready = Promise.withResolvers<PeerSocket>();
  let socket: PeerSocket | undefined;
  const timer = setTimeout(() => {
    ready.reject(new PeerError("silent", `Cannot open a socket for ${caller} as it says nothing`));
    wire.close();
  }, handshakeMs);
  wire.listen({
    opened() {
      wire.send(hello);
      const made = socket = new PeerSocket(wire, keys, caller, settings);
      made.ready.then(() => ready.resolve(made), ready.reject);
    },
    frame: (frame) => socket?.take(frame),
    gone() {
      if (socket) return socket.lose();
      ready.reject(new PeerError("cut_off", `Cannot open a socket for ${caller} as it is gone`));
    },
  });
  try {
    return await ready.promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Requests that came by another wire than a WebSocket. */
const wires = new WeakMap<Request, Wire>();

/** Has {@linkcode acceptSocket} answer this request over the wire that brought it. */
export function cameBy(request: Request, wire: Wire): Request {
  wires.set(request, wire);
  return request;
}

function upgrade(request: Request): { wire: Wire; response: Response } {
  const wire = wires.get(request);
  if (wire) return { wire, response: new Response(null, { status: 101 }) };
  try {
    // Whether the other side is there is asked by sealed frames, which nobody else can answer.
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    return { wire: webSocketWire(socket), response };
  } catch (cause) {
    throw new PeerError("bad_field", "Cannot open a socket as nobody asks for one", { cause });
  }
}

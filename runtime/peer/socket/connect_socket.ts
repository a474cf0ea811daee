import type { KeyId } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import { PeerError } from "../errors.ts";
import type { Message } from "../message.ts";
import { signRequest, SOCKET_FIELD } from "../sign_request.ts";
import { HalfKey, readHello } from "./handshake.ts";
import { SOCKET_LIMITS, type SocketSettings } from "./limits.ts";
import { PeerSocket } from "./peer_socket.ts";
import { webSocketWire, type Wire } from "./wire.ts";

/** What {@linkcode connectSocket} works with. */
export interface ConnectOptions extends SocketSettings {
  signer: Signer;
  /** The agent that must answer. */
  recipient: KeyId;
  /** What pins the agent's certificate: `Deno.createHttpClient({ caCerts })`. */
  client?: Deno.HttpClient;
  signal?: AbortSignal;
  /** Milliseconds since the epoch; default: the local clock. */
  now?: number;
}

/**
 * Opens a socket to an agent by a signed upgrade, and believes it only when the agent has signed
 * its answer to this very upgrade.
 *
 * @param url Absolute, `http:` or `https:`; path and query are covered by the signature.
 * @throws {PeerError} unreachable – nobody answers, not with the pinned certificate, or refuses
 * @throws {PeerError} no_place – it has as many to do with as it can
 * @throws {PeerError} silent – not within the time for it
 * @throws {PeerError} unsigned, bad_field, not_covered, unknown_key, bad_signature – the answer is
 *   not by this agent or not to this upgrade
 * @throws whatever the signal was aborted with
 */
export async function connectSocket(url: string, options: ConnectOptions): Promise<PeerSocket> {
  const { request, half } = signUpgrade(url, options);
  const target = new URL(request.url);
  target.protocol = target.protocol === "https:" ? "wss:" : "ws:";
  const { client } = options;
  const socket = new WebSocket(target, {
    headers: request.headers,
    ...(client && { client }),
  });
  return await connectOver(webSocketWire(socket), { request, half }, options);
}

/** An upgrade that was signed, and the half of the key that it offers. */
export interface Upgrade {
  readonly request: Message & { readonly url: string; readonly headers: Headers };
  readonly half: HalfKey;
}

/** Signs an upgrade for one agent, with a new half of a key. */
export function signUpgrade(
  url: string,
  { signer, recipient, now = Date.now() }: Pick<ConnectOptions, "signer" | "recipient" | "now">,
): Upgrade {
  const target = new URL(url);
  target.hash = "";
  const half = new HalfKey();
  const request = {
    method: "GET",
    url: target.href,
    headers: new Headers({ [SOCKET_FIELD]: half.field }),
  };
  signRequest(request, { signer, recipient, now });
  return { request, half };
}

/** Does the client's side of the handshake over a wire that carries the upgrade itself. */
export async function connectOver(
  wire: Wire,
  { request, half }: Upgrade,
  options: ConnectOptions,
): Promise<PeerSocket> {
  const { recipient, signal, handshakeMs = SOCKET_LIMITS.HANDSHAKE_MS } = options;
  const started = Promise.withResolvers<PeerSocket>();
  let socket: PeerSocket | undefined;
  const stop = (reason: unknown) => {
    started.reject(reason);
    socket?.close();
    wire.close();
  };
  const onAbort = () => stop(signal!.reason);
  const timer = setTimeout(() => {
    stop(new PeerError("silent", `Cannot open a socket to ${recipient} as it says nothing`));
  }, handshakeMs);
  wire.listen({
    opened() {},
    frame(frame) {
      if (socket) return socket.take(frame);
      try {
        const { keys, key } = readHello(frame, request, half, recipient);
        socket = new PeerSocket(wire, keys, key, options);
        started.resolve(socket);
      } catch (error) {
        stop(error);
      }
    },
    gone(busy = false) {
      if (socket) return socket.lose();
      if (busy) {
        const message = `Cannot open a socket to ${recipient} as it has no room for it now`;
        return stop(new PeerError("no_place", message));
      }
      stop(new PeerError("unreachable", `Cannot open a socket to ${recipient} as it refuses`));
    },
  });
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const opened = await started.promise;
    await opened.ready;
    return opened;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

import type { KeyId } from "../../../runtime/core/documents/common.ts";
import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import {
  acceptSocket,
  type ConnectOptions,
  connectSocket,
  type PeerSocket,
  SocketPlaces,
  type SocketSettings,
} from "../../../runtime/peer/socket/mod.ts";
import { PeerError, verifyRequest } from "../../../runtime/peer/mod.ts";
import { within } from "../../within.ts";

export const client = generateSigner();
export const clientId = keyId(client.publicKey);

/** An agent that takes sockets of the one client it knows, each upgrade once. */
export class SocketServer implements AsyncDisposable {
  readonly signer = generateSigner();
  readonly id: KeyId = keyId(this.signer.publicKey);
  readonly places: SocketPlaces;
  readonly url: string;
  /** Fields of the upgrades that came, for who wants to send them again. */
  readonly seen: Headers[] = [];
  /** Codes of upgrades that were refused. */
  readonly refused: string[] = [];
  readonly #settings: SocketSettings;
  readonly #nonces = new Set<string>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #sockets: Promise<PeerSocket>[] = [];
  readonly #waiting: ((socket: Promise<PeerSocket>) => void)[] = [];

  constructor(settings: SocketSettings = {}, limits = { total: 64, perPeer: 64 }) {
    this.#settings = settings;
    this.places = new SocketPlaces(limits);
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** The next socket that is asked for, once its client has proven itself. */
  accepted(): Promise<PeerSocket> {
    const socket = this.#sockets.shift();
    if (socket) return socket;
    const next = new Promise<PeerSocket>((resolve) => this.#waiting.push(resolve));
    return within(next, "a socket");
  }

  connect(options: Partial<ConnectOptions> & { url?: string } = {}): Promise<PeerSocket> {
    const { url = `${this.url}/socket?room=1`, ...rest } = options;
    return connectSocket(url, { signer: client, recipient: this.id, ...rest });
  }

  /** Both ends of a new socket. */
  async pair(options: Partial<ConnectOptions> = {}): Promise<[PeerSocket, PeerSocket]> {
    return await Promise.all([this.connect(options), this.accepted()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #answer(request: Request): Response {
    this.seen.push(new Headers(request.headers));
    try {
      const isKnown = (key: string) => key === client.publicKey;
      const rules = { recipient: this.id, now: Date.now(), isKnown };
      const { key, nonce } = verifyRequest(request, rules);
      if (this.#nonces.has(nonce)) throw new PeerError("replayed", "it came before");
      this.#nonces.add(nonce);
      const { signer, places } = this;
      const { response, socket } = acceptSocket(request, key, {
        signer,
        places,
        ...this.#settings,
      });
      socket.catch(() => {});
      const waiting = this.#waiting.shift();
      if (waiting) waiting(socket);
      else this.#sockets.push(socket);
      return response;
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      this.refused.push(error.code);
      return Response.json({ error: { code: error.code } }, { status: 403 });
    }
  }
}

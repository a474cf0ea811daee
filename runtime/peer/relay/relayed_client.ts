import { PeerError } from "../errors.ts";
import { pathOf, queryOf } from "../message.ts";
import type { PeerSocket } from "../socket/mod.ts";
import { ComingBody, lengthIn, sendBody } from "./call_body.ts";
import { fieldsOf, readAnswerHead } from "./call_head.ts";
import { RELAY_LIMITS } from "./limits.ts";

/**
 * Carries calls to one agent through sockets, as an HTTP client does through connections: one call
 * at a time in each, and some are kept for the next.
 */
export class RelayedClient {
  readonly #connect: (signal: AbortSignal | undefined) => Promise<PeerSocket>;
  readonly #open = new Set<PeerSocket>();
  readonly #kept = new Map<PeerSocket, ReturnType<typeof setTimeout>>();

  /** @param connect Opens a socket to the agent, at its path for calls. */
  constructor(connect: (signal: AbortSignal | undefined) => Promise<PeerSocket>) {
    this.#connect = connect;
  }

  /**
   * As `fetch()`, for the agent of this client, whatever the address says.
   *
   * @throws {PeerError} unreachable, cut_off – it cannot be had
   * @throws whatever the signal was aborted with
   */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const { method = "GET", signal } = init;
    signal?.throwIfAborted();
    const socket = this.#take() ?? await this.#opened(signal ?? undefined);
    const leave = () => socket.close();
    signal?.addEventListener("abort", leave, { once: true });
    const done = () => {
      signal?.removeEventListener("abort", leave);
      this.#keep(socket);
    };
    try {
      return await call(socket, url, { ...init, method }, done);
    } catch (cause) {
      socket.close();
      signal?.throwIfAborted();
      throw new PeerError("unreachable", `Cannot call ${socket.peer} by a relay`, { cause });
    }
  }

  /** Lets every socket go. */
  close(): void {
    for (const [socket, timer] of this.#kept) {
      clearTimeout(timer);
      socket.close();
    }
    this.#kept.clear();
  }

  async #opened(signal: AbortSignal | undefined): Promise<PeerSocket> {
    const socket = await this.#connect(signal);
    this.#open.add(socket);
    socket.closed.then(() => {
      this.#open.delete(socket);
      this.#forget(socket);
    });
    return socket;
  }

  #take(): PeerSocket | undefined {
    const [socket] = this.#kept.keys();
    if (socket) this.#forget(socket);
    return socket;
  }

  #keep(socket: PeerSocket): void {
    if (!this.#open.has(socket)) return;
    if (this.#kept.size >= RELAY_LIMITS.KEPT_SOCKETS) return socket.close();
    this.#kept.set(socket, setTimeout(() => socket.close(), RELAY_LIMITS.KEEP_MS));
  }

  #forget(socket: PeerSocket): void {
    clearTimeout(this.#kept.get(socket));
    this.#kept.delete(socket);
  }
}

/** @param done Told once all of the answer was read. */
async function call(
  socket: PeerSocket,
  url: string,
  { method, headers, body }: RequestInit & { method: string },
  done: () => void,
): Promise<Response> {
  const query = queryOf(url);
  const path = pathOf(url) + (query === "?" ? "" : query);
  const stream = body === null || body === undefined ? undefined : new Response(body).body!;
  const fields = fieldsOf(new Headers(headers));
  await socket.send(JSON.stringify({ method, path, fields, body: stream !== undefined }));
  // An answer may come before all was sent; then nothing more has to be.
  const sent = stream && sendBody(socket, stream);
  sent?.catch(() => {});
  const { done: isOver, value } = await socket.messages.next();
  if (isOver) throw new PeerError("cut_off", "Cannot have an answer as the socket is closed");
  const { status, fields: answered, body: hasBody } = readAnswerHead(value);
  const answer = new Headers(answered);
  const onWhole = () => void Promise.resolve(sent).then(done, () => socket.close());
  if (!hasBody) onWhole();
  const coming = hasBody ? new ComingBody(socket, { ...lengthIn(answer), onWhole }) : undefined;
  return new Response(coming?.stream ?? null, { status, headers: answer });
}

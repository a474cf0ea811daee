import type { CallContext } from "./context.ts";

/** What the agent lends to one request. Progress is a run's: a request has its answer for that. */
export interface FetchContext extends CallContext {
  /** Who asks. */
  readonly caller: Caller;
  /**
   * Takes the client's WebSocket. Return `response`; the socket opens once it is on its way.
   *
   * @throws {TypeError} when the client did not ask for one
   */
  upgradeWebSocket(): { socket: ScriptSocket; response: Response };
}

/** Who asks, as the agent knows it. */
export interface Caller {
  readonly kind: "operator" | "loopback" | "peer" | "public";
  readonly address: string;
  /** The peer's id, for `peer`. */
  readonly peer?: string;
}

/** A WebSocket as browsers have it, as far as a server needs it. A message has at most 256 KiB. */
export interface ScriptSocket extends EventTarget {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes that were sent and that the client's side has not taken. */
  readonly bufferedAmount: number;
  onopen: ((event: Event) => void) | null;
  /** `data` is text, or an `ArrayBuffer`. */
  onmessage: ((event: MessageEvent<string | ArrayBuffer>) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  /** @throws {RangeError} for a message that is too long */
  send(data: string | ArrayBuffer | ArrayBufferView): void;
  close(code?: number, reason?: string): void;
}

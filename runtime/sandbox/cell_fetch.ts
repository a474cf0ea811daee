import type { CapabilityHost } from "./capability_host.ts";
import type { RunEvent, RunReport, ScriptFacts } from "./run_request.ts";

/** Who asks, as the agent knows it: no header says so. */
export interface FetchCaller {
  readonly kind: "operator" | "loopback" | "peer" | "public";
  readonly address: string;
  /** The peer's id, for `peer`. */
  readonly peer?: string;
}

/** Bounds of one request. */
export interface FetchLimits {
  /** Of the request. */
  readonly bodyBytes: number;
  /** Of the response's headers, names and values together. */
  readonly headerBytes: number;
  /** Longest time in which no byte of either body moves, nor the head; a WebSocket may rest. */
  readonly idleMs: number;
  /** From the request's arrival to the response's last byte. */
  readonly wallMs: number;
  /** Requests in one cell at the same time. */
  readonly concurrent: number;
}

/** What holds where the grant says nothing. */
export const DEFAULT_FETCH_LIMITS: FetchLimits = {
  bodyBytes: 100_000_000,
  headerBytes: 16_384,
  idleMs: 30_000,
  wallMs: 120_000,
  concurrent: 256,
};

/** Of a body's beginning, what may go with the request's frame. */
export const FIRST_BYTES = 8_192;

/** One HTTP request for a script's `fetch`. */
export interface CellFetch {
  readonly method: string;
  /** Absolute, as the script is to see it: `http://script.invalid/jobs?all`. */
  readonly url: string;
  /** Those that the agent lets through. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** A stream is read only as fast as the script does. */
  readonly body: ReadableStream<Uint8Array> | Uint8Array | null;
  /**
   * What of a streamed body is there already, before the stream: at most {@linkcode FIRST_BYTES},
   * which save the script a way to the agent.
   */
  readonly first?: Uint8Array;
  readonly caller: FetchCaller;
  /** The client asks for a WebSocket: {@linkcode CellResponse.socket} may come back. */
  readonly upgrade?: boolean;
  /** Aborted when the client is gone. */
  readonly signal?: AbortSignal;
  /** Over {@linkcode DEFAULT_FETCH_LIMITS}. */
  readonly limits?: Partial<FetchLimits>;
  readonly capabilities?: CapabilityHost;
  readonly facts?: ScriptFacts;
  onEvent?(event: RunEvent): void;
}

/** What the script's `fetch` answers. */
export interface CellResponse {
  readonly status: number;
  /** As the script says: the agent filters them. Valid names and values, their length bounded. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /**
   * Written only as fast as it is read. Errors when the request ends by anything but its own end;
   * cancelling it tells the script that the client is gone.
   */
  readonly body: ReadableStream<Uint8Array> | null;
  /** The script takes the upgrade; status and headers do not count then. */
  readonly socket?: CellSocket;
  /** How the request ended, once its last byte is out. Never rejects. */
  readonly report: Promise<RunReport>;
}

/** The cell's end of a WebSocket; the agent holds the real one. */
export interface CellSocket {
  /** What the script sends: text or bytes. At its end it has closed. */
  readonly readable: ReadableStream<string | Uint8Array>;
  /** What the client sends. Closing it tells the script that the client has closed. */
  readonly writable: WritableStream<string | Uint8Array>;
  /** With what the script closes, once it does. Never rejects. */
  readonly closed: Promise<SocketClose>;
  /** Tells the script with what the client has closed; ends {@linkcode writable}. */
  close(close: SocketClose): void;
}

/** How a WebSocket is closed. */
export interface SocketClose {
  readonly code: number;
  readonly reason: string;
}

/** A request ended before the script had said status and headers; the report says how. */
export class FetchFailed extends Error {
  override readonly name = "FetchFailed";
  readonly report: RunReport;

  constructor(report: RunReport) {
    super(`Cannot answer the request as the script ended as ${report.outcome.outcome}`);
    this.report = report;
  }
}

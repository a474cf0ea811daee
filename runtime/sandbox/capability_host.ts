import { CodedError } from "../core/coded_error.ts";

/** What a capability may tell a script, besides its answer. Closed: the script can switch over it. */
export type CapabilityCode =
  /** The call, or a value in it, is not what the capability takes. */
  | "invalid"
  /** It would pass the grant's quota. */
  | "quota"
  /** It is longer than the call says it may be. */
  | "too_long"
  /** What is named does not exist, or is not this script's. */
  | "not_found"
  /** The grant does not lend this. */
  | "not_granted"
  /** Something else was there than the call makes sure of. */
  | "conflict"
  /** It cannot be had at this moment; later it may. */
  | "unavailable"
  /** The agent could not do it, for reasons that are not the script's to know. */
  | "failed";

/** A capability says no; code and message are shown to the script. */
export class CapabilityError extends CodedError<CapabilityCode> {
  override readonly name = "CapabilityError";
}

/** The answer to one call. */
export interface CapabilityAnswer {
  /** JSON. */
  readonly value?: unknown;
  /** At most {@linkcode CALL_BOUNDS.chunkBytes}; given away. */
  readonly body?: Uint8Array;
}

/** What a script has not read of the body of the request that it answers. */
export interface UnreadBody {
  /**
   * Takes the next piece, which the script will not see then. One call at a time.
   *
   * @returns nothing at the end
   * @throws {CapabilityError} unavailable – the client is gone, or the request is over
   */
  next(): Promise<Uint8Array | undefined>;
}

/** What the agent lends to one run or one request. */
export interface CapabilityHost {
  /**
   * What `ctx` shows, by name: `store`, `blobs`, `schedule`, `peers`, `channel` with what the worker
   * must know of each; any other is shown to the script as it stands, `{ dir: { path } }` say. Plain JSON.
   */
  readonly offered: Readonly<Record<string, unknown>>;
  /**
   * Answers one call of the script. May be called again before it has answered.
   *
   * @param method `store.get`, say: a stranger's, as all of it is.
   * @param params Hostile JSON: null prototype, depth and length are checked, nothing else.
   * @param body Bytes beside it, at most {@linkcode CALL_BOUNDS.chunkBytes}; the host may keep it.
   * @param signal Aborted when the run or request that it belongs to is over.
   * @param unread Of the request that it belongs to, when that has a body.
   * @throws {CapabilityError} what the script is told; of any other error it learns only that there
   * was one
   */
  call(
    method: string,
    params: unknown,
    body: Uint8Array,
    signal: AbortSignal,
    unread?: UnreadBody,
  ): Promise<CapabilityAnswer>;
}

/** How much a script may ask of the agent. */
export interface CallBounds {
  /** Calls of one run or request that may wait at the same time. */
  readonly waiting: number;
  /** Bytes of all calls of one cell that wait, in a live one those of many requests. */
  readonly waitingBytes: number;
  /** JSON of one call. */
  readonly paramsBytes: number;
  /** Bytes beside it, and beside its answer. */
  readonly chunkBytes: number;
  /** Calls of one cell in a second; who asks for more is answered later. */
  readonly perSecond: number;
  /** Bytes of one cell in a second, both ways; who moves more is answered later. */
  readonly bytesPerSecond: number;
}

/** What holds for every script. */
export const CALL_BOUNDS: CallBounds = {
  waiting: 64,
  waitingBytes: 64 << 20,
  paramsBytes: 256 << 10,
  chunkBytes: 256 << 10,
  perSecond: 5_000,
  bytesPerSecond: 500_000_000,
};

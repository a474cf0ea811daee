import { pause } from "../core/wait.ts";
import {
  CALL_BOUNDS,
  type CallBounds,
  type CapabilityAnswer,
  CapabilityError,
  type CapabilityHost,
  type UnreadBody,
} from "./capability_host.ts";
import type { ScriptCall } from "./cell_message.ts";
import type { Meter } from "./meter.ts";
import { release } from "../core/release.ts";
import { goneFrame, refusalFrame, replyFrame } from "./reply.ts";
import type { AttachmentSource } from "./run_request.ts";
import { TokenBucket } from "../core/token_bucket.ts";

/**
 * What a byte of an answer's JSON counts: the agent reads, makes and writes it on its only thread,
 * where a body's bytes are handed on.
 */
const JSON_WEIGHT = 10;

/** How fast the scripts of one cell may ask, and how much at once, together. */
export class CallPace {
  readonly #calls: TokenBucket;
  readonly #bytes: TokenBucket;
  /** Bytes of calls that more may wait with. */
  #room: number;

  constructor({ perSecond, bytesPerSecond, waitingBytes }: CallBounds = CALL_BOUNDS) {
    const now = performance.now();
    this.#room = waitingBytes;
    this.#calls = new TokenBucket(perSecond, perSecond / 1000, now);
    this.#bytes = new TokenBucket(bytesPerSecond, bytesPerSecond / 1000, now);
  }

  /** @returns whether there is room for a call to wait; then it must {@linkcode letGo}. */
  hold(bytes: number): boolean {
    if (bytes > this.#room) return false;
    this.#room -= bytes;
    return true;
  }

  letGo(bytes: number): void {
    this.#room += bytes;
  }

  /** @returns How long the call's answer has to wait, milliseconds. */
  take(calls: number, bytes: number): number {
    const now = performance.now();
    return Math.max(this.#calls.take(calls, now), this.#bytes.take(bytes, now));
  }
}

/** What a {@linkcode Lender} answers from and counts with. */
export interface LenderOptions {
  attachments: readonly AttachmentSource[];
  capabilities: CapabilityHost | undefined;
  /** Of the request, when it has a body: capabilities may take it instead of the script. */
  unread?: UnreadBody | undefined;
  meter: Meter;
  pace: CallPace;
  bounds: CallBounds;
  /** The run or request: whether it has ended, and what is aborted when it does. */
  task: { readonly ended: boolean; readonly over: AbortSignal };
  /** Resolves once the pipe has taken the frame. */
  send(frame: Uint8Array): Promise<void>;
}

/** Answers what one run or request asks of the agent: its attachments and its capabilities. */
export class Lender {
  readonly #options: LenderOptions;
  #waiting = 0;

  constructor(options: LenderOptions) {
    this.#options = options;
  }

  /**
   * Answers one call. It waits until the pipe has its answer: who asks and does not read gets no
   * more. Who asks too fast is answered later; who lets too much wait is refused.
   *
   * @throws {RangeError} for a call that the honest worker never makes
   */
  answer(call: ScriptCall): void {
    const { bounds, meter, pace } = this.#options;
    if (this.#waiting >= bounds.waiting) {
      throw new RangeError(`more than ${bounds.waiting} calls at once`);
    }
    const { bytes } = call;
    const held = pace.hold(bytes);
    const work = !held
      ? refuse
      : call.method === "attachment.read"
      ? this.#read(call)
      : this.#ask(call);
    this.#waiting++;
    meter.call(1, call.body.length);
    this.#reply(call, work).finally(() => {
      this.#waiting--;
      if (held) pace.letGo(bytes);
    });
  }

  async #reply({ id, method, body }: ScriptCall, work: () => Promise<Answered>): Promise<void> {
    const { meter, pace, task, send } = this.#options;
    const asked = body.length;
    let answered: Answered;
    try {
      answered = await work();
    } catch (error) {
      answered = { frame: refusalFrame(id, error, `Cannot answer ${method}`), bodyBytes: 0 };
    }
    const { frame, bodyBytes } = answered;
    if (task.ended) return void send(goneFrame(id));
    meter.call(0, frame.length);
    const ms = pace.take(1, asked + bodyBytes + JSON_WEIGHT * (frame.length - bodyBytes));
    if (ms > 0) await pause(ms, task.over);
    await send(frame);
  }

  #read({ id, params }: ScriptCall): () => Promise<Answered> {
    const { attachments, bounds } = this.#options;
    const { index, offset, length } = Object(params) as Record<string, unknown>;
    const source = isCount(index) ? attachments[index] : undefined;
    if (source === undefined) throw new RangeError("a read of an attachment that does not exist");
    const inside = isCount(offset) && isCount(length) && length <= bounds.chunkBytes &&
      offset + length <= source.length;
    if (!inside) throw new RangeError("a read outside an attachment");
    return async () => {
      try {
        return framed(id, { body: await source.read(offset, length) });
      } catch {
        // What failed on the agent's disk is not the script's to know.
        const frame = refusalFrame(id, undefined, `Cannot read attachment "${source.name}"`);
        return { frame, bodyBytes: 0 };
      }
    };
  }

  #ask({ id, method, params, body }: ScriptCall): () => Promise<Answered> {
    const { capabilities, task, bounds, unread } = this.#options;
    if (!capabilities) throw new RangeError("a call of a method that does not exist");
    const own = body.slice();
    return async () => {
      const answer = await capabilities.call(method, params, own, task.over, unread);
      if ((answer.body?.length ?? 0) > bounds.chunkBytes) {
        throw new RangeError(`the answer to ${method} is too long`);
      }
      return framed(id, answer);
    };
  }
}

function refuse(): never {
  const message = "Cannot take the call as too much waits to be answered";
  throw new CapabilityError("unavailable", message);
}

interface Answered {
  readonly frame: Uint8Array;
  /** What of the frame is no JSON. */
  readonly bodyBytes: number;
}

/** The frame has a copy of the body. */
function framed(id: number, answer: CapabilityAnswer): Answered {
  const frame = replyFrame(id, answer);
  const bodyBytes = answer.body?.length ?? 0;
  if (answer.body) release(answer.body);
  return { frame, bodyBytes };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

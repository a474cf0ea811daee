import type { Outcome } from "../core/outcome.ts";
import { type CallBounds, type CapabilityAnswer, CapabilityError } from "./capability_host.ts";
import { type CellFetch, type CellResponse, FetchFailed, type FetchLimits } from "./cell_fetch.ts";
import type { ScriptCall } from "./cell_message.ts";
import { encodeFrame, TO_CELL } from "./frame.ts";
import type { PartName } from "./harness/source.ts";
import type { Lender } from "./lender.ts";
import type { Meter } from "./meter.ts";
import { PacedStream } from "./paced_stream.ts";
import { goneFrame, replyFrame } from "./reply.ts";
import { RequestBody } from "./request_body.ts";
import { readHead, type ResponseHead } from "./response_head.ts";
import type { RunReport } from "./run_request.ts";
import { SocketEnd } from "./socket_end.ts";
import { Task, type TaskHome } from "./task.ts";

/** A body up to this goes with the request's frame. */
const INLINE_BYTES = 65_536;
/** A `Request` of these takes none. */
const WITHOUT_BODY = new Set(["GET", "HEAD"]);
const NOTHING = new Uint8Array(0);

/** One request to a script's `fetch`. */
export class FetchTask extends Task {
  /** Rejects with {@linkcode FetchFailed} when the request ends before the script answers. */
  readonly response: Promise<CellResponse>;
  readonly #request: CellFetch;
  readonly #limits: FetchLimits;
  readonly #lender: Lender;
  readonly #inline: Uint8Array;
  readonly #requestBody: RequestBody | undefined;
  #answer!: (response: CellResponse) => void;
  #refuse!: (error: FetchFailed) => void;
  #headed = false;
  #body: PacedStream<Uint8Array> | undefined;
  #socket: SocketEnd | undefined;
  #reading = false;

  constructor(
    id: number,
    home: TaskHome,
    meter: Meter,
    request: CellFetch,
    limits: FetchLimits,
    bounds: CallBounds,
  ) {
    const { wallMs, idleMs, bodyBytes } = limits;
    super(id, home, meter, request, { wallMs, idleMs });
    this.#request = request;
    this.#limits = limits;
    const { method, capabilities } = request;
    const body = WITHOUT_BODY.has(method) ? null : request.body;
    const inline = body instanceof Uint8Array && body.length <= Math.min(INLINE_BYTES, bodyBytes);
    this.#inline = inline ? body : (body && request.first) ?? NOTHING;
    if (body && !inline) {
      const { length } = this.#inline;
      this.#requestBody = new RequestBody(body, bodyBytes, bounds.chunkBytes, length);
    }
    const unread = this.#requestBody && { next: () => this.#take() };
    this.#lender = home.lender({ attachments: [], capabilities, unread, meter, task: this });
    this.response = new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#refuse = reject;
    });
  }

  override get parts(): PartName[] {
    return [...super.parts, "fetch", ...(this.#request.upgrade ? ["socket"] as const : [])];
  }

  override frame(): Uint8Array {
    const { method, url, headers, caller, upgrade = false } = this.#request;
    const { capabilities, facts = this.home.facts } = this.#request;
    const head = JSON.stringify({
      method,
      url,
      headers,
      caller,
      upgrade,
      body: this.#requestBody ? "stream" : "inline",
      attachments: [],
      facts: { ...facts, run: null },
      offered: capabilities?.offered ?? {},
    });
    return encodeFrame(TO_CELL.FETCH, `${this.id}\n${head}\n`, this.#inline);
  }

  override call(call: ScriptCall): void {
    switch (call.method) {
      case "request.read":
        return this.#read(call);
      case "response.head":
        return this.#head(call);
      case "response.write":
        return this.#write(call);
      case "socket.read":
      case "socket.write":
      case "socket.close":
        this.#move(call.body);
        return this.#opened().call(call);
      default:
        return this.#lender.answer(call);
    }
  }

  /** The script has written its last byte. */
  override answered(): Outcome {
    if (this.#headed) return { outcome: "ok", result: null };
    throw new RangeError("a request that ended without a response");
  }

  protected override close(report: RunReport): void {
    const { outcome } = report.outcome;
    const failed = new FetchFailed(report);
    this.#requestBody?.cancel("the request is over");
    if (!this.#headed) this.#refuse(failed);
    else if (outcome === "ok") this.#body?.close();
    else this.#body?.error(failed);
    this.#socket?.end();
  }

  #read({ id }: ScriptCall): void {
    if (!this.#requestBody || this.#reading) {
      throw new RangeError("a read of a body that is not there");
    }
    this.#next(this.#requestBody).then(
      (piece) => this.#reply(id, piece ? { body: piece } : { value: { end: true } }),
      () => this.home.send(goneFrame(id)),
    );
  }

  /** A capability takes what the script has not read; none of it goes through the cell. */
  async #take(): Promise<Uint8Array | undefined> {
    const gone = "Cannot take the rest of the body as";
    if (this.#reading) throw new CapabilityError("invalid", `${gone} it is being read`);
    try {
      const piece = await this.#next(this.#requestBody!);
      // A body that is cancelled looks as if it had come to its end.
      if (!this.ended) return this.#counted(piece);
    } catch {
      // who is gone needs no reason
    }
    throw new CapabilityError("unavailable", `${gone} it did not come to its end`);
  }

  async #next(body: RequestBody): Promise<Uint8Array | undefined> {
    this.#reading = true;
    try {
      return await body.next();
    } catch (error) {
      this.cancel(error instanceof RangeError ? error.message : "the client is gone");
      throw error;
    } finally {
      this.#reading = false;
    }
  }

  #counted(piece: Uint8Array | undefined): Uint8Array | undefined {
    this.moved();
    this.meter.call(0, piece?.length ?? 0);
    return piece;
  }

  #head({ params, body: bytes }: ScriptCall): void {
    if (this.#headed) throw new RangeError("a response that was begun before");
    this.#move(bytes);
    const { upgrade = false } = this.#request;
    const head = readHead(params, upgrade);
    if (head.bytes > this.#limits.headerBytes) {
      const limitBytes = this.#limits.headerBytes;
      return this.end({ outcome: "output", detail: { limitBytes } }, false);
    }
    this.#headed = true;
    const { status, headers } = head;
    if (status === 101) {
      this.#socket = new SocketEnd((frame) => this.home.send(frame), () => this.#move());
      this.rest();
      const socket = this.#socket.socket;
      return this.#answer({ status, headers, body: null, socket, report: this.report });
    }
    const body = this.#bodyOf(head.body, bytes);
    this.#answer({ status, headers, body, report: this.report });
  }

  #bodyOf(kind: ResponseHead["body"], whole: Uint8Array): ReadableStream<Uint8Array> | null {
    if (kind === "none") return null;
    if (kind === "whole") return streamOf(whole.slice());
    this.#body = new PacedStream(() => this.cancel("the client is gone"));
    return this.#body.readable;
  }

  #write({ id, body }: ScriptCall): void {
    if (!this.#body || this.#body.waiting) throw new RangeError("a piece out of its turn");
    this.#move(body);
    this.#body.write(body.slice()).then(() => this.#reply(id, {}));
  }

  /** Who made a call is told as well when it is over: the script would wait for ever. */
  #reply(id: number, answer: CapabilityAnswer): void {
    if (this.ended) return void this.home.send(goneFrame(id));
    this.#move(answer.body);
    this.home.send(replyFrame(id, answer));
  }

  #opened(): SocketEnd {
    if (this.#socket) return this.#socket;
    throw new RangeError("a call of a socket that was not opened");
  }

  #move(bytes: Uint8Array = NOTHING): void {
    this.moved();
    this.meter.call(1, bytes.length);
  }
}

function streamOf(whole: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (whole.length > 0) controller.enqueue(whole);
      controller.close();
    },
  });
}

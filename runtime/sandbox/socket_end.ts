import type { CellSocket, SocketClose } from "./cell_fetch.ts";
import type { ScriptCall } from "./cell_message.ts";
import { PacedStream } from "./paced_stream.ts";
import { goneFrame, replyFrame } from "./reply.ts";

/** Told to whoever is left when the other went without a word (RFC 6455, "Reserved Status Code Ranges"). */
const GONE: SocketClose = { code: 1006, reason: "" };
/** Most bytes of UTF-8 that a reason may have (RFC 6455, "Control Frames"). */
const REASON_BYTES = 123;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The agent's end of a script's WebSocket: calls on one side, streams on the other. */
export class SocketEnd {
  readonly socket: CellSocket;
  readonly #send: (frame: Uint8Array) => Promise<void>;
  readonly #moved: () => void;
  readonly #fromScript: PacedStream<string | Uint8Array>;
  #closed!: (close: SocketClose) => void;
  /** The script's read that waits for a message. */
  #read: number | undefined;
  /** A message that waits for the script's read, with who waits for it to be taken. */
  #message: { data: string | Uint8Array; taken: () => void } | undefined;
  #byClient: SocketClose | undefined;
  #over = false;

  /**
   * @param send Resolves once the pipe has taken the frame.
   * @param moved Called when a message from the client goes to the script.
   */
  constructor(send: (frame: Uint8Array) => Promise<void>, moved: () => void) {
    this.#send = send;
    this.#moved = moved;
    this.#fromScript = new PacedStream(() => this.#close(GONE));
    const closed = new Promise<SocketClose>((resolve) => this.#closed = resolve);
    const writable = new WritableStream<string | Uint8Array>({
      write: (data) => this.#fromClient(data),
      close: () => this.#close({ code: 1000, reason: "" }),
      abort: () => this.#close(GONE),
    });
    const { readable } = this.#fromScript;
    this.socket = { readable, writable, closed, close: (close) => this.#close(close) };
  }

  /** @throws {RangeError} for a call that the honest worker never makes */
  call({ id, method, params, body }: ScriptCall): void {
    const { text, code, reason } = Object(params) as Record<string, unknown>;
    switch (method) {
      case "socket.read":
        if (this.#read !== undefined) throw new RangeError("two reads of a socket at once");
        this.#read = id;
        return this.#deliver();
      case "socket.write": {
        if (this.#fromScript.waiting) throw new RangeError("a message out of its turn");
        const data = text === true ? decoder.decode(body) : body.slice();
        this.#fromScript.write(data)
          .then(() => this.#send(this.#over ? goneFrame(id) : replyFrame(id, {})));
        return;
      }
      case "socket.close":
        return this.#byScript(closeOf(code, reason));
    }
  }

  /** The request is over, whoever ended it. */
  end(): void {
    this.#over = true;
    this.#byScript(GONE);
    if (this.#read !== undefined) this.#send(goneFrame(this.#read));
    this.#message?.taken();
    this.#message = undefined;
  }

  #byScript(close: SocketClose): void {
    this.#closed(close);
    this.#fromScript.close();
  }

  #close(close: SocketClose): void {
    this.#byClient ??= close;
    this.#deliver();
  }

  /** A message waits until the script has read it: the client is held up by the script's pace. */
  #fromClient(data: string | Uint8Array): Promise<void> {
    if (this.#over || this.#byClient) return Promise.resolve();
    return new Promise((taken) => {
      this.#message = { data, taken };
      this.#deliver();
    });
  }

  #deliver(): void {
    const id = this.#read;
    if (id === undefined || this.#over) return;
    const message = this.#message;
    if (message) {
      this.#message = undefined;
      const text = typeof message.data === "string";
      const body = text ? encoder.encode(message.data as string) : message.data as Uint8Array;
      this.#reply(id, { value: { text }, body });
      return message.taken();
    }
    if (this.#byClient) this.#reply(id, { value: { close: this.#byClient } });
  }

  #reply(id: number, answer: Parameters<typeof replyFrame>[1]): void {
    this.#read = undefined;
    this.#moved();
    this.#send(replyFrame(id, answer));
  }
}

/** What a WebSocket can be closed with, made of what a script says. */
function closeOf(code: unknown, reason: unknown): SocketClose {
  const text = typeof reason === "string" ? reason : "";
  const short = encoder.encode(text).length <= REASON_BYTES ? text : "";
  const own = typeof code === "number" && (code === 1000 || (code >= 3000 && code <= 4999));
  return { code: own ? code : 1000, reason: own ? short : "" };
}
